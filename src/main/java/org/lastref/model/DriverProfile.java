package org.lastref.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.lastref.fdt.Node;
import org.lastref.fdt.Property;

/**
 * What a driver does to the references of its devices' nodes.
 *
 * @param holds the references it takes in probe and returns in remove
 * @param populatesChildren whether its probe makes devices of the nodes below, as {@code
 *     of_platform_populate()} does
 * @param module which of {@code harness/modules} it is in, empty if it is built in
 */
public record DriverProfile(List<Hold> holds, boolean populatesChildren, String module) {

  private static final String SLEEPS = "lastref,sleeps-at-release";
  private static final String SUPPLIER_PATHS = "lastref,supplier-paths";

  /** On which nodes a reference is taken. */
  public enum On {
    OWN_NODE,
    EACH_CHILD
  }

  /**
   * A reference that a driver holds while it is bound.
   *
   * @param getBy the kernel function that takes it
   * @param putBy the kernel function that returns it
   * @param onRelease whether that is called when a device of the driver's making is released, and
   *     not by the driver itself
   */
  public record Hold(On on, String getBy, String putBy, boolean onRelease) {}

  private static final Hold CLOCK =
      new Hold(On.OWN_NODE, "of_clk_add_hw_provider", "of_clk_del_provider", false);
  private static final Hold REGULATOR =
      new Hold(On.OWN_NODE, "regulator_register", "regulator_dev_release", true);
  private static final Hold GPIO_BANK =
      new Hold(On.EACH_CHILD, "of_gpiochip_add", "of_gpiochip_remove", false);

  /**
   * By compatible string, read in Linux 6.1.192: drivers/clk/clk-fixed-rate.c and
   * clk-fixed-factor.c, drivers/regulator/fixed.c, drivers/bus/simple-pm-bus.c,
   * drivers/gpio/gpio-sim.c and drivers/leds/leds-gpio.c; and harness/modules/lastref-link.c and
   * lastref-stuck.c.
   */
  private static final Map<String, DriverProfile> KNOWN =
      Map.of(
          "fixed-clock", new DriverProfile(List.of(CLOCK), false, ""),
          "fixed-factor-clock", new DriverProfile(List.of(CLOCK), false, ""),
          "regulator-fixed", new DriverProfile(List.of(REGULATOR), false, ""),
          "regulator-fixed-clock", new DriverProfile(List.of(REGULATOR), false, ""),
          "simple-pm-bus", new DriverProfile(List.of(), true, ""),
          "gpio-simulator", new DriverProfile(List.of(GPIO_BANK), false, ""),
          "gpio-leds", new DriverProfile(List.of(), false, ""),
          "lastref,supplier", new DriverProfile(List.of(), false, "lastref-link"),
          "lastref,consumer", new DriverProfile(List.of(), false, "lastref-link"),
          "lastref,stuck", new DriverProfile(List.of(), false, "lastref-stuck"));

  public DriverProfile {
    holds = List.copyOf(holds);
  }

  /** The functions by which a known driver returns a reference. */
  static Set<String> putBy() {
    return KNOWN.values().stream()
        .flatMap(profile -> profile.holds().stream())
        .map(Hold::putBy)
        .collect(Collectors.toSet());
  }

  /**
   * The paths of the suppliers to which the driver links the device itself, in that order, with
   * {@code DL_FLAG_AUTOREMOVE_CONSUMER}; its probe is deferred until all are bound.
   */
  List<String> supplierPaths(Node node) {
    return module.isEmpty()
        ? List.of()
        : node.property(SUPPLIER_PATHS).map(Property::asStrings).orElse(List.of());
  }

  /** Whether the device sleeps in {@code device_release()} once the driver was bound to it. */
  boolean sleepsAtRelease(Node node) {
    return !module.isEmpty() && node.property(SLEEPS).isPresent();
  }

  /** The profile of the first of a node's compatible strings that has one. */
  public static Optional<DriverProfile> of(Node node) {
    return node.property("compatible").map(Property::asStrings).orElse(List.of()).stream()
        .filter(KNOWN::containsKey)
        .findFirst()
        .map(KNOWN::get);
  }
}
