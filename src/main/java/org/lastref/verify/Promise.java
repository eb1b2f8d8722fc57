package org.lastref.verify;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import org.lastref.klog.Meaning;
import org.lastref.klog.Sign;
import org.lastref.trace.Event;
import org.lastref.trace.Trace;

/**
 * Whether a kernel kept in one cycle what every kernel promises, however it does it: the steps end
 * as they should, no node is reported, every reference is given back, and the log says nothing
 * worse. Who took a reference and who returned it plays no part.
 *
 * @param reported the paths of the nodes that the kernel reported as leaked
 * @param broken what else is wrong, in the order of the trace
 */
public record Promise(SortedSet<String> reported, List<Finding> broken) {

  public Promise {
    broken = List.copyOf(broken);
  }

  /**
   * Looks at one cycle.
   *
   * @param scenario what was done; its policy is not looked at
   * @param trace all of it, from before the first step until all links let go
   */
  public static Promise of(Scenario scenario, Trace trace) {
    SortedSet<String> reported = new TreeSet<>();
    List<Finding> broken = new ArrayList<>();
    StepResults.check(scenario.steps(), trace, broken::add);
    for (Event event : trace.events()) {
      if (event instanceof Event.Logged logged) {
        Matcher report = Sign.NODE_LEAK.matcher(logged.text());
        Matcher late = Sign.LATE_NODE_LEAK.matcher(logged.text());
        if (report.find()) {
          reported.add(report.group(1));
        } else if (late.find()) {
          reported.add(late.group(1));
        } else if (Sign.ofKernel(logged.text())) {
          broken.add(
              new Finding(
                  Finding.Type.LOG,
                  logged.at().index(),
                  "the kernel's log",
                  logged.text(),
                  "no such line"));
        }
      }
    }
    Balance.check(trace, broken::add);
    broken.sort(Comparator.comparingInt(Finding::event));
    return new Promise(reported, broken);
  }

  /** Whether it did. */
  public boolean kept() {
    return reported.isEmpty() && broken.isEmpty();
  }

  /** Whether a line of the kernel's log says that the kernel goes down. */
  public static boolean isDeath(String line) {
    return line.contains("BUG: ")
        || Sign.on(line).filter(sign -> sign.meaning() == Meaning.DEADLY).isPresent();
  }
}
