package org.lastref.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.Node;
import org.lastref.fdt.Property;

/**
 * Which nodes a node's properties name as suppliers: {@code of_supplier_bindings} and {@code
 * of_link_property()}, drivers/of/property.c. Optional bindings (iommus, dmas) count only with
 * {@code fw_devlink.strict}, which is off, and remote endpoints need ports, which no overlay here
 * has. Not modelled yet: {@code interrupts} and {@code interrupts-extended}, which make a link to
 * an interrupt controller that is itself a platform device.
 */
final class Suppliers {

  private static final String NO_CELLS = "";

  /**
   * How a property names suppliers.
   *
   * @param cells the name of a supplier's cell count, empty if there are no further cells
   * @param parser the kernel's function that reads it, where there is one
   */
  private record Binding(String cells, String parser) {}

  /** Properties of one name. */
  private static final Map<String, Binding> NAMED =
      Map.ofEntries(
          named("clocks", "#clock-cells"),
          named("interconnects", "#interconnect-cells"),
          named("mboxes", "#mbox-cells"),
          named("io-channels", "#io-channel-cells"),
          named("interrupt-parent", NO_CELLS),
          named("power-domains", "#power-domain-cells"),
          named("hwlocks", "#hwlock-cells"),
          named("extcon", NO_CELLS),
          named("nvmem-cells", NO_CELLS),
          named("phys", "#phy-cells"),
          named("wakeup-parent", NO_CELLS),
          named("pwms", "#pwm-cells"),
          named("resets", "#reset-cells"),
          named("leds", NO_CELLS),
          named("backlight", NO_CELLS),
          named("panel", NO_CELLS),
          Map.entry("gpio", new Binding("#gpio-cells", "parse_gpio_compat")),
          Map.entry("gpios", new Binding("#gpio-cells", "parse_gpio_compat")));

  private static final Binding SUPPLY = new Binding(NO_CELLS, "parse_regulators");
  private static final Binding GPIO = new Binding("#gpio-cells", "parse_gpio");
  private static final Binding GPIOS = new Binding("#gpio-cells", "parse_gpios");
  private static final int PINCTRL_STATES = 9;

  private static Map.Entry<String, Binding> named(String property, String cells) {
    return Map.entry(property, new Binding(cells, "parse_" + property.replace('-', '_')));
  }

  private static Binding pinctrl(int state) {
    return new Binding(NO_CELLS, "parse_pinctrl" + state);
  }

  private Suppliers() {}

  /** The symbols by which a kernel is asked whether it reads a property. */
  static Set<String> symbols() {
    return Stream.concat(
            Stream.concat(NAMED.values().stream(), Stream.of(SUPPLY, GPIO, GPIOS)),
            IntStream.range(0, PINCTRL_STATES).mapToObj(Suppliers::pinctrl))
        .map(Binding::parser)
        .collect(Collectors.toSet());
  }

  /** The suppliers' paths in the order in which firmware-node parsing meets them. */
  static List<String> of(Node node, Fdt tree, Kernel kernel) {
    List<String> paths = new ArrayList<>();
    for (Property property : node.properties()) {
      binding(node, property.name())
          .filter(binding -> kernel.has(binding.parser()))
          .ifPresent(binding -> collect(property.asCells(), binding.cells(), tree, paths));
    }
    return paths;
  }

  private static Optional<Binding> binding(Node node, String property) {
    if (property.matches("pinctrl-[0-8]")) {
      return Optional.of(pinctrl(property.charAt(property.length() - 1) - '0'));
    }
    if (property.endsWith("-supply")) {
      return Optional.of(SUPPLY);
    }
    if (property.endsWith(",nr-gpios")) {
      return Optional.empty();
    }
    if (property.endsWith("-gpio") || property.endsWith("-gpios")) {
      return Optional.of(property.endsWith("s") ? GPIOS : GPIO);
    }
    boolean hogged = property.startsWith("gpio") && node.property("gpio-hog").isPresent();
    return hogged ? Optional.empty() : Optional.ofNullable(NAMED.get(property));
  }

  private static void collect(List<Long> cells, String cellsName, Fdt tree, List<String> paths) {
    int at = 0;
    while (at < cells.size()) {
      Optional<String> path = tree.pathOf(cells.get(at++).longValue());
      if (path.isEmpty()) {
        return;
      }
      if (!cellsName.isEmpty()) {
        List<Long> count =
            tree.find(path.get())
                .flatMap(node -> node.property(cellsName))
                .map(Property::asCells)
                .orElse(List.of());
        if (count.isEmpty() || count.get(0) > cells.size() - at) {
          return;
        }
        at += count.get(0).intValue();
      }
      paths.add(path.get());
    }
  }
}
