package org.lastref.fdt;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.InputFault;
import org.lastref.fdt.ResolvedOverlay.ResolvedFragment;

/**
 * Merges a resolved overlay into a tree as {@code build_changeset()} in {@code
 * drivers/of/overlay.c} of Linux 6.1.192 does. All fragments see the tree as it was before the
 * first; so no fragment can change what another adds.
 */
final class Merge {
  private static final Set<String> KEPT = Set.of("name", "phandle", "linux,phandle");
  private static final Set<String> FIXED = Set.of("#address-cells", "#size-cells");

  private final Fdt base;
  private final ResolvedOverlay overlay;
  private final Set<String> addedNodes = new HashSet<>();
  private final Set<String> setProperties = new HashSet<>();

  Merge(Fdt base, ResolvedOverlay overlay) {
    this.base = base;
    this.overlay = overlay;
  }

  Fdt merged() {
    Draft draft = Draft.of(base.root());
    for (ResolvedFragment fragment : overlay.fragments()) {
      String path = fragment.targetPath();
      Draft target = draft.find(path.equals("/") ? "" : path);
      Node live = base.find(path).orElse(null);
      if (target == null || live == null) {
        throw fault("there is no node " + path + "; it was resolved for another tree");
      }
      merge(path, fragment.content(), target, live);
    }
    if (!overlay.symbols().isEmpty()) {
      symbols(draft);
    }
    return new Fdt(
        base.name() + " + " + overlay.name(), base.bootCpu(), base.reservations(), draft.freeze());
  }

  /**
   * {@code build_changeset_next_level()}.
   *
   * @param live the target as it was before the overlay; null where the overlay adds it
   */
  private void merge(String path, Node content, Draft target, @Nullable Node live) {
    for (Property property : content.properties()) {
      merge(path, property, target, live);
    }
    for (Node child : content.children()) {
      mergeChild(OfPath.join(path, child.name()), child, target, live);
    }
  }

  /** {@code add_changeset_property()}. */
  private void merge(String path, Property property, Draft target, @Nullable Node live) {
    if (live != null && KEPT.contains(property.name())) {
      return;
    }
    if (live != null && FIXED.contains(property.name())) {
      Optional<Property> old = live.property(property.name());
      if (old.isPresent() && !old.get().equals(property)) {
        throw fault("changing value of " + property.name() + " is not allowed in " + path);
      }
      if (old.isPresent()) {
        return;
      }
    }
    set(path, property, target);
  }

  private void set(String path, Property property, Draft target) {
    String name = OfPath.join(path, property.name());
    if (!setProperties.add(name)) {
      throw fault("multiple fragments add, update, and/or delete property " + name);
    }
    target.set(property);
  }

  /** {@code add_changeset_node()}. */
  private void mergeChild(String path, Node child, Draft target, @Nullable Node live) {
    // of_node_cmp() ignores case.
    Node liveChild =
        live == null
            ? null
            : live.children().stream()
                .filter(c -> c.name().equalsIgnoreCase(child.name()))
                .findFirst()
                .orElse(null);
    if (liveChild == null) {
      if (!addedNodes.add(path)) {
        throw fault("multiple fragments add and/or delete node " + path);
      }
      if (path.chars().filter(c -> c == '/').count() >= Fdt.MAX_DEPTH) {
        throw fault("nodes would be nested deeper than " + Fdt.MAX_DEPTH + ": " + path);
      }
      Draft added = new Draft(child.name());
      target.attach(added);
      merge(path, child, added, null);
      return;
    }
    if (child.phandle() != 0 && liveChild.phandle() != 0) {
      throw fault("node " + path + " has a phandle in the tree and another in the overlay");
    }
    Draft existing = target.child(liveChild.name());
    if (existing == null) {
      throw new IllegalStateException(path);
    }
    String parent = path.substring(0, path.length() - child.name().length());
    merge(parent + liveChild.name(), child, existing, liveChild);
  }

  /** {@code build_changeset_symbols_node()}. */
  private void symbols(Draft draft) {
    Draft target = draft.child("__symbols__");
    if (target == null) {
      throw fault("symbols in overlay, but not in live tree");
    }
    overlay
        .symbols()
        .forEach(
            (label, path) -> {
              if (target.value(label) != null) {
                throw fault("label '" + label + "' is in the tree's __symbols__ already");
              }
              byte[] value = (path + "\0").getBytes(StandardCharsets.UTF_8);
              set("/__symbols__", Property.of(label, value), target);
            });
  }

  private InputFault fault(String wrong) {
    return new InputFault(
        "cannot apply overlay " + overlay.name() + " to " + base.name() + ": " + wrong);
  }
}
