package org.lastref.verify;

import java.util.ArrayList;
import java.util.List;
import org.lastref.trace.Event;
import org.lastref.trace.Instruction;

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
    for (int i = 0; i < Math.max(ends.size(), told.size()); i++) {
      String seen = i < ends.size() ? ends.get(i).step() + " " + ends.get(i).result() : "no step";
      int index = i < ends.size() ? ends.get(i).at().index() : trace.trace().events().size();
      String step = i < told.size() ? told.get(i).step() : "no step";
      String result = i < told.size() ? told.get(i).result() : "";
      String allowed = step + " " + result;
      if (!seen.startsWith(allowed.strip())) {
        trace.found(new Finding(Finding.Type.RESULT, index, step, seen, allowed));
      }
    }
  }
}
