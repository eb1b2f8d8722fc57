package org.lastref.suite;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lastref.image.KernelBuild;
import org.lastref.model.Label.Doer;
import org.lastref.model.ManagedRelease;
import org.lastref.model.ManagedRelease.Bus;
import org.lastref.model.ManagedRelease.Client;
import org.lastref.model.ManagedRelease.Order;
import org.lastref.model.ManagedRelease.Resource;
import org.lastref.target.Probe;
import org.lastref.verify.Exercise;
import org.lastref.verify.ManagedReading;
import org.lastref.verify.Scenario.ExpectedStep;

/**
 * Thread 002: whether what a driver leaves to the driver core is released before its bus detaches
 * the device from its PM domain.
 */
final class DevresSuite {

  private static final String NAME = "devres";
  private static final String MODULE = "lastref-managed";

  /** What the drivers take, in this order; the overlays in {@code overlays/devres} say so too. */
  static final List<Resource> RESOURCES =
      List.of(Resource.MEMORY, Resource.REGULATOR, Resource.ACCESS, Resource.CLK, Resource.IRQ);

  /** How a device gets away from its driver. */
  private enum Way {
    /** With its overlay. */
    REMOVE("remove"),
    /** By hand. */
    UNBIND("unbind"),
    /** Its probe fails. */
    FAIL("fail");

    private final String word;

    Way(String word) {
      this.word = word;
    }
  }

  private DevresSuite() {}

  /** Every bus, every way to lose a driver, and every order that the bus can be told to keep. */
  static List<Exercise> exercises() {
    List<Exercise> all = new ArrayList<>();
    for (Bus bus : Bus.values()) {
      for (Way way : Way.values()) {
        for (Order order : orders(bus)) {
          all.add(exercise(bus, way, order));
        }
      }
    }
    return List.copyOf(all);
  }

  /** The exercises on a board. */
  static List<Trial> trials(Path project) {
    return exercises().stream().map(each -> trial(project, each)).toList();
  }

  private static Trial trial(Path project, Exercise exercise) {
    String overlay =
        exercise.steps().stream()
            .map(ExpectedStep::step)
            .filter(step -> step.startsWith("apply="))
            .map(step -> step.substring("apply=".length()))
            .findFirst()
            .orElseThrow();
    Shape shape = Shape.of(project.resolve("overlays/devres/%s.dtso".formatted(overlay)));
    return new ExerciseTrial(
        exercise,
        KernelBuild.PLAIN,
        new ExerciseTrial.Kit(List.of(MODULE), List.of(shape), probes(), List.of()));
  }

  private static List<Order> orders(Bus bus) {
    return switch (bus) {
      case SPI -> List.of(Order.values());
      case I2C -> List.of(Order.GROUP);
      case PLATFORM -> List.of(Order.NONE);
    };
  }

  private static Exercise exercise(Bus bus, Way way, Order order) {
    String device = device(bus);
    Client client = new Client(bus, device, RESOURCES, way == Way.FAIL);
    Doer unbinder = way == Way.UNBIND ? Doer.UNBINDER : Doer.REMOVER;
    return new Exercise(
        NAME,
        bus + "-" + way.word,
        order.toString(),
        steps(bus, way, order),
        ManagedRelease.of(client, order, unbinder),
        new ManagedReading(device));
  }

  private static List<ExpectedStep> steps(Bus bus, Way way, Order order) {
    String overlay = "managed-" + bus + (way == Way.FAIL ? "-fails" : "");
    Optional<ExpectedStep> choice =
        bus == Bus.SPI
            ? Optional.of(new ExpectedStep("set=spi/devres=" + order, "set"))
            : Optional.empty();
    Optional<ExpectedStep> unbind =
        way == Way.UNBIND
            ? Optional.of(new ExpectedStep("unbind=%s/%s".formatted(bus, device(bus)), "unbound"))
            : Optional.empty();
    return Stream.of(
            Optional.of(new ExpectedStep("load=" + MODULE, "loaded")),
            choice,
            Optional.of(new ExpectedStep("apply=" + overlay, "applied")),
            unbind,
            Optional.of(new ExpectedStep("remove=" + overlay, "removed")),
            Optional.of(new ExpectedStep("unload=" + MODULE, "unloaded")))
        .flatMap(Optional::stream)
        .toList();
  }

  /** As the first device of its bus is named. */
  private static String device(Bus bus) {
    return switch (bus) {
      case SPI -> "spi0.0";
      case I2C -> "0-0050";
      case PLATFORM -> "lr-client";
    };
  }

  /**
   * The same for all exercises, so that they are set once; {@code struct device} begins with its
   * kobject.
   */
  private static List<Probe> probes() {
    List<Probe> probes = new ArrayList<>();
    ManagedReading.FUNCTIONS.keySet().stream()
        .sorted()
        .map(
            function ->
                Probe.entry(
                    function,
                    function.startsWith("managed_") ? "lastref_managed:" + function : function,
                    "name=+0(+0(%x0)):string caller=%x30:symbol"))
        .map(probe -> probe.where(which("name")))
        .forEach(probes::add);
    probes.add(Probe.tracepoint("dev/devres_log").where(which("devname")));
    return List.copyOf(probes);
  }

  private static String which(String field) {
    return Stream.of(Bus.values())
        .map(bus -> "%s == \"%s\"".formatted(field, device(bus)))
        .collect(Collectors.joining(" || "));
  }
}
