package org.lastref.fdt;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.InputFault;

/**
 * A devicetree seen as an overlay: the fragments that go into a base tree, and what has to be
 * rewritten in them first.
 *
 * @param tree the blob, as read
 * @param fragments those nodes of the root that have an {@code __overlay__}, in order
 * @param symbols the overlay's own labels, by label the path within the overlay; null where the
 *     overlay has no {@code __symbols__}
 * @param fixups by label of the base tree, the cells that are to hold its node's phandle; null
 *     where the overlay has no {@code __fixups__}
 * @param localFixups a tree like the overlay's own, whose properties list the offsets of the cells
 *     that refer to nodes of the overlay
 */
public record Overlay(
    Fdt tree,
    List<Fragment> fragments,
    @Nullable Map<String, String> symbols,
    @Nullable Map<String, List<Fixup>> fixups,
    @Nullable Node localFixups) {

  /**
   * A part that goes into one node of the base tree.
   *
   * @param name of the node, such as {@code fragment@0}
   * @param content the {@code __overlay__} node
   */
  public record Fragment(String name, Target target, Node content) {}

  /** What a fragment says of the node that it goes into. */
  public sealed interface Target {
    /** By label of the base tree. */
    record Label(String label) implements Target {}

    /** By path or alias. */
    record Path(String path) implements Target {}

    /** By a phandle that no fixup replaces. */
    record Phandle(long phandle) implements Target {}
  }

  /**
   * A cell to be replaced.
   *
   * @param path of the node within the overlay
   * @param offset in bytes into the property's value
   */
  public record Fixup(String path, String property, int offset) {}

  public Overlay {
    fragments = List.copyOf(fragments);
  }

  /**
   * Reads an overlay's structure, without a base tree. Nodes are told by name as {@code
   * init_overlay_changeset()} and {@code find_target()} in {@code drivers/of/overlay.c} and {@code
   * of_resolve_phandles()} in {@code drivers/of/resolver.c} of Linux 6.1.192 do.
   *
   * @throws InputFault where there is neither fragment nor symbol, a fragment without target, or a
   *     malformed fixup
   */
  public static Overlay of(Fdt tree) {
    Map<String, List<Fixup>> fixups = fixups(tree);
    Map<Fixup, String> labels = new HashMap<>();
    if (fixups != null) {
      fixups.forEach((label, cells) -> cells.forEach(cell -> labels.put(cell, label)));
    }
    List<Fragment> fragments = new ArrayList<>();
    for (Node node : tree.root().children()) {
      named(node, "__overlay__")
          .ifPresent(
              content ->
                  fragments.add(new Fragment(node.name(), target(tree, node, labels), content)));
    }
    Map<String, String> symbols = symbols(tree);
    if (fragments.isEmpty() && symbols == null) {
      throw fault(
          tree, "no fragments or symbols in overlay; does its source start with /plugin/;?");
    }
    Node localFixups = named(tree.root(), "__local_fixups__").orElse(null);
    return new Overlay(tree, fragments, symbols, fixups, localFixups);
  }

  /** What messages call the overlay. */
  public String name() {
    return tree.name();
  }

  /**
   * Fits the overlay to a base tree, or to one that other overlays have been applied to: gives its
   * nodes phandles that are free there, puts phandles in place of labels, and finds the fragments'
   * targets.
   *
   * @throws InputFault where the kernel would refuse the overlay at this
   */
  public ResolvedOverlay resolve(Fdt base) {
    return new Resolver(base, this, base.maxPhandle() + 1).resolve();
  }

  /** {@code of_get_child_by_name()}: unit addresses do not count. */
  private static Optional<Node> named(Node parent, String name) {
    return parent.children().stream().filter(c -> c.baseName().equals(name)).findFirst();
  }

  private static Target target(Fdt tree, Node fragment, Map<Fixup, String> labels) {
    Optional<Long> phandle = fragment.property("target").flatMap(Property::firstCell);
    if (phandle.isPresent()) {
      String label = labels.get(new Fixup("/" + fragment.name(), "target", 0));
      return label == null ? new Target.Phandle(phandle.get()) : new Target.Label(label);
    }
    return fragment
        .property("target-path")
        .flatMap(Property::asText)
        .<Target>map(Target.Path::new)
        .orElseThrow(() -> fault(tree, "node /" + fragment.name() + " has no target property"));
  }

  private static @Nullable Map<String, String> symbols(Fdt tree) {
    Node node = named(tree.root(), "__symbols__").orElse(null);
    if (node == null) {
      return null;
    }
    Map<String, String> symbols = new LinkedHashMap<>();
    for (Property property : node.properties()) {
      symbols.put(
          property.name(),
          property
              .asText()
              .orElseThrow(() -> fault(tree, "symbol '" + property.name() + "' is no string")));
    }
    return Collections.unmodifiableMap(symbols);
  }

  private static @Nullable Map<String, List<Fixup>> fixups(Fdt tree) {
    Node last =
        tree.root().children().stream()
            .filter(node -> node.baseName().equals("__fixups__"))
            .reduce((earlier, later) -> later)
            .orElse(null);
    if (last == null) {
      return null;
    }
    Map<String, List<Fixup>> fixups = new LinkedHashMap<>();
    for (Property property : last.properties()) {
      if (!property.name().equals("name")) {
        fixups.put(property.name(), Fixups.parse(tree, property));
      }
    }
    return Collections.unmodifiableMap(fixups);
  }

  static InputFault fault(Fdt tree, String wrong) {
    return new InputFault("overlay " + tree.name() + ": " + wrong);
  }
}
