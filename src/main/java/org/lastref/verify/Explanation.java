package org.lastref.verify;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a trace differs from the model, as data.
 *
 * @param name the trace's
 * @param policy the policy that it is held against
 * @param findings every difference; empty if it conforms
 * @param holdings whose the references are that are out, were late, or were put once too often
 * @param kept the modules that the kernel refused to unload though it should have
 * @param broken the promises that it breaks as its model says; empty if it does not conform
 * @param seen the steps of an exercise, in the order of the trace; empty for a removal
 * @param divergence where the model ceases to explain a removal; null if it explains all of them
 * @param repairs the smallest changes that make all of it conform, the likeliest first
 * @param repairsSearched false if it would have taken too long to try every change
 * @param policies every policy, and whether the trace could be of such a kernel
 */
public record Explanation(
    String name,
    String policy,
    List<Finding> findings,
    List<Holding> holdings,
    List<KeptModule> kept,
    List<String> broken,
    List<Done> seen,
    @Nullable Divergence divergence,
    List<Repair> repairs,
    boolean repairsSearched,
    List<Consistency> policies) {

  public Explanation {
    findings = List.copyOf(findings);
    holdings = List.copyOf(holdings);
    kept = List.copyOf(kept);
    broken = List.copyOf(broken);
    seen = List.copyOf(seen);
    repairs = List.copyOf(repairs);
    policies = List.copyOf(policies);
  }

  /**
   * Where the model ceases to explain a removal.
   *
   * @param event the index of the first event that no state explains, or of the end
   * @param seen what it is
   * @param because why not, in one sentence
   * @param agents what each agent could do instead, in one of the states believed until then
   * @param state the reference counts and flags in that state
   * @param states how many states are believed until then
   * @param before what was seen before, each with who does it in the model, hidden steps included
   */
  public record Divergence(
      int event,
      String seen,
      String because,
      List<AgentView> agents,
      List<Value> state,
      int states,
      List<Done> before) {

    public Divergence {
      agents = List.copyOf(agents);
      state = List.copyOf(state);
      before = List.copyOf(before);
    }
  }

  /**
   * An agent and a step that is next for it.
   *
   * @param step what it would do; {@code done} at its end
   * @param isFalse the conditions that keep it from that; empty if nothing does
   */
  public record AgentView(String agent, String step, List<String> isFalse) {
    public AgentView {
      isFalse = List.copyOf(isFalse);
    }
  }

  /** A part of the state. */
  public record Value(String name, int value) {}

  /**
   * A step on the way.
   *
   * @param event the index of the event that shows it, or -1 for a hidden step
   * @param micros the event's time, in microseconds of the kernel's clock, or -1
   * @param agent whose it is in the model, or as far as the trace tells
   */
  public record Done(int event, long micros, String agent, String step) {}

  /**
   * A policy held against the trace.
   *
   * @param ruledOutBy why the trace cannot be of such a kernel; empty if it can
   */
  public record Consistency(String policy, String ruledOutBy) {}
}
