package org.lastref.verify;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.lastref.Recorded;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Trace;
import org.lastref.trace.TraceReader;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The promise is judged without a model: by what is reported, given back and logged. */
public class PromiseTest {

  private static final Recorded LEAK = new Recorded("pair", Recorded.LEAKING);
  private static final Recorded CLEAN = new Recorded("pair", Recorded.WAITED);

  @DataProvider
  public Object[][] recorded() {
    return Recorded.all().stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  /** A known policy that leaks is told by its reports alone: late, but all is given back. */
  @Test(dataProvider = "recorded")
  public void isBrokenByTheReportsOfAKnownPolicyAndByNothingElse(Recorded recorded) {
    Promise promise = Promise.of(recorded.scenario(), recorded.trace());
    assertEquals(promise.broken(), List.of());
    assertEquals(
        promise.reported(), Verifier.judge(recorded.scenario(), recorded.trace()).leaked());
    assertEquals(promise.kept(), promise.reported().isEmpty());
  }

  @Test
  public void isBrokenByEachReferenceThatIsNotGivenBack() {
    List<Event> events = CLEAN.trace().events();
    int puts = 0;
    for (int at = 0; at < events.size(); at++) {
      if (events.get(at) instanceof Reference put && put.direction() == Direction.PUT) {
        List<Event> without = new ArrayList<>(events);
        without.remove(at);
        Promise promise = Promise.of(CLEAN.scenario(), new Trace("cut", without));
        assertFalse(promise.kept(), put.describe());
        assertEquals(promise.broken().get(0).type(), Finding.Type.BALANCE);
        puts++;
      }
    }
    assertTrue(puts > 20, "" + puts);
  }

  @Test
  public void isBrokenByAPutOfWhatIsGone() {
    List<Event> events = new ArrayList<>(CLEAN.trace().events());
    Reference last =
        events.stream()
            .filter(Reference.class::isInstance)
            .map(Reference.class::cast)
            .reduce((first, second) -> second)
            .orElseThrow();
    events.add(Edit.with(last, Direction.PUT, "somebody", 0));
    assertFalse(Promise.of(CLEAN.scenario(), new Trace("twice", events)).kept());
  }

  @DataProvider
  public Object[][] edits() {
    return new Object[][] {
      {"end remove=pair removed", "end remove=pair refused No such device", Finding.Type.RESULT},
      {"end settle=links settled", "end settle=links pending", Finding.Type.RESULT},
      {
        "console: OF: ERROR: memory leak before free overlay changeset,  /lr-osc",
        "console: WARNING: CPU: 0 PID: 1 at lib/refcount.c",
        Finding.Type.LOG
      },
    };
  }

  @Test(dataProvider = "edits")
  public void isBrokenByWorse(String seen, String instead, Finding.Type type) {
    String edited = LEAK.text().replace(seen, instead);
    List<Finding> broken = Promise.of(LEAK.scenario(), TraceReader.read(edited, "edited")).broken();
    assertTrue(broken.stream().anyMatch(each -> each.type() == type), "" + broken);
  }

  /** Whoever lets go of a link, under whatever name. */
  @Test
  public void doesNotDependOnWhoGivesBack() {
    String renamed = CLEAN.text().replace("device_link_free", "my_own_link_release");
    assertTrue(Promise.of(CLEAN.scenario(), TraceReader.read(renamed, "renamed")).kept());
  }
}
