package org.lastref.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.Node;
import org.lastref.fdt.Property;

/**
 * Which interrupt controllers the interrupts of a node come from: {@code of_irq_parse_one()},
 * drivers/of/irq.c of Linux 6.1.192. The controllers that want to read their {@code interrupt-map}
 * themselves ({@code of_irq_imap_abusers}) are not told apart.
 */
final class Interrupts {

  private static final String CELLS = "#interrupt-cells";

  /** The longest {@code reg} that is handed on, in cells. */
  private static final int UNIT = 3;

  /** Maps that lead in a circle, as the kernel would for ever, lead to nobody. */
  private static final int MAX_HOPS = 16;

  /**
   * Where an interrupt goes.
   *
   * @param to the node that is to take it
   * @param unit the address that goes with it
   * @param specifier what that node is told
   */
  private record Interrupt(String to, List<Long> unit, List<Long> specifier) {}

  private final Fdt tree;

  private Interrupts(Fdt tree) {
    this.tree = tree;
  }

  /** The controllers, in the order of the interrupts, up to the first that cannot be told. */
  static List<String> of(String path, Fdt tree) {
    return new Interrupts(tree).of(path);
  }

  private List<String> of(String path) {
    List<String> controllers = new ArrayList<>();
    for (Interrupt each : all(path)) {
      Optional<String> controller = of_irq_parse_raw(each);
      if (controller.isEmpty()) {
        return controllers;
      }
      controllers.add(controller.get());
    }
    return controllers;
  }

  /** {@code interrupts-extended} comes first, for as many as it has. */
  private List<Interrupt> all(String path) {
    List<Long> unit = new ArrayList<>(cells(path, "reg"));
    while (unit.size() < UNIT) {
      unit.add(0L);
    }
    List<Interrupt> all = new ArrayList<>();
    List<Long> extended = cells(path, "interrupts-extended");
    int at = 0;
    while (at < extended.size()) {
      Optional<String> to = tree.pathOf(extended.get(at));
      int count = to.map(node -> count(node, CELLS, -1)).orElse(-1);
      if (count < 0 || at + 1 + count > extended.size()) {
        break;
      }
      all.add(new Interrupt(to.orElseThrow(), unit, extended.subList(at + 1, at + 1 + count)));
      at += 1 + count;
    }
    Optional<String> parent = of_irq_find_parent(path);
    if (parent.isPresent()) {
      List<Long> interrupts = cells(path, "interrupts");
      int count = count(parent.get(), CELLS, 0);
      for (int i = all.size(); count > 0 && (i + 1) * count <= interrupts.size(); i++) {
        all.add(new Interrupt(parent.get(), unit, interrupts.subList(i * count, (i + 1) * count)));
      }
    }
    return all;
  }

  @SuppressWarnings("MemberName") // the kernel's
  private Optional<String> of_irq_find_parent(String path) {
    String at = path;
    Set<String> passed = new HashSet<>();
    do {
      List<Long> named = cells(at, "interrupt-parent");
      if (named.isEmpty() && at.equals("/")) {
        return Optional.empty();
      }
      Optional<String> next =
          named.isEmpty() ? Optional.of(OverlayApplier.parent(at)) : tree.pathOf(named.get(0));
      if (next.isEmpty() || !passed.add(at)) {
        return Optional.empty();
      }
      at = next.get();
    } while (node(at).property(CELLS).isEmpty());
    return Optional.of(at);
  }

  /**
   * From one to the next, until a controller takes it. What is told is the last that was named as
   * the parent or by a map, even if it is one further up that takes it.
   */
  @SuppressWarnings("MemberName") // the kernel's
  private Optional<String> of_irq_parse_raw(Interrupt from) {
    String told = from.to();
    Interrupt at = from;
    for (int hops = 0; hops < MAX_HOPS; hops++) {
      Node node = node(at.to());
      Optional<Property> map = node.property("interrupt-map");
      if (map.isEmpty() && node.property("interrupt-controller").isPresent()) {
        return Optional.of(told);
      }
      Optional<Interrupt> next = map.isEmpty() ? above(at) : mapped(at, map.get().asCells());
      if (next.isEmpty()) {
        return Optional.empty();
      }
      if (map.isPresent()) {
        told = next.get().to();
        if (told.equals(at.to())) {
          return Optional.of(told);
        }
      }
      at = next.get();
    }
    return Optional.empty();
  }

  private Optional<Interrupt> above(Interrupt from) {
    return of_irq_find_parent(from.to())
        .map(parent -> new Interrupt(parent, from.unit(), from.specifier()));
  }

  /** The first entry of a map that an interrupt matches. */
  private Optional<Interrupt> mapped(Interrupt from, List<Long> map) {
    int units = addressCells(from.to());
    List<Long> match = new ArrayList<>();
    for (int i = 0; i < units; i++) {
      match.add(i < from.unit().size() ? from.unit().get(i) : 0L);
    }
    match.addAll(from.specifier());
    List<Long> mask = cells(from.to(), "interrupt-map-mask");
    int at = 0;
    while (at + match.size() < map.size()) {
      boolean matches = true;
      for (int i = 0; i < match.size(); i++) {
        long care = i < mask.size() ? mask.get(i) : ~0L;
        matches &= ((match.get(i) ^ map.get(at + i)) & care) == 0;
      }
      at += match.size();
      Optional<String> to = tree.pathOf(map.get(at++));
      if (to.isEmpty()) {
        return Optional.empty();
      }
      int toUnits = count(to.get(), "#address-cells", 0);
      int toCells = count(to.get(), CELLS, -1);
      if (toCells < 0 || at + toUnits + toCells > map.size()) {
        return Optional.empty();
      }
      if (matches && OverlayApplier.available(node(to.get()))) {
        return Optional.of(
            new Interrupt(
                to.get(),
                map.subList(at, at + toUnits),
                map.subList(at + toUnits, at + toUnits + toCells)));
      }
      at += toUnits + toCells;
    }
    return Optional.empty();
  }

  /** The old trick: those of the nearest one above that says how many, itself included. */
  private int addressCells(String path) {
    for (String at = path; ; at = OverlayApplier.parent(at)) {
      int count = count(at, "#address-cells", -1);
      if (count >= 0 || at.equals("/")) {
        return count < 0 ? 2 : count;
      }
    }
  }

  private int count(String path, String property, int otherwise) {
    List<Long> cells = cells(path, property);
    return cells.isEmpty() ? otherwise : (int) Math.min(cells.get(0), Byte.MAX_VALUE);
  }

  private List<Long> cells(String path, String property) {
    return node(path).property(property).map(Property::asCells).orElse(List.of());
  }

  private Node node(String path) {
    return tree.find(path).orElseThrow(() -> new IllegalStateException("no node " + path));
  }
}
