package org.lastref.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.lastref.trace.Event;
import org.lastref.trace.Trace;
import org.lastref.verify.Scenario.ExpectedStep;

/** How the steps of a case ended, against how they should have. */
final class StepResults {

  private StepResults() {}

  /** Each step ended as it should, and nothing else was done. */
  static void check(List<ExpectedStep> steps, Trace trace, Consumer<Finding> found) {
    List<Event.Step> ends = new ArrayList<>();
    for (Event event : trace.events()) {
      if (event instanceof Event.Step step && step.end()) {
        ends.add(step);
      }
    }
    for (int i = 0; i < Math.max(ends.size(), steps.size()); i++) {
      String seen = i < ends.size() ? ends.get(i).step() + " " + ends.get(i).result() : "no step";
      int index = i < ends.size() ? ends.get(i).at().index() : trace.events().size();
      ExpectedStep expected = i < steps.size() ? steps.get(i) : new ExpectedStep("no step", "");
      String allowed = expected.step() + " " + expected.result();
      if (!seen.startsWith(allowed.strip())) {
        found.accept(new Finding(Finding.Type.RESULT, index, expected.step(), seen, allowed));
      }
    }
  }
}
