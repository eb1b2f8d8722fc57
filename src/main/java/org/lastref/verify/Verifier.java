package org.lastref.verify;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.lastref.model.Engine;
import org.lastref.model.Policy;
import org.lastref.model.Population;
import org.lastref.model.Refcounts;
import org.lastref.model.Removal;
import org.lastref.trace.Trace;

/**
 * Judges traces of one scenario. Remembers of the model what it worked out, so that one verifier
 * for many traces is faster than one for each. Used by one thread.
 */
public final class Verifier {

  private final Scenario scenario;
  private final Map<Removed, Beliefs> beliefs = new HashMap<>();

  private record Removed(Population population, boolean quick) {}

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
    return Judgement.of(this, trace).verdict();
  }

  Scenario scenario() {
    return scenario;
  }

  /** The names of all links that are released at a removal. */
  List<String> linkNames() {
    return scenario.populations().values().stream()
        .flatMap(population -> population.links().stream())
        .map(Population.Link::name)
        .toList();
  }

  /** The paths of all nodes that an overlay added. */
  List<String> nodePaths() {
    return scenario.populations().values().stream()
        .flatMap(population -> population.nodes().stream())
        .filter(Population.ChangedNode::added)
        .map(Population.ChangedNode::path)
        .toList();
  }

  /** Whether a reference that the one function takes is returned by the other. */
  boolean keeps(String getBy, String putBy) {
    return Stream.concat(
            scenario.populations().values().stream()
                .flatMap(
                    population ->
                        population.nodes().stream()
                            .flatMap(node -> Refcounts.of(node, population).stream())),
            Stream.of(Refcounts.LINK))
        .anyMatch(hold -> hold.getBy().equals(getBy) && hold.putBy().contains(putBy));
  }

  /**
   * What can be believed of the removal of an overlay.
   *
   * @param due when delayed releases are due, given the delays that the kernel drew
   * @param quick whether the remover was quick enough for slow grace periods to be slow
   */
  Beliefs beliefs(Population population, Map<String, Long> due, boolean quick) {
    Policy policy = quick ? scenario.policy() : scenario.policy().with(Policy.Grace.ANY);
    return due.isEmpty()
        ? beliefs.computeIfAbsent(
            new Removed(population, quick),
            each -> new Beliefs(new Engine(Removal.of(population, policy, scenario.situation()))))
        : new Beliefs(new Engine(Removal.of(population, policy, scenario.situation(), due)));
  }
}
