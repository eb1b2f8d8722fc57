package org.lastref.verify;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.lastref.machine.Machine;
import org.lastref.model.Reading;
import org.lastref.trace.Trace;

/** One machine for a trace from its beginning to its end. */
record WholeModel(String what, String title, Machine machine, Reading reading) implements Model {

  @Override
  public List<Passage> passages(Trace trace, Supplier<Map<Integer, String>> paths) {
    return reading.times(trace.events()).stream()
        .map(
            observed ->
                new Passage(
                    what,
                    title,
                    machine,
                    false,
                    observed,
                    new TreeSet<>(),
                    0,
                    trace.events().size()))
        .toList();
  }

  @Override
  public List<Part> parts() {
    return List.of(new Part(what, title, machine));
  }

  @Override
  public boolean isWhole() {
    return true;
  }
}
