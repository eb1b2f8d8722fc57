package org.lastref.verify;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The references to nodes of overlays that were out when their removal began, but for those that
 * the core holds for itself.
 *
 * @param out how many there were
 * @param anywhere those of them that may come back anywhere between then and the kernel's check,
 *     for it is not known where they do: how many, by function and node
 */
public record References(int out, SortedMap<String, Integer> anywhere) {

  /** Of a case of which they are not counted. */
  public static final References UNCOUNTED = new References(0, new TreeMap<>());

  public References {
    anywhere = Collections.unmodifiableSortedMap(new TreeMap<>(anywhere));
  }

  /** How many have their place in the model of the removal. */
  public int placed() {
    return out - anywhere.values().stream().mapToInt(each -> each).sum();
  }
}
