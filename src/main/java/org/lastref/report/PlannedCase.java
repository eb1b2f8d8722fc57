package org.lastref.report;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A case that must run. Until it does, the results name it as not run.
 *
 * @param id unique in a run, for example {@code diamond/system-wq/none/delayed}
 * @param className JUnit's class name, for example {@code qemu-virt.overlay-removal}; one XML file
 *     a class name
 * @param name JUnit's case name, unique in its class name
 * @param properties what places the case in a table: overlay, release, fix, timing
 * @param rerun command that runs this case alone, or empty
 */
public record PlannedCase(
    String id, String className, String name, SortedMap<String, String> properties, String rerun) {

  public PlannedCase {
    requireText("id", id);
    requireText("className", className);
    requireText("name", name);
    properties = sortedCopy(properties);
    requireNonNull(rerun, "rerun");
  }

  /** The same with further properties. */
  PlannedCase with(Map<String, String> more) {
    SortedMap<String, String> all = new TreeMap<>(properties);
    all.putAll(more);
    return new PlannedCase(id, className, name, all, rerun);
  }

  private static void requireText(String what, String value) {
    if (requireNonNull(value, what).isBlank()) {
      throw new IllegalArgumentException(what + " is blank");
    }
  }

  static SortedMap<String, String> sortedCopy(Map<String, String> map) {
    // Map.copyOf is the null check of keys and values.
    return Collections.unmodifiableSortedMap(new TreeMap<>(Map.copyOf(map)));
  }
}
