package org.lastref.verify;

import java.util.ArrayList;
import java.util.List;
import org.lastref.trace.Event;
import org.lastref.trace.Instruction;
import org.lastref.trace.Scenario;

/** How the steps of a case ended, against how they should have. */
final class StepResults {

  private StepResults() {}

  static void check(Examination trace) {
    List<Instruction> told = trace.exercise().scenario().instructions();
    List<Event.Step> ends = new ArrayList<>();
    for (Event event : trace.trace().events()) {
      if (event instanceof Event.Step step && step.end()) {
        ends.add(step);
      }
    }
    List<String> seen = ends.stream().map(end -> end.step() + " " + end.result()).toList();
    for (Scenario.Otherwise each : trace.exercise().scenario().otherwise(seen)) {
      int i = each.place();
      int index = i < ends.size() ? ends.get(i).at().index() : trace.trace().events().size();
      String step = i < told.size() ? told.get(i).step() : "no step";
      String result = i < told.size() ? told.get(i).result() : "";
      trace.found(new Finding(Finding.Type.RESULT, index, step, each.seen(), step + " " + result));
    }
  }
}
