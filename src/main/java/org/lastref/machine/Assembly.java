package org.lastref.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A machine in the making: hands out variables, and takes agents and facts. */
public final class Assembly {

  private final List<Variable> variables = new ArrayList<>();
  private final List<Agent> agents = new ArrayList<>();
  private final List<Machine.Fact> facts = new ArrayList<>();

  /** A further variable. */
  public Variable variable(String name, int initial, int max) {
    Variable variable = new Variable(variables.size(), name, initial, max);
    variables.add(variable);
    return variable;
  }

  /** A flag that is down. */
  public Variable flag(String name) {
    return variable(name, 0, 1);
  }

  /**
   * A flag that says at the end that something happened; the same one if it was asked for before.
   *
   * @param name the flag's
   * @param what happened
   */
  public Variable fact(String name, Machine.Kind kind, String what) {
    Optional<Machine.Fact> known =
        facts.stream().filter(fact -> fact.what().equals(what) && fact.kind() == kind).findFirst();
    if (known.isPresent()) {
      return known.get().flag();
    }
    Variable flag = flag(name);
    facts.add(new Machine.Fact(flag, kind, what));
    return flag;
  }

  /** An agent that has to come to its end. */
  public Agent agent(String name, Script.Written written) {
    return agent(name, written, Set.of(written.end()));
  }

  /** An agent that has to come to its end if it begins at all. */
  public Agent agentThatMayRest(String name, Script.Written written) {
    return agent(name, written, Set.of(0, written.end()));
  }

  private Agent agent(String name, Script.Written written, Set<Integer> rests) {
    int last = written.steps().stream().mapToInt(Step::to).max().orElse(0);
    Variable position = variable(name + " at", 0, last);
    Agent agent = new Agent(name, position, written.steps(), rests);
    agents.add(agent);
    return agent;
  }

  /** The machine. */
  public Machine machine(String name) {
    return new Machine(name, variables, agents, facts);
  }
}
