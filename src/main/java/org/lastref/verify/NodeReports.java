package org.lastref.verify;

import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import org.lastref.klog.Sign;
import org.lastref.trace.Event;

/**
 * Notes the nodes that the kernel reports as leaked.
 *
 * @param toldTwice whether each has to be reported once while the changeset is destroyed and once
 *     when it is freed, as our kernels do; if not, either is enough
 */
record NodeReports(boolean toldTwice) implements Check {

  static final NodeReports TOLD_TWICE = new NodeReports(true);
  static final NodeReports TOLD = new NodeReports(false);

  /** Whether a line of the log is such a report. */
  static boolean isOne(String line) {
    return Sign.NODE_LEAK.matcher(line).find() || Sign.LATE_NODE_LEAK.matcher(line).find();
  }

  @Override
  public void of(Examination trace) {
    SortedSet<String> reportedLate = new TreeSet<>();
    for (Event event : trace.trace().events()) {
      if (event instanceof Event.Logged logged) {
        Matcher report = Sign.NODE_LEAK.matcher(logged.text());
        Matcher late = Sign.LATE_NODE_LEAK.matcher(logged.text());
        if (report.find()) {
          trace.reported(report.group(1));
        } else if (late.find()) {
          reportedLate.add(late.group(1));
        }
      }
    }
    if (!toldTwice) {
      reportedLate.forEach(trace::reported);
    } else if (!trace.reported().equals(reportedLate)) {
      trace.found(
          new Finding(
              Finding.Type.LOG,
              trace.trace().events().size(),
              "the kernel's log",
              "late report of " + reportedLate,
              "late report of what was reported before, " + trace.reported()));
    }
  }
}
