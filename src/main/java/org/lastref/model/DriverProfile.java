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
 * @param populates the bus of which its probe makes devices of the nodes below: {@code
 *     of_platform_populate()}, {@code of_i2c_register_devices()}, {@code
 *     of_register_spi_devices()}; empty if it makes none
 * @param module which of {@code harness/modules} it is in, empty if it is built in
 * @param symbol what a kernel has that has the driver, empty if each of ours does
 */
public record DriverProfile(
    List<Hold> holds, Optional<Bus> populates, String module, String symbol) {

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
   * drivers/gpio/gpio-sim.c and drivers/leds/leds-gpio.c; drivers/i2c/busses/i2c-gpio.c and
   * i2c-bcm2835.c, drivers/spi/spi-gpio.c, spi-bcm2835.c and spi-bcm2835aux.c, which only lend
   * their nodes to their adapters, and whose lines, clocks and pins hold no node; and
   * harness/modules/lastref-link.c and lastref-stuck.c.
   */
  private static final Map<String, DriverProfile> KNOWN =
      Map.ofEntries(
          Map.entry("fixed-clock", holding(CLOCK)),
          Map.entry("fixed-factor-clock", holding(CLOCK)),
          Map.entry("regulator-fixed", holding(REGULATOR)),
          Map.entry("regulator-fixed-clock", holding(REGULATOR)),
          Map.entry("simple-pm-bus", populating(Bus.PLATFORM, "")),
          Map.entry("gpio-simulator", holding(GPIO_BANK)),
          Map.entry("gpio-leds", holding()),
          Map.entry("i2c-gpio", populating(Bus.I2C, "i2c_gpio_probe")),
          Map.entry("brcm,bcm2835-i2c", populating(Bus.I2C, "bcm2835_i2c_probe")),
          Map.entry("spi-gpio", populating(Bus.SPI, "spi_gpio_probe")),
          Map.entry("brcm,bcm2835-spi", populating(Bus.SPI, "bcm2835_spi_probe")),
          Map.entry("brcm,bcm2835-aux-spi", populating(Bus.SPI, "bcm2835aux_spi_probe")),
          Map.entry("lastref,supplier", ours("lastref-link")),
          Map.entry("lastref,consumer", ours("lastref-link")),
          Map.entry("lastref,stuck", ours("lastref-stuck")));

  private static DriverProfile holding(Hold... holds) {
    return new DriverProfile(List.of(holds), Optional.empty(), "", "");
  }

  private static DriverProfile populating(Bus bus, String symbol) {
    return new DriverProfile(List.of(), Optional.of(bus), "", symbol);
  }

  private static DriverProfile ours(String module) {
    return new DriverProfile(List.of(), Optional.empty(), module, "");
  }

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

  /** The symbols by which a kernel is asked whether it has a driver. */
  static Set<String> symbols() {
    return KNOWN.values().stream()
        .map(DriverProfile::symbol)
        .filter(symbol -> !symbol.isEmpty())
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

  /**
   * The profile of the first of a node's compatible strings for which a kernel has a driver that
   * has one. They are all drivers of platform devices.
   */
  public static Optional<DriverProfile> of(Node node, Kernel kernel) {
    return node.property("compatible").map(Property::asStrings).orElse(List.of()).stream()
        .filter(KNOWN::containsKey)
        .map(KNOWN::get)
        .filter(profile -> profile.symbol().isEmpty() || kernel.has(profile.symbol()))
        .findFirst();
  }
}
