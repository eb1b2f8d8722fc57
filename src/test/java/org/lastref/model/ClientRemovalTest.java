package org.lastref.model;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.lastref.machine.Engine;
import org.lastref.machine.Exploration;
import org.lastref.machine.Explorer;
import org.lastref.machine.Label;
import org.lastref.machine.Machine;
import org.lastref.model.AppliedOverlay.Change;
import org.lastref.model.AppliedOverlay.ChangedNode;
import org.lastref.model.AppliedOverlay.Device;
import org.lastref.model.AppliedOverlay.Kind;
import org.lastref.model.AppliedOverlay.Link;
import org.lastref.model.AppliedOverlay.NodeHold;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The removal of what is below an adapter or a bus, by the functions of the bus that it is on. */
public class ClientRemovalTest {

  private static final Policy AT_ONCE =
      new Policy(Release.DEDICATED_WQ, Fix.FLAG_OVERLAY, Grace.ANY);
  private static final String CHIP = "/bus/chip";

  @DataProvider
  public Object[][] buses() {
    return new Object[][] {
      {Bus.I2C, "i2c_unregister_device", "device_unregister"},
      {Bus.SPI, "spi_unregister_device", "spi_unregister_device"},
    };
  }

  private static AppliedOverlay chip(Bus bus) {
    return new AppliedOverlay(
        List.of(new ChangedNode("/bus", 1, Change.ADDED), new ChangedNode(CHIP, 1, Change.ADDED)),
        List.of(
            new Device(Bus.PLATFORM, "bus", "/bus", true, "", false, List.of()),
            new Device(
                bus,
                "chip",
                CHIP,
                true,
                "",
                false,
                List.of(
                    new NodeHold(CHIP, "of_clk_add_hw_provider", "of_clk_del_provider", false)))),
        List.of(new Link(Bus.PLATFORM, "bus", bus, "chip", Kind.INFERRED)),
        List.of(),
        List.of());
  }

  /** The steps of a machine that can go one way only. */
  private static List<String> steps(Machine machine) {
    Engine engine = new Engine(machine);
    long[] state = engine.initial();
    long[] next = new long[engine.words() * engine.maxSteps()];
    int[] numbers = new int[engine.maxSteps()];
    List<String> steps = new ArrayList<>();
    while (true) {
      int ways = engine.expand(state, 0, next, numbers);
      if (ways == 0) {
        return steps;
      }
      assertEquals(ways, 1, "after " + steps);
      Label label = engine.step(numbers[0]).step().label();
      if (label != null) {
        steps.add(label.act().words() + " " + label.object() + " by " + label.doer());
      }
      System.arraycopy(next, 0, state, 0, state.length);
    }
  }

  private static Exploration searched(Machine machine) {
    return Explorer.search(machine, 64 << 20, (states, open) -> {});
  }

  /** The node first, then the driver's, the links', and the device at last. */
  @Test(dataProvider = "buses")
  public void whoUnregistersAChipReturnsItsNodeFirst(Bus bus, String putsNode, String putsDevice) {
    List<String> steps = steps(Removal.of(chip(bus), AT_ONCE, Situation.REMOVE));
    assertEquals(
        steps.subList(0, 8),
        List.of(
            "detach node /bus/chip by the remover",
            "detach node /bus by the remover",
            "device puts node /bus/chip by the remover",
            "driver puts node /bus/chip by the remover",
            "release link platform:bus--" + bus + ":chip by the remover",
            "link puts device chip by the remover",
            "link puts device bus by the remover",
            "remover puts device chip by the remover"));
    assertEquals(bus.putsNode().shown().size(), 1);
    assertEquals(bus.nodePut(), putsNode);
    assertEquals(bus.putsDevice().call(), putsDevice);
  }

  /** One of the platform's does it last. */
  @Test
  public void aPlatformDeviceReturnsItsNodeWhenItIsReleased() {
    List<String> steps = steps(Removal.of(chip(Bus.PLATFORM), AT_ONCE, Situation.REMOVE));
    assertTrue(
        steps.indexOf("device puts node /bus/chip by the remover")
            > steps.indexOf("remover puts device chip by the remover"),
        "" + steps);
  }

  /** An adapter that loses its driver takes what is below it with it, which is gone then. */
  @Test(dataProvider = "buses")
  public void anAdapterThatIsUnboundUnregistersItsChips(
      Bus bus, String putsNode, String putsDevice) {
    AppliedOverlay chip = chip(bus);
    Device free = chip.devices().get(1);
    AppliedOverlay unbound =
        new AppliedOverlay(
            chip.nodes(),
            List.of(
                chip.devices().get(0),
                new Device(bus, free.name(), CHIP, false, "", false, List.of())),
            List.of(),
            List.of(),
            List.of());
    assertEquals(
        steps(Removal.of(unbound, AT_ONCE, Situation.UNBIND)).subList(0, 4),
        List.of(
            "device puts node /bus/chip by the unbinding task",
            "remover puts device chip by the unbinding task",
            "detach node /bus/chip by the remover",
            "detach node /bus by the remover"));
  }

  /** Whatever the kernel does: nobody is stuck, and what is waited for leaks nothing. */
  @Test(dataProvider = "buses")
  public void endsUnderEveryPolicy(Bus bus, String putsNode, String putsDevice) {
    for (Policy policy : Policy.all()) {
      for (Situation situation : List.of(Situation.REMOVE, Situation.UNBIND)) {
        for (Policy each : List.of(policy, policy.withDelayedRelease())) {
          Exploration found = searched(Removal.of(chip(bus), each, situation));
          assertTrue(found.outcomes().stream().allMatch(end -> end.stuck().isEmpty()), "" + each);
        }
      }
    }
  }

  /** The device's release holds no node, so that the node is not reported for being late. */
  @Test(dataProvider = "buses")
  public void aLateReleaseOfAChipReportsNoNode(Bus bus, String putsNode, String putsDevice) {
    AppliedOverlay alone =
        new AppliedOverlay(
            List.of(new ChangedNode(CHIP, 1, Change.ADDED)),
            List.of(new Device(bus, "chip", CHIP, true, "", false, List.of())),
            List.of(),
            List.of(),
            List.of());
    assertTrue(
        searched(Removal.of(alone, AT_ONCE.withDelayedRelease(), Situation.REMOVE))
            .outcomes()
            .stream()
            .allMatch(end -> end.reported().isEmpty()));
  }

  private static final String PART = "/bus/part";

  /** A bus of the base tree that is switched on, and what is below it there. */
  private static AppliedOverlay switched(Change status, List<Link> links) {
    return new AppliedOverlay(
        List.of(new ChangedNode("/bus", 1, status), new ChangedNode("/bus", 1, Change.PROPERTIES)),
        List.of(
            new Device(Bus.PLATFORM, "bus", "/bus", true, "", false, List.of()),
            new Device(Bus.PLATFORM, "part", PART, false, "", false, List.of())),
        links,
        List.of(),
        List.of());
  }

  /** {@code of_platform_device_destroy()}, drivers/of/platform.c. */
  @Test
  public void whatIsBelowABusThatIsSwitchedOffAgainGoesBeforeIt() {
    Machine machine =
        Removal.of(switched(Change.SWITCHED_ON, List.of()), AT_ONCE, Situation.REMOVE);
    assertEquals(
        steps(machine).subList(0, 4),
        List.of(
            "remover puts device part by the remover",
            "device puts node /bus/part by the remover",
            "remover puts device bus by the remover",
            "device puts node /bus by the remover"));
  }

  /** What a fix does for nodes of overlays it does not do for those of the base tree. */
  @Test
  public void aLinkOfTheBaseTreeLetsGoAsIfThereWereNoFix() {
    for (boolean ofBase : List.of(true, false)) {
      Link link = new Link("soc", "bus").of(ofBase ? Set.of() : Set.of("bus"));
      Machine machine =
          Removal.of(switched(Change.SWITCHED_ON, List.of(link)), AT_ONCE, Situation.REMOVE);
      boolean later =
          machine.agents().stream()
              .flatMap(agent -> agent.steps().stream())
              .anyMatch(step -> step.label() != null && step.label().doer().equals(Doers.WORK));
      assertEquals(later, ofBase);
    }
  }

  @Test
  public void aNodeThatIsOnlyChangedKeepsItsDevice() {
    assertEquals(
        steps(Removal.of(switched(Change.PROPERTIES, List.of()), AT_ONCE, Situation.REMOVE)),
        List.of(
            "changeset puts node /bus by the remover", "changeset puts node /bus by the remover"));
  }
}
