package org.lastref.klog;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line as a console had it.
 *
 * @param stamped whether it has printk's time stamp
 * @param whole from the time stamp on, or all of it
 * @param text what follows the time stamp, or all of it
 */
record LogLine(boolean stamped, String whole, String text) {

  /** Printk cuts its own lines at 1,024 bytes, and nobody else's matter. */
  private static final int MAX_COLUMNS = 1200;

  /** With CONFIG_PRINTK_CALLER the task or CPU as well. */
  private static final Pattern STAMP =
      Pattern.compile("\\[ {0,4}\\d{1,9}\\.\\d{6}\\](?:\\[ *[TC]\\d{1,9}\\])? ?");

  private static final Pattern BORDER = Pattern.compile("={40,}");

  static LogLine of(String line) {
    String bounded = line.substring(0, Math.min(line.length(), MAX_COLUMNS)).stripTrailing();
    Matcher stamp = STAMP.matcher(bounded);
    return stamp.find()
        ? new LogLine(true, bounded.substring(stamp.start()), bounded.substring(stamp.end()))
        : new LogLine(false, bounded, bounded);
  }

  /** Whether it is the upper or lower border of a report. */
  boolean border() {
    return BORDER.matcher(text).matches();
  }
}
