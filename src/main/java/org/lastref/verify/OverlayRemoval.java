package org.lastref.verify;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.Policy;
import org.lastref.model.Situation;
import org.lastref.trace.Scenario;

/**
 * Overlays that were applied and removed, and what the model knows of them.
 *
 * @param policy the kernel's policy at the time
 * @param applied for each overlay by name, the first applied first, what it put into the kernel
 * @param scenario what was done
 * @param unbound the nodes whose devices are expected to have no driver
 */
public record OverlayRemoval(
    Policy policy,
    Map<String, AppliedOverlay> applied,
    Scenario scenario,
    SortedSet<String> unbound) {

  public OverlayRemoval {
    applied = Collections.unmodifiableMap(new LinkedHashMap<>(applied));
    unbound = Collections.unmodifiableSortedSet(new TreeSet<>(unbound));
  }

  /** One of which that is expected of no device. */
  public OverlayRemoval(Policy policy, Map<String, AppliedOverlay> applied, Scenario scenario) {
    this(policy, applied, scenario, new TreeSet<>());
  }

  /** What else happened meanwhile. */
  public Situation situation() {
    return Situation.of(scenario::has);
  }

  /** The same under another policy. */
  public OverlayRemoval under(Policy other) {
    return new OverlayRemoval(other, applied, scenario, unbound);
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
