package org.lastref.verify;

import java.util.HashMap;
import java.util.Map;
import org.lastref.model.Engine;
import org.lastref.model.Policy;
import org.lastref.model.Population;
import org.lastref.model.Removal;
import org.lastref.model.Situation;
import org.lastref.trace.Trace;

/**
 * Judges traces of one scenario. Remembers of the model what it worked out, so that one verifier
 * for many traces is faster than one for each. Used by one thread.
 */
public final class Verifier {

  private final Scenario scenario;
  private final Map<Population, Beliefs> beliefs = new HashMap<>();

  /** Prepares to judge. */
  public Verifier(Scenario scenario) {
    this.scenario = scenario;
  }

  /** Judges one trace with a verifier of its own. */
  public static Verdict judge(Scenario scenario, Trace trace) {
    return new Verifier(scenario).judge(trace);
  }

  /**
   * Judges one trace.
   *
   * @param trace all of it, from before the first step until all links let go
   */
  public Verdict judge(Trace trace) {
    return new Judgement(this, trace).verdict();
  }

  Scenario scenario() {
    return scenario;
  }

  /** What can be believed of the removal of an overlay, given the delays that the kernel drew. */
  Beliefs beliefs(Population population, Map<String, Long> due) {
    Policy policy = scenario.policy();
    return due.isEmpty()
        ? beliefs.computeIfAbsent(
            population, each -> new Beliefs(new Engine(Removal.of(each, policy, Situation.REMOVE))))
        : new Beliefs(new Engine(Removal.of(population, policy, due)));
  }
}
