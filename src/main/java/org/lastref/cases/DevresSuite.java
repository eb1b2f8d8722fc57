package org.lastref.cases;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.lastref.fdt.OverlaySource;
import org.lastref.model.Bus;
import org.lastref.model.Kernel;
import org.lastref.model.ManagedRelease;
import org.lastref.model.ManagedRelease.Client;
import org.lastref.model.ManagedRelease.Order;
import org.lastref.model.ManagedRelease.Resource;
import org.lastref.model.ManagedRelease.Way;
import org.lastref.offline.Catalogue;
import org.lastref.runner.Kit;
import org.lastref.runner.TestCase;
import org.lastref.target.Argument;
import org.lastref.target.Probe;
import org.lastref.trace.Verb;

/**
 * Thread 002: whether what a driver leaves to the driver core is released before its bus detaches
 * the device from its PM domain.
 */
final class DevresSuite implements Suite {

  /** What the drivers take, in this order; the overlays in {@code overlays/devres} say so too. */
  static final List<Resource> RESOURCES =
      List.of(Resource.MEMORY, Resource.REGULATOR, Resource.ACCESS, Resource.CLK, Resource.IRQ);

  /** A device of each bus, by the name of the first of its bus. */
  private static final Map<Bus, String> DEVICES =
      Map.of(Bus.SPI, "spi0.0", Bus.I2C, "0-0050", Bus.PLATFORM, "lr-client");

  @Override
  public String name() {
    return "devres";
  }

  /** Every bus, every way to lose a driver, and every order that the bus can be told to keep. */
  @Override
  public List<Catalogue.Entry> exercises(Kernel kernel) {
    List<Catalogue.Entry> all = new ArrayList<>();
    for (Bus bus : Bus.ALL) {
      for (Way way : Way.values()) {
        for (Order order : orders(bus)) {
          String scenario = bus + "-" + way;
          all.add(
              new Catalogue.Entry(
                  name(),
                  scenario,
                  order.toString(),
                  ManagedRelease.of(client(bus, order, way), kernel)));
        }
      }
    }
    return List.copyOf(all);
  }

  private static Client client(Bus bus, Order order, Way way) {
    return new Client(
        bus, Objects.requireNonNull(DEVICES.get(bus), bus.toString()), RESOURCES, order, way);
  }

  @Override
  public List<TestCase> cases(Path project) {
    Map<String, OverlaySource> compiled = new HashMap<>();
    return ExerciseCase.plain(
        Suites.CATALOGUE.of(name(), Kernel.LINUX_6_1),
        exercise ->
            kit(
                exercise,
                overlay ->
                    compiled.computeIfAbsent(
                        overlay,
                        each ->
                            OverlaySource.of(
                                project.resolve("overlays/devres/" + each + ".dtso")))));
  }

  private static Kit kit(Catalogue.Entry exercise, Function<String, OverlaySource> compiled) {
    List<OverlaySource> overlays =
        exercise.modelled().scenario().arguments(Verb.APPLY).stream().map(compiled).toList();
    return new Kit(overlays, probes(), List.of());
  }

  private static List<Order> orders(Bus bus) {
    return bus == Bus.SPI
        ? List.of(Order.values())
        : List.of(bus == Bus.I2C ? Order.GROUP : Order.NONE);
  }

  /** The same for all exercises, so that they are set once. */
  private static List<Probe> probes() {
    List<Probe> probes = new ArrayList<>();
    ManagedRelease.functions().stream()
        .map(
            function ->
                Probe.entry(
                    function,
                    function.startsWith("managed_") ? "lastref_managed:" + function : function,
                    Argument.name("name", 0),
                    Argument.caller()))
        .map(probe -> probe.where(devices()))
        .forEach(probes::add);
    probes.add(Probe.resources(List.of(devices())));
    return List.copyOf(probes);
  }

  private static String[] devices() {
    return DEVICES.values().stream().sorted().toArray(String[]::new);
  }
}
