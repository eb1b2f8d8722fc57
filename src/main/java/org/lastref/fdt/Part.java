package org.lastref.fdt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A node of an overlay while a loader changes it. Which of its cells refer to other nodes goes with
 * it, so that it may be renamed and moved.
 */
final class Part {

  /** In place of a label, for a cell that refers to a node of the overlay itself. */
  static final String OWN = "";

  private String name;
  private @Nullable Part parent;
  private final Map<String, Value> properties = new LinkedHashMap<>();
  private final List<Part> children = new ArrayList<>();

  /**
   * A property's value.
   *
   * @param references the label that a cell refers to, by its offset in bytes, or {@link #OWN}
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Value(byte[] bytes, SortedMap<Integer, String> references) {
    Value(byte[] bytes) {
      this(bytes, new TreeMap<>());
    }

    /** The cell at an offset. */
    long cell(int offset) {
      return Property.cell(bytes, offset);
    }
  }

  Part(String name) {
    this.name = name;
  }

  static Part of(Node node) {
    Part part = new Part(node.name());
    node.properties().forEach(each -> part.properties.put(each.name(), new Value(each.value())));
    node.children().forEach(each -> part.add(of(each)));
    return part;
  }

  Node freeze() {
    List<Property> frozen = new ArrayList<>();
    properties.forEach((key, value) -> frozen.add(Property.of(key, value.bytes())));
    return new Node(name, frozen, children.stream().map(Part::freeze).toList());
  }

  String name() {
    return name;
  }

  void rename(String to) {
    name = to;
  }

  /** Its path, {@code /} for the root. */
  String path() {
    return parent == null ? "/" : OfPath.join(parent.path(), name);
  }

  List<Part> children() {
    return List.copyOf(children);
  }

  /** The first child of exactly this name. */
  Optional<Part> child(String wanted) {
    return children.stream().filter(each -> each.name.equals(wanted)).findFirst();
  }

  /** The node at a path, from this one on. */
  Optional<Part> find(String path) {
    Optional<Part> at = Optional.of(this);
    for (String step : path.split("/", -1)) {
      at = at.flatMap(each -> step.isEmpty() ? Optional.of(each) : each.child(step));
    }
    return at;
  }

  void add(Part child) {
    child.parent = this;
    children.add(child);
  }

  /** Takes it out of the tree. */
  void remove() {
    if (parent != null) {
      parent.children.remove(this);
      parent = null;
    }
  }

  Optional<Value> value(String property) {
    return Optional.ofNullable(properties.get(property));
  }

  Map<String, Value> properties() {
    return properties;
  }

  void set(String property, Value value) {
    properties.put(property, value);
  }

  void clear(String property) {
    properties.remove(property);
  }

  /** The value, made so long if it is shorter. */
  Value grown(String property, int length) {
    Value old = properties.getOrDefault(property, new Value(new byte[0]));
    Value value =
        old.bytes().length >= length
            ? old
            : new Value(Arrays.copyOf(old.bytes(), length), old.references());
    properties.put(property, value);
    return value;
  }

  /** Its phandle, 0 if it has none. */
  long phandle() {
    return value("phandle")
        .filter(value -> value.bytes().length >= Integer.BYTES)
        .map(value -> value.cell(0))
        .orElse(0L);
  }

  /** Visits this one and all below it, with what is true of each property. */
  void walk(BiConsumer<Part, Map.Entry<String, Value>> visitor) {
    properties.entrySet().forEach(each -> visitor.accept(this, each));
    children.forEach(each -> each.walk(visitor));
  }

  boolean isAtOrBelow(Part other) {
    Part at = this;
    while (at != null && at != other) {
      at = at.parent;
    }
    return at != null;
  }
}
