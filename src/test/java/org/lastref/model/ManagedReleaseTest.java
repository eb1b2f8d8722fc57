package org.lastref.model;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.lastref.machine.Act;
import org.lastref.machine.Exploration;
import org.lastref.machine.Explorer;
import org.lastref.machine.Label;
import org.lastref.machine.Machine;
import org.lastref.machine.Outcome;
import org.lastref.model.ManagedRelease.Client;
import org.lastref.model.ManagedRelease.Order;
import org.lastref.model.ManagedRelease.Resource;
import org.lastref.model.ManagedRelease.Way;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** In which order a device's resources are released, and what that breaks. */
public class ManagedReleaseTest {

  private static final List<Resource> RESOURCES = List.of(Resource.values());

  /** Every bus, order and ending, also those that no kernel here has. */
  static List<Machine> all() {
    List<Machine> machines = new ArrayList<>();
    for (Bus bus : Bus.ALL) {
      for (Order order : Order.values()) {
        for (boolean fails : new boolean[] {false, true}) {
          for (List<Resource> resources : List.of(RESOURCES, List.<Resource>of())) {
            machines.add(
                ManagedRelease.of(
                        new Client(bus, "dev", resources, order, way(fails)), Kernel.LINUX_6_1)
                    .machine());
          }
        }
      }
    }
    return machines;
  }

  private static Way way(boolean fails) {
    return fails ? Way.FAIL : Way.REMOVE;
  }

  private static Exploration explored(Client client, Order order) {
    Client of = new Client(client.bus(), client.name(), client.resources(), order, client.way());
    return Explorer.search(
        ManagedRelease.of(of, Kernel.LINUX_6_1).machine(), 1 << 20, (states, open) -> {});
  }

  private static Outcome outcome(Exploration explored) {
    assertTrue(explored.complete());
    assertEquals(explored.outcomes().size(), 1);
    return explored.outcomes().first();
  }

  private static List<Label> shown(Exploration explored) {
    return explored.way(outcome(explored)).stream()
        .map(taken -> taken.step().label())
        .filter(label -> label != null)
        .toList();
  }

  @DataProvider
  public Object[][] clients() {
    return Bus.ALL.stream()
        .flatMap(
            bus ->
                List.of(false, true).stream()
                    .map(
                        fails ->
                            new Object[] {
                              new Client(bus, "dev", RESOURCES, Order.NONE, way(fails))
                            }))
        .toArray(Object[][]::new);
  }

  @Test(dataProvider = "clients")
  public void everythingIsLateWhereTheBusSeesToNothing(Client client) {
    assertEquals(
        outcome(explored(client, Order.NONE)).broken(),
        Set.of(
            "dev devm_kzalloc_release is released after dev_pm_domain_detach()",
            "dev devm_irq_desc_release is released after dev_pm_domain_detach()",
            "dev devm_irq_release is released after dev_pm_domain_detach()",
            "dev devm_clk_release is released after dev_pm_domain_detach()",
            "dev devm_regulator_release is released after dev_pm_domain_detach()",
            "dev devm_action_release is released after dev_pm_domain_detach()",
            "dev is used after its PM domain was detached"));
  }

  @Test(dataProvider = "clients")
  public void nothingIsLateWithAGroupOrAnAction(Client client) {
    assertTrue(explored(client, Order.GROUP).alwaysClean());
    assertTrue(explored(client, Order.ACTION).alwaysClean());
  }

  @Test
  public void aChipIsUsedLateOnlyIfItIsDisabledByARelease() {
    Client client = new Client(Bus.SPI, "dev", List.of(Resource.CLK), Order.NONE, Way.REMOVE);
    assertEquals(
        outcome(explored(client, Order.NONE)).broken(),
        Set.of("dev devm_clk_release is released after dev_pm_domain_detach()"));
    Client nothing = new Client(Bus.SPI, "dev", List.of(), Order.NONE, Way.REMOVE);
    assertTrue(explored(nothing, Order.NONE).alwaysClean());
  }

  /** Whatever the order, all that was added is released once, the last added first. */
  @Test(dataProvider = "clients")
  public void theLastAddedIsReleasedFirst(Client client) {
    for (Order order : Order.values()) {
      List<Label> shown = shown(explored(client, order));
      List<String> added = objects(shown, ManagedRelease.ADDS_RESOURCE);
      List<String> released = new ArrayList<>(objects(shown, ManagedRelease.RELEASES_RESOURCE));
      if (order == Order.GROUP) {
        assertEquals(released.remove(0), added.get(0), "the group itself goes first");
        added = added.subList(1, added.size());
      }
      Collections.reverse(released);
      assertEquals(released, added);
      assertEquals(new TreeSet<>(added).size(), added.size());
    }
  }

  @Test(dataProvider = "clients")
  public void theDomainIsDetachedOnceAndAfterTheDriver(Client client) {
    for (Order order : Order.values()) {
      List<Act> acts = shown(explored(client, order)).stream().map(Label::act).toList();
      assertEquals(Collections.frequency(acts, ManagedRelease.BUS_DETACHES), 1);
      assertEquals(acts.contains(ManagedRelease.DRIVER_REMOVES), client.way() != Way.FAIL);
      assertTrue(
          acts.indexOf(ManagedRelease.BUS_DETACHES) > acts.indexOf(ManagedRelease.DRIVER_REMOVES));
      assertEquals(
          acts.indexOf(ManagedRelease.BUS_DETACHES) > acts.indexOf(ManagedRelease.RELEASES_ALL),
          order == Order.ACTION);
    }
  }

  private static List<String> objects(List<Label> labels, Act act) {
    return labels.stream().filter(label -> label.act() == act).map(Label::object).toList();
  }
}
