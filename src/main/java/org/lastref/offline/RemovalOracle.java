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
    Optional<Application> seen = Application.of(trace, removal.applied().values());
    modelled &= isModelled(seen);
    if (seen.isEmpty()) {
      return model.judge(trace);
    }
    Application before = first == null ? seen.get() : first;
    first = before;
    last = seen.get();
    Verdict verdict = modelled ? model.judge(trace) : promise.judge(trace);
    return verdict.with(notAgain(before, seen.get(), trace.events().size()));
  }

  private boolean isModelled(Optional<Application> seen) {
    return removal.applied().values().stream()
        .allMatch(each -> each.isModelled() || isModelled(each, seen));
  }

  /** Whether nothing came of what the model does not know. */
  private static boolean isModelled(AppliedOverlay overlay, Optional<Application> seen) {
    return overlay.switched().isEmpty()
        && overlay.wanting().stream()
            .filter(each -> !each.modelled())
            .map(Wanting::path)
            .noneMatch(path -> seen.isPresent() && seen.get().isBound(path));
  }

  /** What was bound in the first cycle has to be in each. */
  private static List<Finding> notAgain(Application before, Application now, int end) {
    List<Finding> findings = new ArrayList<>();
    for (Placed each : now.placed()) {
      if (each.state() != State.BOUND
          && each.state() != State.DEFERRED
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
    return isModelled(Application.of(trace, removal.applied().values()))
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
