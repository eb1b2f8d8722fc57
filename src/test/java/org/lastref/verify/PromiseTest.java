package org.lastref.verify;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.lastref.Recorded;
import org.lastref.offline.TraceHeaders;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.lastref.trace.TraceReader;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The promise is judged without a model: by what is reported, given back and logged. */
public class PromiseTest {

  /** Of a long trace not each put is left out in turn. */
  private static final int EACH = 29;

  private static final Recorded LEAK = new Recorded("pair", Recorded.LEAKING);
  private static final Recorded CLEAN = new Recorded("pair", Recorded.WAITED);

  private static Verdict promise(Recorded recorded, Trace trace) {
    return Verifier.judge(recorded.removal().promise(), trace);
  }

  @DataProvider
  public Object[][] recorded() {
    return Recorded.all().stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  /** A known policy that leaks is told by its reports alone: late, but all is given back. */
  @Test(dataProvider = "recorded")
  public void isBrokenByTheReportsOfAKnownPolicyAndByNothingElse(Recorded recorded) {
    Verdict promise = promise(recorded, recorded.trace());
    assertEquals(promise.findings(), List.of());
    assertEquals(promise.leaked(), Verifier.judge(recorded.exercise(), recorded.trace()).leaked());
    assertEquals(Promise.kept(promise), promise.leaked().isEmpty());
  }

  @Test
  public void isBrokenByEachReferenceThatIsNotGivenBack() {
    List<Event> events = CLEAN.trace().events();
    int puts = 0;
    for (int at = 0; at < events.size(); at++) {
      if (events.get(at) instanceof Reference put && put.direction() == Direction.PUT) {
        List<Event> without = new ArrayList<>(events);
        without.remove(at);
        Verdict promise = promise(CLEAN, new Trace("cut", without));
        assertFalse(Promise.kept(promise), put.describe());
        assertEquals(promise.findings().get(0).type(), Finding.Type.BALANCE);
        puts++;
      }
    }
    assertTrue(puts > 20, "" + puts);
  }

  /** Of an overlay that the model does not know whole, with class devices and graphs. */
  @Test
  public void isBrokenSoWithoutAModelToo() {
    Path file = Path.of("src/test/resources/traces/applied/graph-bridge.trace.gz");
    StoredTrace stored = StoredTrace.read(file);
    Exercise promise =
        TraceHeaders.removal(Objects.requireNonNull(stored.header()), file).promise();
    List<Event> events = stored.trace().events();
    int puts = 0;
    for (int at = 0; at < events.size(); at++) {
      if (events.get(at) instanceof Reference put && put.direction() == Direction.PUT) {
        List<Event> without = Edit.replaced(events, at, 1, List.of());
        Trace cut = new Trace("cut", stored.trace().watching(), without);
        puts++;
        if (puts % EACH == 0) {
          assertFalse(Promise.kept(Verifier.judge(promise, cut)), put.describe());
        }
      }
    }
    assertTrue(puts > 10 * EACH, "" + puts);
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
    assertFalse(Promise.kept(promise(CLEAN, new Trace("twice", events))));
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
    List<Finding> broken = promise(LEAK, TraceReader.read(edited, "edited")).findings();
    assertTrue(broken.stream().anyMatch(each -> each.type() == type), "" + broken);
  }

  /** Whoever lets go of a link, under whatever name. */
  @Test
  public void doesNotDependOnWhoGivesBack() {
    String renamed = CLEAN.text().replace("device_link_free", "my_own_link_release");
    assertTrue(Promise.kept(promise(CLEAN, TraceReader.read(renamed, "renamed"))));
  }
}
