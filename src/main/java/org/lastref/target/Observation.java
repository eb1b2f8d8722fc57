package org.lastref.target;

import java.util.List;

/**
 * What came of some steps on a board.
 *
 * @param steps each step's own line: the step and its result
 * @param trace the text of the trace, to be read by {@code org.lastref.trace}
 */
public record Observation(List<String> steps, String trace) {

  public Observation {
    steps = List.copyOf(steps);
  }
}
