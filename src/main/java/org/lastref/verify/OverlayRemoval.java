package org.lastref.verify;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.Policy;
import org.lastref.model.Situation;
import org.lastref.trace.Instruction;
import org.lastref.trace.Scenario;
import org.lastref.trace.Verb;

/**
 * Overlays that were applied and removed, and what the model knows of them.
 *
 * @param policy the kernel's policy at the time
 * @param applied for each overlay by name, the first applied first, what it put into the kernel
 * @param scenario what was done
 * @param expected what should have come of the overlays, where that is told apart from what did
 * @param unbound the paths of the nodes whose devices are expected to have no driver
 */
public record OverlayRemoval(
    Policy policy,
    Map<String, AppliedOverlay> applied,
    Scenario scenario,
    Map<String, AppliedOverlay> expected,
    SortedSet<String> unbound) {

  public OverlayRemoval {
    unbound = Collections.unmodifiableSortedSet(new TreeSet<>(unbound));
    applied = Collections.unmodifiableMap(new LinkedHashMap<>(applied));
    expected = Collections.unmodifiableMap(new LinkedHashMap<>(expected));
  }

  /** Of overlays of which nothing is known but what is expected. */
  public OverlayRemoval(Policy policy, Map<String, AppliedOverlay> applied, Scenario scenario) {
    this(policy, applied, scenario, new TreeSet<>());
  }

  /** The same where some devices are expected to have no driver. */
  public OverlayRemoval(
      Policy policy,
      Map<String, AppliedOverlay> applied,
      Scenario scenario,
      SortedSet<String> unbound) {
    this(policy, applied, scenario, applied, unbound);
  }

  /** The same where this was seen to come of the overlays. */
  public OverlayRemoval seen(Map<String, AppliedOverlay> observed) {
    return new OverlayRemoval(policy, observed, scenario, expected, unbound);
  }

  /**
   * The same with a pause before the first of them is removed.
   *
   * @param name what the pause is called
   */
  public OverlayRemoval paused(String name) {
    List<Instruction> instructions = new ArrayList<>(scenario.instructions());
    int first =
        IntStream.range(0, instructions.size())
            .filter(i -> instructions.get(i).verb() == Verb.REMOVE)
            .findFirst()
            .orElse(instructions.size());
    instructions.add(first, Instruction.to(Verb.PAUSE, name));
    return new OverlayRemoval(policy, applied, new Scenario(instructions), expected, unbound);
  }

  /** What else happened meanwhile. */
  public Situation situation() {
    return Situation.of(scenario.steps());
  }

  /**
   * Whether the model has what is done: not all situations, and not that devices are unbound of
   * which it does not know the names.
   */
  public boolean isModelled() {
    return situation().isModelled()
        && scenario.arguments(Verb.UNBIND).stream().noneMatch(Situation::areAll);
  }

  /** Whether the model has what is done, and all drivers of the overlays. */
  public boolean isKnown() {
    return isModelled() && applied.values().stream().allMatch(AppliedOverlay::isModelled);
  }

  /** The same under another policy. */
  public OverlayRemoval under(Policy other) {
    return new OverlayRemoval(other, applied, scenario, expected, unbound);
  }

  /** What traces of it are held against: the model of its policy. */
  public Exercise exercise() {
    Situation situation = situation();
    return new Exercise(
        policy + (situation == Situation.REMOVE ? "" : " situation=" + situation),
        scenario,
        new RemovalModel(this),
        List.of(
            Check.STEP_RESULTS,
            new Probed(this),
            new Leftovers(applied.values()),
            new Ledger(applied),
            Check.FURTHER_BALANCE,
            Check.CONFORMANCE,
            NodeReports.TOLD_TWICE,
            KernelLog.BUT_NODE_REPORTS));
  }

  /** The same by the promise of every kernel, whatever its policy. */
  public Exercise promise() {
    List<Check> checks = new ArrayList<>(Promise.CHECKS);
    checks.add(new Probed(this));
    checks.add(new Leftovers(applied.values()));
    if (!isModelled()) {
      checks.add(Rebound.CHECK);
    }
    return new Exercise(policy.grace().toString(), scenario, Model.none(applied), checks);
  }

  /** The same exercise under some policies, by their words. */
  public Map<String, Exercise> exercises(Collection<Policy> policies) {
    Map<String, Exercise> exercises = new LinkedHashMap<>();
    policies.forEach(each -> exercises.put(each.toString(), under(each).exercise()));
    return exercises;
  }

  /** Every policy that a kernel like this one may have had instead. */
  public List<Policy> policies() {
    return Policy.all().stream()
        .map(each -> policy.delayed() ? each.withDelayedRelease() : each)
        .toList();
  }
}
