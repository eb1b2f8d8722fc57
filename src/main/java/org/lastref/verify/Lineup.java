package org.lastref.verify;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lastref.model.Policy;
import org.lastref.trace.Trace;

/**
 * Which of some policies a kernel could have of which that is not known: one cycle after the other
 * rules some out. Used by one thread.
 */
public final class Lineup {

  private final Map<Policy, Verifier> left = new LinkedHashMap<>();

  /**
   * Lines policies up.
   *
   * @param scenario what is done; its own policy is not looked at
   */
  public Lineup(Scenario scenario, Collection<Policy> policies) {
    policies.forEach(each -> left.put(each, new Verifier(scenario.under(each))));
  }

  /** Rules out those whose model does not explain a cycle. */
  public void see(Trace trace) {
    left.values().removeIf(verifier -> !Judgement.conforms(verifier, trace));
  }

  /** Those that explain all cycles seen, in the order in which they were given. */
  public List<Policy> left() {
    return List.copyOf(left.keySet());
  }
}
