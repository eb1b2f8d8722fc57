package org.lastref.verify;

import java.util.Optional;
import org.lastref.klog.Sign;
import org.lastref.trace.Event;

/**
 * The log says nothing bad that is not a step of the model.
 *
 * @param nodeReports whether reports of leaked nodes count, or {@link NodeReports} looks at them
 */
record KernelLog(boolean nodeReports) implements Check {

  static final KernelLog ALL = new KernelLog(true);
  static final KernelLog BUT_NODE_REPORTS = new KernelLog(false);

  @Override
  public void of(Examination trace) {
    boolean leaksTold = Leftovers.tellOfLeaks(trace.trace());
    for (Event event : trace.trace().events()) {
      if (event instanceof Event.Logged logged
          && !(leaksTold && Sign.on(logged.text()).equals(Optional.of(Sign.MEMORY_LEAKS)))
          && !trace.isAStep(logged.at().index())
          && (nodeReports || !NodeReports.isOne(logged.text()))
          && Sign.ofKernel(logged.text())) {
        trace.found(
            new Finding(
                Finding.Type.LOG,
                logged.at().index(),
                "the kernel's log",
                logged.text(),
                "no such line"));
      }
    }
  }
}
