package org.lastref.klog;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Splats of a log that is all there. */
public final class Splats {

  private Splats() {}

  /** All splats, in the order of their first lines. */
  public static List<Splat> in(List<String> lines) {
    SplatReader reader = new SplatReader();
    List<Splat> splats = new ArrayList<>();
    lines.forEach(line -> splats.addAll(reader.take(line)));
    splats.addAll(reader.end());
    splats.sort(Comparator.comparingLong(Splat::first));
    return splats;
  }
}
