package org.lastref.fdt;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Paths of nodes. */
final class OfPath {
  private OfPath() {}

  static String join(String parent, String child) {
    return parent.equals("/") ? "/" + child : parent + "/" + child;
  }

  /**
   * The names to step through, from the node where the search starts, as {@code
   * __of_find_node_by_full_path()} in {@code drivers/of/base.c} of Linux 6.1.192 does: options
   * after a colon are ignored, a path that does not start with a slash is no step at all.
   *
   * @return null where no node can match, as for an empty name
   */
  static @Nullable List<String> steps(String path) {
    int colon = path.indexOf(':');
    String nodes = colon < 0 ? path : path.substring(0, colon);
    if (!nodes.startsWith("/")) {
      return List.of();
    }
    List<String> steps = List.of(nodes.substring(1).split("/", -1));
    return steps.contains("") ? null : steps;
  }
}
