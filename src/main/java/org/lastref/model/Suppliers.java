package org.lastref.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.Node;
import org.lastref.fdt.Property;

/**
 * Which nodes a node's properties name as suppliers: {@code of_supplier_bindings} and {@code
 * of_link_property()}, drivers/of/property.c. Optional bindings (iommus, dmas) count only with
 * {@code fw_devlink.strict}, which is off. Held against that file of Linux 6.1.192, which reads
 * neither thermal-sensors, sound-dai, msi-parent nor io-backends.
 */
final class Suppliers {

  private static final String NO_CELLS = "";
  private static final String ENDPOINT = "remote-endpoint";
  private static final Set<String> PORTS = Set.of("ports", "in-ports", "out-ports");
  private static final String ENDPOINT_PARSER = "parse_remote_endpoint";

  /** {@code parse_interrupts()} takes both for either. */
  private static final Set<String> INTERRUPTS = Set.of("interrupts", "interrupts-extended");

  private static final String INTERRUPT_PARSER = "parse_interrupts";

  /**
   * Who needs whom.
   *
   * @param consumer the path of the node, which is another one than that of the property where a
   *     graph's endpoint is no device
   * @param supplier the path of what it needs
   */
  record Need(String consumer, String supplier) {}

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
    return Stream.of(
            NAMED.values().stream(),
            Stream.of(
                SUPPLY,
                GPIO,
                GPIOS,
                new Binding(NO_CELLS, ENDPOINT_PARSER),
                new Binding(NO_CELLS, INTERRUPT_PARSER)),
            IntStream.range(0, PINCTRL_STATES).mapToObj(Suppliers::pinctrl))
        .flatMap(Function.identity())
        .map(Binding::parser)
        .collect(Collectors.toSet());
  }

  /** What a node needs, in the order in which firmware-node parsing meets it. */
  static List<Need> of(String path, Fdt tree, Kernel kernel) {
    Node node = node(path, tree);
    List<Need> needs = new ArrayList<>();
    for (Property property : node.properties()) {
      if (property.name().equals(ENDPOINT)) {
        if (kernel.has(ENDPOINT_PARSER)) {
          endpoint(path, property.asCells(), tree).ifPresent(needs::add);
        }
        continue;
      }
      List<String> paths = new ArrayList<>();
      if (INTERRUPTS.contains(property.name())) {
        if (kernel.has(INTERRUPT_PARSER)) {
          paths.addAll(Interrupts.of(path, tree));
        }
      } else {
        binding(node, property.name())
            .filter(binding -> kernel.has(binding.parser()))
            .ifPresent(binding -> collect(property.asCells(), binding.cells(), tree, paths));
      }
      paths.forEach(supplier -> needs.add(new Need(path, supplier)));
    }
    return needs;
  }

  /** {@code parse_remote_endpoint()}, of the devices that the two endpoints are of. */
  private static Optional<Need> endpoint(String path, List<Long> cells, Fdt tree) {
    Optional<String> consumer = compatible(OverlayApplier.parent(path), tree);
    Optional<String> supplier =
        (cells.isEmpty() ? Optional.<String>empty() : tree.pathOf(cells.get(0)))
            .map(Suppliers::portParent);
    return consumer.isPresent() && supplier.isPresent()
        ? Optional.of(new Need(consumer.get(), supplier.get()))
        : Optional.empty();
  }

  /** {@code of_graph_get_port_parent()}: whose port, or group of ports, an endpoint is in. */
  private static String portParent(String endpoint) {
    String above = OverlayApplier.parent(OverlayApplier.parent(endpoint));
    String name = above.substring(above.lastIndexOf('/') + 1).replaceFirst("@.*", "");
    return PORTS.contains(name) ? OverlayApplier.parent(above) : above;
  }

  /** {@code of_get_compat_node()}. */
  private static Optional<String> compatible(String path, Fdt tree) {
    for (String at = path; !at.equals("/"); at = OverlayApplier.parent(at)) {
      if (node(at, tree).property("compatible").isPresent()) {
        return Optional.of(at);
      }
    }
    return Optional.empty();
  }

  private static Node node(String path, Fdt tree) {
    return tree.find(path).orElseThrow(() -> new IllegalStateException("no node " + path));
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
