package org.lastref.model;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lastref.model.AppliedOverlay.Change;
import org.lastref.model.AppliedOverlay.ChangedNode;
import org.lastref.model.AppliedOverlay.Device;
import org.lastref.trace.Chain;
import org.lastref.trace.Event;
import org.lastref.trace.Event.At;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Event.Subject;
import org.lastref.trace.Instruction;
import org.testng.annotations.Test;

/** Devices of an overlay that are on another bus than the platform's. */
public class BusesTest {

  private static final String PATH = "/i2c@0/chip@50";
  private static final AppliedOverlay CHIP =
      new AppliedOverlay(
          List.of(new ChangedNode(PATH, 1, Change.ADDED)),
          List.of(new Device(Bus.I2C, "0-0050", PATH, true, "", false, List.of())),
          List.of(),
          List.of(),
          List.of());

  private static final AppliedOverlay NO_DEVICE =
      new AppliedOverlay(List.of(), List.of(), List.of(), List.of(), List.of());

  private static int steps(AppliedOverlay applied, Kind kind, String name, String holder) {
    Reference put =
        new Reference(
            new At(0, 0, 0, "sh-1"),
            Direction.PUT,
            new Subject(kind, name, 1, "", ""),
            2,
            Chain.of(List.of(holder)));
    List<Event> events = List.of(put, put);
    return Removal.reading(applied, each -> PATH).of(events).size();
  }

  @Test
  public void areTakenDownByTheirBus() {
    assertEquals(steps(CHIP, Kind.NODE, "chip@50", Bus.I2C.nodePut()), 2);
    assertEquals(steps(CHIP, Kind.DEVICE, "0-0050", "device_unregister"), 2);
  }

  /** Who looked a platform device up returns it by the same function as who made it. */
  @Test
  public void ofThePlatformsTheFirstPutIsALookups() {
    AppliedOverlay device =
        new AppliedOverlay(
            CHIP.nodes(),
            List.of(new Device(Bus.PLATFORM, "lr-chip", PATH, true, "", false, List.of())),
            List.of(),
            List.of(),
            List.of());
    assertEquals(steps(device, Kind.DEVICE, "lr-chip", "platform_device_put"), 1);
  }

  /**
   * A client on a controller of the base tree is none of the overlay's, and no step of its removal.
   */
  @Test
  public void ofTheBaseTreeAreNoneOfTheRemovals() {
    assertEquals(steps(NO_DEVICE, Kind.NODE, "chip@50", Bus.I2C.nodePut()), 0);
    assertEquals(steps(NO_DEVICE, Kind.DEVICE, "0-0050", "device_unregister"), 0);
  }

  @Test
  public void anotherBusTakesNothingDown() {
    assertEquals(steps(CHIP, Kind.NODE, "chip@50", Bus.SPI.nodePut()), 0);
    assertEquals(steps(CHIP, Kind.DEVICE, "0-0050", "platform_device_put"), 0);
  }

  @Test
  public void areWaitedForAndUnboundByTheirBus() {
    List<String> steps =
        RemovalScenario.of(Map.of("chip", CHIP), Situation.UNBIND, false).instructions().stream()
            .map(Instruction::step)
            .toList();
    assertTrue(steps.contains("bound=i2c/0-0050"), "" + steps);
    assertTrue(steps.contains("unbind=i2c/0-0050"), "" + steps);
  }

  @Test
  public void areNeitherWaitedForNorUnboundIfNoDriverIsExpected() {
    String path = CHIP.devices().get(0).path();
    List<String> steps =
        RemovalScenario.of(Map.of("chip", CHIP), Situation.UNBIND, false, List.of(), Set.of(path))
            .steps();
    assertEquals(
        steps,
        List.of("apply=chip", "probed=devices", "settle=links", "remove=chip", "settle=links"));
  }

  @Test
  public void modulesOfTheUsersAreThereAsLongAsTheOverlayIs() {
    List<String> steps =
        RemovalScenario.of(
                Map.of("chip", CHIP), Situation.REMOVE, false, List.of("a", "b"), Set.of())
            .steps();
    assertEquals(steps.subList(0, 3), List.of("load=a", "load=b", "apply=chip"));
    assertEquals(steps.subList(steps.size() - 2, steps.size()), List.of("unload=b", "unload=a"));
  }
}
