package org.lastref.verify;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.lastref.model.AppliedOverlay;
import org.lastref.offline.TraceHeaders;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.lastref.verify.MutatedTraceTest.Mutation;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The same mutants of traces that are judged by what was seen to be applied. */
public class ObservedMutantsTest {

  private static final Path FOLDER = Path.of("src/test/resources/traces/field");

  @DataProvider
  public Object[][] mutations() {
    List<Object[]> mutations = new ArrayList<>();
    for (String name : List.of("graph-bridge-1", "diamond-unbind-1", "switched-on-1")) {
      for (Mutation mutation : Mutation.values()) {
        mutations.add(new Object[] {name, mutation});
      }
    }
    return mutations.toArray(Object[][]::new);
  }

  @Test(dataProvider = "mutations")
  public void isFoundOut(String name, Mutation mutation) {
    StoredTrace stored = StoredTrace.read(FOLDER.resolve(name + ".trace.gz"));
    OverlayRemoval removal = TraceHeaders.removal(Objects.requireNonNull(stored.header()), FOLDER);
    Map<String, AppliedOverlay> expected = removal.applied();
    List<Event> events = stored.trace().events();
    Verifier verifier =
        new Verifier(
            removal.seen(ObservedOverlays.of(stored.trace(), expected).applied()).exercise());
    List<String> survivors = new ArrayList<>();
    int mutants = 0;
    for (int at = 0; at < events.size(); at++) {
      List<Event> changed = mutation.at(events, at).orElse(null);
      if (changed != null && tells(events, at, mutation)) {
        mutants++;
        Trace mutant = new Trace("mutant", stored.trace().watching(), changed);
        if (verifier.conforms(ObservedOverlays.of(mutant, expected).trace())) {
          survivors.add(at + ": " + events.get(at));
        }
      }
    }
    assertTrue(mutants > 0 || mutation == Mutation.SWAPPED);
    assertEquals(survivors, List.of(), survivors.size() + " of " + mutants + " survived");
  }

  /**
   * Whether a mutant says anything: what drivers make, and links, may be there before they are
   * seen, and another may follow at the same address; and who holds them is not known.
   */
  private static boolean tells(List<Event> events, int at, Mutation mutation) {
    if (!(events.get(at) instanceof Reference each) || each.kind().isModelled()) {
      return true;
    }
    boolean inside =
        events.subList(0, at).stream().anyMatch(event -> isOf(event, each))
            && events.subList(at + 1, events.size()).stream().anyMatch(event -> isOf(event, each));
    return inside && mutation != Mutation.RENAMED;
  }

  private static boolean isOf(Event event, Reference other) {
    return event instanceof Reference each && each.object() == other.object();
  }
}
