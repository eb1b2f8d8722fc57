package org.lastref.target;

import java.util.List;
import org.lastref.trace.Records;

/**
 * What came of some steps on a board.
 *
 * @param steps each step's own line: the step and its result
 * @param records what was watched meanwhile
 */
public record Observation(List<String> steps, Records records) {

  public Observation {
    steps = List.copyOf(steps);
  }
}
