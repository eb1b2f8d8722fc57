package org.lastref.trace;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Set;

/**
 * Who called for an operation: kernel functions, the innermost first, without offsets and the
 * suffixes of a compiler's clones. Of a trace of version 1 no more than two are known.
 */
public final class Chain {
  /** No function is known. */
  public static final Chain NONE = new Chain(List.of());

  /**
   * A chain of so many functions may go on: LRW_FRAMES of harness/modules/lastref-watch.h, of which
   * the first is not told where a kprobe takes it.
   */
  public static final int FULL = 15;

  /**
   * Functions that merely pass a call on: include/linux/of.h, drivers/of/property.c and
   * drivers/base/core.c of Linux 6.1 and 6.12.
   */
  private static final Set<String> PASSED_ON =
      Set.of(
          "of_node_get",
          "of_node_put",
          "get_device",
          "put_device",
          "get_dev_from_fwnode",
          "fwnode_handle_get",
          "fwnode_handle_put",
          "of_fwnode_get",
          "of_fwnode_put",
          "kobject_get",
          "kobject_put");

  private final List<String> functions;
  private final int holder;

  private Chain(List<String> functions) {
    this.functions = functions;
    holder = holder(functions);
  }

  /** A chain of these functions, the innermost first. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Chain of(List<String> functions) {
    return functions.isEmpty() ? NONE : new Chain(List.copyOf(functions));
  }

  /** The last one if all pass the call on. */
  private static int holder(List<String> functions) {
    int holder = 0;
    while (holder < functions.size() - 1 && PASSED_ON.contains(functions.get(holder))) {
      holder++;
    }
    return holder;
  }

  /** All functions, the innermost first. */
  @JsonValue
  public List<String> functions() {
    return functions;
  }

  /** The function on whose behalf it was done; empty if none is known. */
  public String holder() {
    return functions.isEmpty() ? "" : functions.get(holder);
  }

  /** The functions that called for it, the holder first. */
  public List<String> callers() {
    return functions.isEmpty() ? functions : functions.subList(holder, functions.size());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Chain chain && functions.equals(chain.functions);
  }

  @Override
  public int hashCode() {
    return functions.hashCode();
  }

  /** As it is read: each function by its caller. */
  @Override
  public String toString() {
    return String.join(" \u2190 ", functions);
  }
}
