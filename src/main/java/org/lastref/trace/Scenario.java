package org.lastref.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * What is done on a board, in order. Everything else that has to agree on it is made from it: what
 * the board is told, what the model has somebody do, and how each step should end.
 */
public record Scenario(List<Instruction> instructions) {

  private static final String NO_STEP = "no step";

  public Scenario {
    instructions = List.copyOf(instructions);
  }

  /** What the board is told, a step each. */
  public List<String> steps() {
    return instructions.stream().map(Instruction::step).toList();
  }

  /** The arguments of one verb, in order. */
  public List<String> arguments(Verb verb) {
    return instructions.stream()
        .filter(each -> each.verb() == verb)
        .map(Instruction::argument)
        .toList();
  }

  /** Whether there is an instruction of this verb. */
  public boolean has(Verb verb) {
    return instructions.stream().anyMatch(each -> each.verb() == verb);
  }

  /**
   * A step that ended otherwise than it should.
   *
   * @param place its place, from 0
   * @param seen the step and its result, or that there is none
   */
  public record Otherwise(int place, String seen) {}

  /**
   * Every step that ended otherwise than it should, or that should not be there.
   *
   * @param ended each step with its result
   */
  public List<Otherwise> otherwise(List<String> ended) {
    List<Otherwise> found = new ArrayList<>();
    for (int i = 0; i < Math.max(ended.size(), instructions.size()); i++) {
      String seen = i < ended.size() ? ended.get(i) : NO_STEP;
      if (!seen.startsWith(i < instructions.size() ? "" + instructions.get(i) : NO_STEP)) {
        found.add(new Otherwise(i, seen));
      }
    }
    return found;
  }
}
