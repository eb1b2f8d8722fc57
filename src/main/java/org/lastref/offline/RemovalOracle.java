package org.lastref.offline;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.AppliedOverlay.Wanting;
import org.lastref.report.CaseOutcome;
import org.lastref.trace.Event;
import org.lastref.trace.Trace;
import org.lastref.trace.Verb;
import org.lastref.verify.Application;
import org.lastref.verify.Application.Placed;
import org.lastref.verify.Application.State;
import org.lastref.verify.Explainer;
import org.lastref.verify.Explanation;
import org.lastref.verify.Finding;
import org.lastref.verify.OverlayRemoval;
import org.lastref.verify.Verdict;
import org.lastref.verify.Verifier;

/**
 * The removal of overlays under a known policy. As long as nothing but what the model knows was
 * bound, each trace is held against the model; else against what holds for any driver: all that it
 * took comes back before the check, by whomever. Remembers the cycles of one case.
 */
public final class RemovalOracle implements Oracle {

  private final OverlayRemoval removal;
  private final ModelOracle model;
  private final Verifier promise;
  private @Nullable Application first;
  private @Nullable Application last;

  /** Whether all was as the model knows it so far. */
  private boolean modelled = true;

  /**
   * @param removal what is done, under the policy of the kernel
   */
  public RemovalOracle(OverlayRemoval removal) {
    this.removal = removal;
    model = ModelOracle.of(removal);
    promise = new Verifier(removal.promise());
  }

  @Override
  public Verdict judge(Trace trace) {
    Optional<Application> seen = Application.of(trace, removal);
    modelled &= isModelled(seen);
    if (seen.isEmpty()) {
      return model.judge(trace);
    }
    Application before = first == null ? seen.get() : first;
    first = before;
    last = seen.get();
    return judged(trace)
        .with(wasApplied(trace) ? notAgain(before, seen.get(), trace.events().size()) : List.of())
        .butIf(Finding.Type.APPLY, RemovalOracle::isOfBinding);
  }

  private Verdict judged(Trace trace) {
    if (modelled) {
      Verdict verdict = model.judge(trace);
      if (verdict.conforms() || isWhole()) {
        return verdict;
      }
      // What the model knows nothing of may have made links all the same.
      modelled = false;
    }
    return promise.judge(trace);
  }

  private boolean isWhole() {
    return removal.applied().values().stream().allMatch(AppliedOverlay::isModelled);
  }

  /** What a step says that waited for drivers; why none came says more. */
  private static boolean isOfBinding(Finding finding) {
    return finding.type() == Finding.Type.RESULT && finding.object().startsWith(Verb.BOUND + "=");
  }

  private boolean isModelled(Optional<Application> seen) {
    return seen.stream().noneMatch(Application::surprises)
        && removal.applied().values().stream().allMatch(each -> isModelled(each, seen));
  }

  /** Whether those drivers came that the model knows of, and no others. */
  private static boolean isModelled(AppliedOverlay overlay, Optional<Application> seen) {
    return overlay.switched().isEmpty()
        && (seen.isEmpty()
            || overlay.wanting().stream()
                .allMatch(each -> seen.get().isBound(each.path()) == comes(overlay, each)));
  }

  private static boolean comes(AppliedOverlay overlay, Wanting wanting) {
    return wanting.modelled()
        && overlay.deviceOf(wanting.path()).map(AppliedOverlay.Device::bound).orElse(false);
  }

  /** What the kernel refused has no devices, which says less than that it did. */
  private static boolean wasApplied(Trace trace) {
    return trace.events().stream()
        .noneMatch(
            event ->
                event instanceof Event.Step step
                    && step.end()
                    && step.is(Verb.APPLY)
                    && !step.result().equals("applied"));
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
    boolean byModel =
        isModelled(Application.of(trace, removal)) && (isWhole() || model.judge(trace).conforms());
    return byModel
        ? model.explain(trace, budget)
        : Explainer.explain(removal.promise(), Map.of(), trace, budget);
  }

  @Override
  public CaseOutcome outcome(List<Verdict> verdicts, Trace trace, String explain) {
    CaseOutcome outcome =
        modelled
            ? model.outcome(verdicts, trace, explain)
            : CaseOutcome.ofObserved(removal.policy(), verdicts, explain);
    return last == null ? outcome : outcome.of(last);
  }
}
