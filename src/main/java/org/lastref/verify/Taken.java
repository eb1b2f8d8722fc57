package org.lastref.verify;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.lastref.model.AppliedOverlay;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Trace;

/**
 * A reference that was taken while a trace was watched, and how it most likely went back.
 *
 * @param get who took it
 * @param put who gave it back; null if nobody did
 * @param device the device on whose behalf it was taken; empty if none is known
 * @param driver the driver that it was then probed by; empty if none is known
 * @param doing what was done to that device, such as {@code probed}; empty if none is known
 */
public record Taken(
    Reference get, @Nullable Reference put, String device, String driver, String doing) {

  /**
   * All of a trace, in the order in which they were taken.
   *
   * @param applied what overlays put into the kernel, by name
   */
  public static List<Taken> in(Trace trace, Map<String, AppliedOverlay> applied) {
    return Holders.taken(trace, applied);
  }

  /** Whether it was out when an event came. */
  public boolean isOutAt(int event) {
    return get.at().index() < event && (put == null || put.at().index() > event);
  }
}
