package org.lastref.fdt;

import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * A devicetree node, with properties and children in the order of the blob.
 *
 * @param name with the unit address, such as {@code serial@9000000}; empty for the root
 */
public record Node(String name, List<Property> properties, List<Node> children) {

  public Node {
    properties = List.copyOf(properties);
    children = List.copyOf(children);
  }

  public Optional<Property> property(String name) {
    return properties.stream().filter(p -> p.name().equals(name)).findFirst();
  }

  /** The child of exactly this name, unit address included. */
  public Optional<Node> child(String name) {
    return children.stream().filter(c -> c.name().equals(name)).findFirst();
  }

  /** The name without the unit address. */
  public String baseName() {
    int at = name.indexOf('@');
    return at < 0 ? name : name.substring(0, at);
  }

  /**
   * The node's phandle, 0 where it has none: the first of {@code phandle} and {@code linux,phandle}
   * that is not 0, unless there is an {@code ibm,phandle}. As {@code populate_properties()} in
   * {@code drivers/of/fdt.c} of Linux 6.1.192, except that a value shorter than a cell counts for
   * nothing.
   */
  public long phandle() {
    long phandle = 0;
    for (Property property : properties) {
      switch (property.name()) {
        case "phandle", "linux,phandle" -> {
          if (phandle == 0) {
            phandle = property.firstCell().orElse(0L);
          }
        }
        case "ibm,phandle" -> phandle = property.firstCell().orElse(phandle);
        default -> {}
      }
    }
    return phandle;
  }

  /**
   * Visits this node and all below it, parents first, in the order of the blob.
   *
   * @param path this node's own path
   */
  public void walk(String path, BiConsumer<String, Node> visitor) {
    visitor.accept(path, this);
    for (Node child : children) {
      child.walk(OfPath.join(path, child.name), visitor);
    }
  }
}
