package org.lastref.fdt;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An overlay fitted to one base tree. All phandles in it are final.
 *
 * @param name what messages call the overlay
 * @param fragments in the order in which they are applied
 * @param symbols what is added to the base tree's {@code /__symbols__}: by label, the path of the
 *     node once the overlay is applied
 */
public record ResolvedOverlay(
    String name, List<ResolvedFragment> fragments, Map<String, String> symbols) {

  /**
   * A fragment whose target is known.
   *
   * @param targetPath the full path of the node in the base tree
   * @param content the {@code __overlay__} node, whose properties and children go into the target
   */
  public record ResolvedFragment(String targetPath, Node content) {}

  public ResolvedOverlay {
    fragments = List.copyOf(fragments);
    symbols = Collections.unmodifiableMap(new LinkedHashMap<>(symbols));
  }
}
