package org.lastref.verify;

import static org.testng.Assert.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.lastref.model.AppliedOverlay;
import org.lastref.offline.TraceHeaders;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.testng.annotations.Test;

/** The device links of an overlay as a kernel showed them. */
public class LinkedTest {

  private static final Path FOLDER = Path.of("src/test/resources/traces/field");

  private static StoredTrace stored(String name) {
    return StoredTrace.read(FOLDER.resolve(name + ".trace.gz"));
  }

  private static List<Linked> linked(StoredTrace stored, Trace trace) {
    Map<String, AppliedOverlay> expected =
        TraceHeaders.removal(Objects.requireNonNull(stored.header()), FOLDER).applied();
    return Linked.of(ObservedOverlays.of(trace, expected), expected);
  }

  /** The regulator's consumer makes the second by itself: drivers/regulator/core.c. */
  @Test
  public void haveFlagsAndAStateAndAreExpectedOrNot() {
    StoredTrace bridge = stored("graph-bridge-flags");
    assertEquals(
        linked(bridge, bridge.trace()),
        List.of(
            new Linked(
                "platform:lr-vdd--platform:lr-dac",
                List.of("autoprobe_consumer", "inferred"),
                "active",
                true,
                true),
            new Linked(
                "regulator:regulator.2--platform:lr-dac", List.of("stateless"), "", false, true)));
  }

  /** It was recorded before flags were, and its model has no link less. */
  @Test
  public void ofATraceThatDoesNotTellFlagsThereAreNone() {
    StoredTrace diamond = stored("diamond-unbind-1");
    assertEquals(
        linked(diamond, diamond.trace()).stream()
            .filter(each -> !each.flags().isEmpty() || !each.expected() || !each.there())
            .toList(),
        List.of());
  }

  @Test
  public void oneThatIsExpectedAndNotThereIsTold() {
    StoredTrace stored = stored("diamond-unbind-1");
    String gone = linked(stored, stored.trace()).get(0).name();
    List<Event> others =
        stored.trace().events().stream()
            .filter(
                event -> !(event instanceof Reference each && each.subject().name().equals(gone)))
            .toList();
    assertEquals(
        linked(stored, new Trace("changed", stored.trace().watching(), others)).stream()
            .filter(each -> !each.there())
            .toList(),
        List.of(new Linked(gone, List.of(), "", true, false)));
  }
}
