package org.lastref.trace;

import java.util.List;

/**
 * What is done on a board, in order. Everything else that has to agree on it is made from it: what
 * the board is told, what the model has somebody do, and how each step should end.
 */
public record Scenario(List<Instruction> instructions) {

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
}
