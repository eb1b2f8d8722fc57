package org.lastref.fdt;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A node while it is being changed. */
final class Draft {
  private final String name;
  private final Map<String, byte[]> properties = new LinkedHashMap<>();
  private final Map<String, Draft> children = new LinkedHashMap<>();

  /** Children attached later, the newest first: {@code __of_attach_node()} puts them in front. */
  private final Deque<Draft> attached = new ArrayDeque<>();

  Draft(String name) {
    this.name = name;
  }

  static Draft of(Node node) {
    Draft draft = new Draft(node.name());
    node.properties().forEach(p -> draft.properties.put(p.name(), p.value()));
    node.children().forEach(c -> draft.children.put(c.name(), of(c)));
    return draft;
  }

  Node freeze() {
    List<Property> frozen = new ArrayList<>(properties.size());
    properties.forEach((key, value) -> frozen.add(Property.of(key, value)));
    List<Node> nodes = new ArrayList<>(attached.size() + children.size());
    attached.forEach(child -> nodes.add(child.freeze()));
    children.values().forEach(child -> nodes.add(child.freeze()));
    return new Node(name, frozen, nodes);
  }

  String name() {
    return name;
  }

  /** The children that it had from the start. */
  Collection<Draft> children() {
    return children.values();
  }

  @Nullable Draft child(String name) {
    return children.get(name);
  }

  /** The node that {@code __of_find_node_by_full_path()} finds from here. */
  @Nullable Draft find(String path) {
    List<String> steps = OfPath.steps(path);
    if (steps == null) {
      return null;
    }
    Draft at = this;
    for (String step : steps) {
      at = at.child(step);
      if (at == null) {
        return null;
      }
    }
    return at;
  }

  void attach(Draft child) {
    attached.addFirst(child);
  }

  void set(Property property) {
    properties.put(property.name(), property.value());
  }

  /** The value itself, to be changed in place. */
  byte @Nullable [] value(String property) {
    return properties.get(property);
  }

  static void setCell(byte[] value, int offset, long cell) {
    ByteBuffer.wrap(value).putInt(offset, (int) cell);
  }
}
