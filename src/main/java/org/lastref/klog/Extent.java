package org.lastref.klog;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How far a splat goes after the sign that it is known by. */
enum Extent {
  /** Nothing follows. */
  LINE(null),
  /** As long as the lines look like those of a trace. */
  TRACE(null),
  /** Whatever comes up to a backtrace, and that. */
  BACKTRACE(null),
  /** Up to the end marker of a warning or an oops, print_oops_end_marker() in kernel/panic.c. */
  END_TRACE("---\\[ end trace "),
  /** Up to the last line that a panic can print. */
  END_PANIC("---\\[ end Kernel panic"),
  /** Up to the lower border of the report. */
  BORDER("^={40,}$"),
  /** Up to the task that is killed, or to a panic if none is left. */
  KILL("Killed process \\d+");

  private final @Nullable Pattern end;

  Extent(@Nullable String end) {
    this.end = end == null ? null : Pattern.compile(end);
  }

  /** Whether this line is the last. */
  boolean endsWith(String text) {
    return end != null && end.matcher(text).find();
  }

  /** Whether there is a last line to wait for. */
  boolean hasEnd() {
    return end != null;
  }
}
