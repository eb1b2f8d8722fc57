package org.lastref.klog;

import java.util.List;

/**
 * What belongs together in a kernel's log around one sign.
 *
 * @param sign what it is known by
 * @param deadly whether the kernel went down with it, be it in its course
 * @param title one line, such as {@code KASAN: slab-use-after-free in device_del}: the same for the
 *     same fault, so free of addresses, numbers of processes and times
 * @param first the place of its first line among all lines, from 0
 * @param lines at most {@value SplatReader#MAX_LINES}, without what was in front of time stamps
 */
public record Splat(Sign sign, boolean deadly, String title, long first, List<String> lines) {

  public Splat {
    lines = List.copyOf(lines);
  }

  /** What it means for a verdict, {@link #deadly} or not. */
  public Meaning meaning() {
    return sign.meaning();
  }
}
