package org.lastref.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  /** Property name to the name of its supplier's cell count. */
  private static final Map<String, String> LISTS =
      Map.ofEntries(
          Map.entry("clocks", "#clock-cells"),
          Map.entry("interconnects", "#interconnect-cells"),
          Map.entry("mboxes", "#mbox-cells"),
          Map.entry("io-channels", "#io-channel-cells"),
          Map.entry("interrupt-parent", NO_CELLS),
          Map.entry("power-domains", "#power-domain-cells"),
          Map.entry("hwlocks", "#hwlock-cells"),
          Map.entry("extcon", NO_CELLS),
          Map.entry("nvmem-cells", NO_CELLS),
          Map.entry("phys", "#phy-cells"),
          Map.entry("wakeup-parent", NO_CELLS),
          Map.entry("pwms", "#pwm-cells"),
          Map.entry("resets", "#reset-cells"),
          Map.entry("leds", NO_CELLS),
          Map.entry("backlight", NO_CELLS),
          Map.entry("panel", NO_CELLS),
          Map.entry("gpio", "#gpio-cells"),
          Map.entry("gpios", "#gpio-cells"));

  private Suppliers() {}

  /** The suppliers' paths in the order in which firmware-node parsing meets them. */
  static List<String> of(Node node, Fdt tree) {
    List<String> paths = new ArrayList<>();
    for (Property property : node.properties()) {
      cellsName(node, property.name())
          .ifPresent(cells -> collect(property.asCells(), cells, tree, paths));
    }
    return paths;
  }

  private static Optional<String> cellsName(Node node, String property) {
    if (property.matches("pinctrl-[0-8]") || property.endsWith("-supply")) {
      return Optional.of(NO_CELLS);
    }
    if (property.endsWith(",nr-gpios")) {
      return Optional.empty();
    }
    if (property.endsWith("-gpio") || property.endsWith("-gpios")) {
      return Optional.of("#gpio-cells");
    }
    boolean hogged = property.startsWith("gpio") && node.property("gpio-hog").isPresent();
    return hogged ? Optional.empty() : Optional.ofNullable(LISTS.get(property));
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
