package org.lastref.verify;

import java.util.HashSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import org.lastref.klog.Sign;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Trace;

/**
 * Notes the nodes that the kernel reports as leaked.
 *
 * @param toldTwice whether each has to be reported once while the changeset is destroyed and once
 *     when it is freed, if it ever is, as our kernels do; if not, either is enough
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
      return;
    }
    SortedSet<String> due = new TreeSet<>(trace.reported());
    if (!due.isEmpty()) {
      due.removeAll(held(trace.trace()));
    }
    if (!due.equals(reportedLate)) {
      trace.found(
          new Finding(
              Finding.Type.LOG,
              trace.trace().events().size(),
              "the kernel's log",
              "late report of " + reportedLate,
              "late report of what was reported before, " + due));
    }
  }

  /** The nodes that are held to the end, so that they are never freed. */
  private static Set<String> held(Trace trace) {
    Set<String> held = new HashSet<>();
    for (Event event : trace.events()) {
      if (event instanceof Reference each && each.kind() == Kind.NODE) {
        boolean freed = each.direction() == Direction.PUT && each.count() == 1;
        if (freed) {
          held.remove(each.subject().path());
        } else {
          held.add(each.subject().path());
        }
      }
    }
    return held;
  }
}
