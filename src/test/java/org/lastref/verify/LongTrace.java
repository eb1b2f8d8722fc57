package org.lastref.verify;

import java.util.ArrayList;
import java.util.List;
import org.lastref.Recorded;
import org.lastref.verify.Scenario.ExpectedStep;

/**
 * A recorded cycle over and over, as one trace.
 *
 * @param text as a board would have sent it
 * @param scenario of all its cycles
 */
record LongTrace(String text, Scenario scenario) {

  /** At least so many events. */
  static LongTrace of(Recorded recorded, int events) {
    List<String> cycle =
        recorded.text().lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
    int cycles = Math.max(1, (events + cycle.size() - 1) / cycle.size());
    StringBuilder text = new StringBuilder();
    List<ExpectedStep> steps = new ArrayList<>();
    Scenario once = recorded.scenario();
    for (int i = 0; i < cycles; i++) {
      cycle.forEach(line -> text.append(line).append('\n'));
      steps.addAll(once.steps());
    }
    text.append("# end\n");
    return new LongTrace(text.toString(), new Scenario(once.policy(), once.populations(), steps));
  }
}
