package org.lastref.offline;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.AppliedOverlay.Wanting;
import org.lastref.report.CaseOutcome;
import org.lastref.trace.Trace;
import org.lastref.trace.Verb;
import org.lastref.verify.Application;
import org.lastref.verify.Application.Placed;
import org.lastref.verify.Application.State;
import org.lastref.verify.Explainer;
import org.lastref.verify.Explanation;
import org.lastref.verify.Finding;
import org.lastref.verify.ObservedOverlays;
import org.lastref.verify.OverlayRemoval;
import org.lastref.verify.Verdict;
import org.lastref.verify.Verifier;

/**
 * The removal of overlays under a known policy. Where those drivers came that the model knows, each
 * trace is held against what it expects of the overlays; else against what was seen of them when
 * the removal began, see {@link ObservedOverlays}. Where nodes of the base tree are switched on
 * again by that, it is held against what holds for any kernel: all that was taken comes back before
 * the check, by whomever. Remembers the cycles of one case.
 */
public final class RemovalOracle implements Oracle {

  private final OverlayRemoval removal;
  private final ModelOracle model;
  private final Verifier promise;
  private @Nullable Application first;

  /** Of the last cycle in which the kernel took the overlays. */
  private @Nullable Application last;

  /** What was seen to be applied in the last cycle of which that was asked, and its model. */
  private @Nullable ObservedOverlays observed;

  private @Nullable ModelOracle ofObserved;

  /** The last cycle's; null if there is none. */
  private @Nullable ModelOracle by;

  /**
   * One that fits what is done.
   *
   * @param removal what is done, under the policy of the kernel
   */
  public static Oracle of(OverlayRemoval removal) {
    return removal.isModelled() ? new RemovalOracle(removal) : new SituationOracle(removal, false);
  }

  private RemovalOracle(OverlayRemoval removal) {
    this.removal = removal;
    model = ModelOracle.of(removal);
    by = model;
    promise = new Verifier(removal.promise());
  }

  @Override
  public Verdict judge(Trace trace) {
    Optional<Application> seen = Application.of(trace, removal);
    if (seen.isEmpty()) {
      return model.judge(trace);
    }
    Application before = first == null ? seen.get() : first;
    first = before;
    if (Application.isTold(trace)) {
      last = seen.get();
    }
    return judged(trace, seen.get())
        .with(
            Application.isTold(trace)
                ? notAgain(before, seen.get(), trace.events().size())
                : List.of())
        .butIf(Finding.Type.APPLY, RemovalOracle::isOfBinding);
  }

  /** By what the model expects if that came, and else by what was seen to come. */
  private Verdict judged(Trace trace, Application seen) {
    if (isModelled(Optional.of(seen))) {
      by = model;
      return model.judge(trace);
    }
    ObservedOverlays now = ObservedOverlays.of(trace, removal.applied());
    if (!now.placed()) {
      observed = null;
      by = null;
      return promise.judge(trace);
    }
    ModelOracle seenModel = ofObserved;
    if (seenModel == null || observed == null || !now.applied().equals(observed.applied())) {
      seenModel = observed(now.applied());
      ofObserved = seenModel;
    }
    observed = now;
    Verdict verdict = seenModel.judge(now.trace());
    Verdict promised = verdict.conforms() ? verdict : promise.judge(trace);
    boolean kept = promised.conforms();
    // What no driver may do is told as that, and not by where the model ceases to explain it.
    by = kept ? seenModel : null;
    return kept ? verdict : promised;
  }

  private ModelOracle observed(Map<String, AppliedOverlay> seen) {
    return seen.equals(removal.applied()) ? model : ModelOracle.of(removal.seen(seen));
  }

  /** What a step says that waited for drivers; why none came says more. */
  private static boolean isOfBinding(Finding finding) {
    return finding.type() == Finding.Type.RESULT && finding.object().startsWith(Verb.BOUND + "=");
  }

  /** Whether the model knows of all drivers, and those came that it expects. */
  private boolean isModelled(Optional<Application> seen) {
    return removal.applied().values().stream()
        .allMatch(each -> seen.isEmpty() || (each.isModelled() && isExpected(each, seen.get())));
  }

  private static boolean isExpected(AppliedOverlay overlay, Application seen) {
    return overlay.wanting().stream()
        .allMatch(each -> seen.isBound(each.path()) == comes(overlay, each));
  }

  private static boolean comes(AppliedOverlay overlay, Wanting wanting) {
    return wanting.modelled()
        && overlay.deviceOf(wanting.path()).map(AppliedOverlay.Device::bound).orElse(false);
  }

  /** What was bound in the first cycle has to be in each. */
  private static List<Finding> notAgain(Application before, Application now, int end) {
    List<Finding> findings = new ArrayList<>();
    for (Placed each : now.placed()) {
      if (each.state() != State.BOUND
          && each.state() != State.DEFERRED
          && !each.expected()
          && before.isBound(each.path())) {
        findings.add(
            new Finding(
                Finding.Type.APPLY,
                end,
                each.path(),
                "did not probe again: " + now.why(each),
                "a driver is bound to it, as in the first cycle"));
      }
    }
    return findings;
  }

  @Override
  public Explanation explain(Trace trace, long budget) {
    if (isModelled(Application.of(trace, removal))) {
      return model.explain(trace, budget);
    }
    ObservedOverlays now = ObservedOverlays.of(trace, removal.applied());
    if (now.placed()) {
      ModelOracle seenModel = observed(now.applied());
      if (seenModel.judge(now.trace()).conforms() || promise.judge(trace).conforms()) {
        return seenModel.explain(now.trace(), budget);
      }
    }
    return Explainer.explain(removal.promise(), Map.of(), trace, budget);
  }

  @Override
  public CaseOutcome outcome(List<Verdict> verdicts, Trace trace, String explain) {
    boolean probed =
        verdicts.get(verdicts.size() - 1).findings().stream()
            .noneMatch(each -> each.type() == Finding.Type.APPLY);
    CaseOutcome outcome =
        by != null && probed
            ? by.outcome(verdicts, trace, explain)
            : CaseOutcome.ofObserved(removal.policy(), verdicts, explain);
    if (last == null) {
      return outcome;
    }
    return outcome.of(observed == null ? last : last.with(observed, removal.expected()));
  }
}
