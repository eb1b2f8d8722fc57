package org.lastref.machine;

import java.util.List;

/**
 * A model as data: variables, and agents that change them step by step, in any order that the
 * guards allow. A model of a kernel makes one, {@link Explorer} searches it, {@link Promela} writes
 * it down for Spin.
 *
 * @param name what messages call it
 * @param variables in the order of their indexes; each agent's position is one of them
 * @param agents in the order in which tables show them
 * @param facts what an end is told by
 */
public record Machine(String name, List<Variable> variables, List<Agent> agents, List<Fact> facts) {

  /**
   * Something that happened on the way to an end.
   *
   * @param flag the variable that is not 0 if it did
   * @param what the node's path, or a sentence
   */
  public record Fact(Variable flag, Kind kind, String what) {}

  /** What it means that something happened. */
  public enum Kind {
    /** Something is told of as lost. */
    REPORT,
    /** A promise is broken, in a way that is known. */
    BREACH,
    /** What may never happen. */
    WRONG
  }

  public Machine {
    variables = List.copyOf(variables);
    agents = List.copyOf(agents);
    facts = List.copyOf(facts);
  }
}
