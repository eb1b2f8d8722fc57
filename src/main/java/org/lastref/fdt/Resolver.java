package org.lastref.fdt;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lastref.fault.InputFault;
import org.lastref.fdt.ResolvedOverlay.ResolvedFragment;

/**
 * Fits an overlay to a base tree as {@code of_resolve_phandles()} in {@code drivers/of/resolver.c}
 * and {@code init_overlay_changeset()} in {@code drivers/of/overlay.c} of Linux 6.1.192 do, in the
 * same order and with the same errors. Where the kernel would wrap a phandle around, or write
 * outside a property, this refuses.
 */
final class Resolver {
  /** {@code OF_PHANDLE_ILLEGAL}. */
  static final long PHANDLE_ILLEGAL = 0xdeadbeefL;

  private static final long CELL_MAX = 0xffff_ffffL;
  private static final Set<String> ADDED_BY_KERNEL = Set.of("name", "phandle", "linux,phandle");

  private final Fdt base;
  private final Overlay overlay;
  private final long delta;
  private final Draft draft;

  /**
   * @param delta what is added to the overlay's own phandles; the kernel takes the largest phandle
   *     of the base plus one
   */
  Resolver(Fdt base, Overlay overlay, long delta) {
    this.base = base;
    this.overlay = overlay;
    this.delta = delta;
    this.draft = Draft.of(overlay.tree().root());
  }

  ResolvedOverlay resolve() {
    shiftPhandles(overlay.tree().root(), draft);
    if (overlay.localFixups() != null) {
      shiftReferences(overlay.localFixups(), draft);
    }
    if (overlay.fixups() != null) {
      fixUp(overlay.fixups());
    }
    List<ResolvedFragment> fragments = new ArrayList<>();
    Map<String, String> targets = new LinkedHashMap<>();
    Node resolved = draft.freeze();
    for (Overlay.Fragment fragment : overlay.fragments()) {
      Node node = resolved.child(fragment.name()).orElseThrow();
      String target = target(node);
      if (fragment.content().name().equals("__overlay__")) {
        targets.put(fragment.name(), target);
      }
      fragments.add(
          new ResolvedFragment(target, node.child(fragment.content().name()).orElseThrow()));
    }
    return new ResolvedOverlay(overlay.name(), fragments, symbols(targets));
  }

  /** {@code adjust_overlay_phandles()}. */
  private void shiftPhandles(Node node, Draft into) {
    long phandle = node.phandle();
    if (phandle != 0 && phandle != PHANDLE_ILLEGAL) {
      phandle = shifted(phandle, "the phandle of a node '" + node.name() + "'");
    }
    for (String property : List.of("phandle", "linux,phandle")) {
      byte[] value = into.value(property);
      if (value != null
          && value.length >= Integer.BYTES
          && Property.cell(value, 0) != PHANDLE_ILLEGAL) {
        Draft.setCell(value, 0, phandle);
      }
    }
    for (Node child : node.children()) {
      Draft childDraft = into.child(child.name());
      if (childDraft != null) {
        shiftPhandles(child, childDraft);
      }
    }
  }

  /** {@code adjust_local_phandle_references()}. */
  private void shiftReferences(Node fixups, Draft into) {
    for (Property fixup : fixups.properties()) {
      if (ADDED_BY_KERNEL.contains(fixup.name())) {
        continue;
      }
      byte[] value = into.value(fixup.name());
      String what = "local fixup of '" + fixup.name() + "' in '" + fixups.name() + "'";
      if (value == null || fixup.isEmpty() || fixup.length() % Integer.BYTES != 0) {
        throw fault(what + (value == null ? ": no such property" : " is not a list of offsets"));
      }
      for (long offset : fixup.asCells()) {
        if (offset + Integer.BYTES > value.length) {
          throw fault(what + ": offset " + offset + " is outside its " + value.length + " bytes");
        }
        int at = (int) offset;
        Draft.setCell(value, at, shifted(Property.cell(value, at), "a reference, " + what));
      }
    }
    for (Node child : fixups.children()) {
      // of_node_cmp() ignores case.
      Draft childDraft =
          into.children().stream()
              .filter(c -> c.name().equalsIgnoreCase(child.name()))
              .findFirst()
              .orElseThrow(() -> fault("local fixups for '" + child.name() + "': no such node"));
      shiftReferences(child, childDraft);
    }
  }

  private long shifted(long phandle, String what) {
    long sum = phandle + delta;
    if (sum > CELL_MAX) {
      throw fault(
          "%s, 0x%x, leaves 32 bits when it is moved behind the largest phandle of the base, 0x%x"
              .formatted(what, phandle, base.maxPhandle()));
    }
    return sum;
  }

  private void fixUp(Map<String, List<Overlay.Fixup>> fixups) {
    if (!base.hasSymbols()) {
      throw fault("no symbols in root of device tree; compile the base tree with dtc -@");
    }
    fixups.forEach(
        (label, cells) -> {
          String path = base.symbols().get(label);
          if (path == null) {
            throw fault("node label '" + label + "' not found in live devicetree symbols table");
          }
          Node node =
              base.find(path)
                  .orElseThrow(
                      () -> fault("label '" + label + "' of the base is for no node: " + path));
          cells.forEach(cell -> fixUp(label, cell, node.phandle()));
        });
  }

  /** {@code update_usages_of_a_phandle_reference()}, one usage. */
  private void fixUp(String label, Overlay.Fixup cell, long phandle) {
    Draft node = draft.find(cell.path());
    if (node == null) {
      return; // as the kernel
    }
    byte[] value = node.value(cell.property());
    String what = "fixup of label '%s': %s:%s".formatted(label, cell.path(), cell.property());
    if (value == null) {
      throw fault(what + ": no such property");
    }
    if (cell.offset() > value.length - Integer.BYTES) {
      throw fault(
          what + ": offset " + cell.offset() + " is outside its " + value.length + " bytes");
    }
    Draft.setCell(value, cell.offset(), phandle);
  }

  /** {@code find_target()}. */
  private String target(Node fragment) {
    Long phandle = fragment.property("target").flatMap(Property::firstCell).orElse(null);
    if (phandle != null) {
      return base.pathOf((long) phandle)
          .orElseThrow(
              () ->
                  fault(
                      "find target, node: /%s, phandle 0x%x not found"
                          .formatted(fragment.name(), phandle)));
    }
    String path =
        fragment
            .property("target-path")
            .flatMap(Property::asText)
            .orElseThrow(
                () -> fault("find target, node: /" + fragment.name() + ", no target property"));
    return base.pathOf(path)
        .orElseThrow(
            () ->
                fault(
                    "find target, node: /%s, path '%s' not found"
                        .formatted(fragment.name(), path)));
  }

  /** {@code dup_and_fixup_symbol_prop()} for each symbol. */
  private Map<String, String> symbols(Map<String, String> targets) {
    if (overlay.symbols() == null) {
      return Map.of();
    }
    if (!base.hasSymbols()) {
      throw fault(
          "symbols in overlay, but not in live tree; compile the overlay without -@, or the base"
              + " tree with it");
    }
    Map<String, String> symbols = new LinkedHashMap<>();
    overlay
        .symbols()
        .forEach(
            (label, path) -> {
              if (!ADDED_BY_KERNEL.contains(label)) {
                symbols.put(label, pathOnceApplied(label, path, targets));
              }
            });
    return symbols;
  }

  private String pathOnceApplied(String label, String path, Map<String, String> targets) {
    String fragment = path.isEmpty() ? "" : path.substring(1).split("[/:]", 2)[0];
    String content = "/" + fragment + "/__overlay__";
    String target = targets.get(fragment);
    if (target == null || content.length() > path.length()) {
      throw fault("symbol '" + label + "' is for no node inside a fragment: " + path);
    }
    String below = path.substring(content.length());
    return target.equals("/") && !below.isEmpty() ? below : target + below;
  }

  private InputFault fault(String wrong) {
    return new InputFault(
        "cannot apply overlay " + overlay.name() + " to " + base.name() + ": " + wrong);
  }
}
