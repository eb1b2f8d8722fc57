package org.lastref.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A machine in the making: hands out variables, and takes agents and facts. */
final class Assembly {

  private final List<Variable> variables = new ArrayList<>();
  private final List<Agent> agents = new ArrayList<>();
  private final List<Machine.Fact> facts = new ArrayList<>();

  /** A further variable. */
  Variable variable(String name, int initial, int max) {
    Variable variable = new Variable(variables.size(), name, initial, max);
    variables.add(variable);
    return variable;
  }

  /** A flag that is down. */
  Variable flag(String name) {
    return variable(name, 0, 1);
  }

  /** A flag that says at the end that something happened. */
  Variable fact(Machine.Kind kind, String what) {
    Variable flag = flag(what);
    facts.add(new Machine.Fact(flag, kind, what));
    return flag;
  }

  /** An agent that has to come to its end. */
  void agent(String name, Script script) {
    Script.Written written = script.written();
    int last = written.steps().stream().mapToInt(Step::to).max().orElse(0);
    Variable position = variable(name + " at", 0, last);
    agents.add(new Agent(name, position, written.steps(), Set.of(written.end())));
  }

  /** The machine. */
  Machine machine(String name) {
    return new Machine(name, variables, agents, facts);
  }
}
