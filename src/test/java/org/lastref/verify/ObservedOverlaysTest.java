package org.lastref.verify;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.AppliedOverlay.Device;
import org.lastref.model.AppliedOverlay.Link;
import org.lastref.model.AppliedOverlay.NodeHold;
import org.lastref.model.Bus;
import org.lastref.offline.TraceHeaders;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Overlays of public bugs as the kernel that has their drivers showed them. */
public class ObservedOverlaysTest {

  private static final Path FOLDER = Path.of("src/test/resources/traces/field");

  private final StoredTrace graph = stored("graph-bridge-1");
  private final StoredTrace clock = stored("clk-provider-stays-1");
  private final StoredTrace diamond = stored("diamond-unbind-1");
  private final StoredTrace switched = stored("switched-on-1");

  private static StoredTrace stored(String name) {
    return StoredTrace.read(FOLDER.resolve(name + ".trace.gz"));
  }

  private static OverlayRemoval expected(StoredTrace stored) {
    return TraceHeaders.removal(Objects.requireNonNull(stored.header()), FOLDER);
  }

  private static ObservedOverlays observed(StoredTrace stored, Trace trace) {
    return ObservedOverlays.of(trace, expected(stored).applied());
  }

  private static AppliedOverlay seen(StoredTrace stored) {
    return observed(stored, stored.trace()).applied().values().iterator().next();
  }

  /** By the model of what a trace shows. */
  private static boolean conforms(StoredTrace stored, List<Event> events) {
    Trace trace = new Trace("changed", stored.trace().watching(), events);
    ObservedOverlays observed = observed(stored, trace);
    Exercise exercise = expected(stored).seen(observed.applied()).exercise();
    return new Verifier(exercise).conforms(observed.trace());
  }

  @Test
  public void aDeviceOfAnyBusIsSeenWithWhatItsDriverTook() {
    Device chip = seen(clock).deviceOf("/lr-i2c/clock-generator@65").orElseThrow();
    assertEquals(chip.bus(), Bus.I2C);
    assertEquals(chip.name(), "0-0065");
    assertTrue(chip.bound());
    assertEquals(
        chip.holds(),
        List.of(new NodeHold(chip.path(), "of_clk_add_hw_provider", "of_clk_del_provider", false)));
  }

  @Test
  public void aLinkToWhatADriverMadeIsSeenThoughNobodyWatchesThat() {
    Link link = seen(clock).links().get(seen(clock).links().size() - 1);
    assertEquals(link.name(), "regulator:regulator.0--i2c:0-0065");
    assertEquals(link.kind(), AppliedOverlay.Kind.DRIVERS);
    assertEquals(link.unwatched(), Set.of("regulator.0"));
  }

  @Test
  public void whereAllIsKnownWhatIsSeenIsWhatIsExpected() {
    Map<String, AppliedOverlay> applied = expected(diamond).applied();
    assertEquals(observed(diamond, diamond.trace()).applied(), applied);
  }

  /** The controller's own, and what is below it: those of the base tree, and the overlay's. */
  @Test
  public void whatComesToTheBaseTreeIsTheOverlaysToo() {
    assertEquals(
        seen(switched).devices().stream().map(Device::path).toList(),
        List.of(
            "/lr-base-gpio",
            "/lr-base-i2c",
            "/lr-base-i2c/gpio@20",
            "/lr-base-i2c/gpio@21",
            "/lr-leds"));
    assertEquals(
        seen(switched).links().stream().map(Link::name).toList(),
        List.of("gpio:gpiochip1--platform:lr-base-i2c"));
  }

  /**
   * {@code fw_devlink_parse_fwnode()}, drivers/base/core.c, reads a node once, and this one stays.
   */
  @Test
  public void aSecondTimeTheBaseTreeGetsNoLink() {
    assertEquals(seen(stored("switched-on-2")).links(), List.of());
  }

  @DataProvider
  Object[][] clean() {
    // In the last one a link has the address of one that went while the overlay was applied.
    return new Object[][] {
      {graph}, {diamond}, {stored("graph-bridge-used-again")}, {switched}, {stored("switched-on-2")}
    };
  }

  @Test(dataProvider = "clean")
  public void theRemovalIsThatOfWhatWasSeen(StoredTrace stored) {
    assertTrue(conforms(stored, stored.trace().events()));
  }

  @Test
  public void ofSomeReferencesItIsSaidThatTheyHaveTheirPlace() {
    References references = observed(graph, graph.trace()).references();
    assertEquals(references.placed(), references.out());
    assertTrue(references.out() > 20, "" + references);
  }

  @DataProvider
  Object[][] changes() {
    List<Object[]> changes = new ArrayList<>();
    for (StoredTrace stored : List.of(graph, diamond, switched)) {
      ObservedOverlays observed = observed(stored, stored.trace());
      int removal = observed.removal();
      List<Event> events = observed.trace().events();
      int found = 0;
      for (int at = removal; at < events.size(); at++) {
        boolean put =
            events.get(at) instanceof Reference each
                && each.direction() == Direction.PUT
                && each.kind().isModelled();
        if (put && found++ % 5 == 0) {
          changes.add(new Object[] {stored, at});
        }
      }
    }
    return changes.toArray(Object[][]::new);
  }

  @Test(dataProvider = "changes")
  public void aPutThatIsMissingIsFound(StoredTrace stored, int put) {
    assertFalse(
        conforms(stored, Edit.replaced(stored.trace().events(), put, 1, List.of())),
        "" + stored.trace().events().get(put));
  }

  /** What a regulator held comes back with its device, which a link's work item releases. */
  @Test
  public void aReferenceThatComesBackBeforeItsDriverIsUnboundIsFound() {
    List<Event> events = new ArrayList<>(graph.trace().events());
    int removal = observed(graph, graph.trace()).removal();
    int put = -1;
    for (int at = removal; at < events.size(); at++) {
      if (events.get(at) instanceof Reference each
          && each.direction() == Direction.PUT
          && each.holder().equals("regulator_dev_release")) {
        put = at;
      }
    }
    assertTrue(put > 0);
    Event early = Edit.moved(events.remove(put), events.get(removal + 1).at());
    events.add(removal + 1, early);
    assertFalse(conforms(graph, events));
  }
}
