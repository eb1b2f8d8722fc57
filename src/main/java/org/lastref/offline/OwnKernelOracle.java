package org.lastref.offline;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.lastref.model.Policy;
import org.lastref.model.Refcounts;
import org.lastref.report.CaseOutcome;
import org.lastref.report.Likeness;
import org.lastref.trace.Trace;
import org.lastref.verify.Application;
import org.lastref.verify.Exercise;
import org.lastref.verify.Explainer;
import org.lastref.verify.Explanation;
import org.lastref.verify.Holding;
import org.lastref.verify.ObservedOverlays;
import org.lastref.verify.OverlayRemoval;
import org.lastref.verify.PolicyInference;
import org.lastref.verify.Verdict;
import org.lastref.verify.Verifier;

/**
 * The removal of overlays on a kernel of the user's own, of which no policy is known: it is held to
 * its promise, and beside that to every known policy. Remembers which of them its cycles leave, so
 * it is for the cycles of one case.
 */
public final class OwnKernelOracle implements Oracle {

  private final OverlayRemoval removal;
  private final Verifier promise;
  private PolicyInference inference;

  /** What was seen to be applied, if the inference goes by that. */
  private @Nullable ObservedOverlays observed;

  /** Whether any cycle tells how links go. */
  private boolean told;

  /** What came of the application in the last cycle, as far as it is told. */
  private @Nullable Application applied;

  /** The first cycle that no known policy is left for. */
  private @Nullable Trace strange;

  /**
   * One that fits what is done.
   *
   * @param removal what is done; of its policy, the timing counts
   */
  public static Oracle of(OverlayRemoval removal) {
    return removal.isModelled() ? new OwnKernelOracle(removal) : new SituationOracle(removal, true);
  }

  private OwnKernelOracle(OverlayRemoval removal) {
    this.removal = removal;
    promise = new Verifier(removal.promise());
    inference = new PolicyInference(removal, candidates());
  }

  /** The policies that it could be of. */
  private List<Policy> candidates() {
    return Policy.like(removal.policy());
  }

  @Override
  public Verdict judge(Trace trace) {
    applied = Application.of(trace, removal).orElse(null);
    Verdict verdict = promise.judge(trace);
    // Where something else is lost, links cannot go on as they would; a module is none of theirs.
    if (verdict.kept().isEmpty()
        && verdict.holdings().stream().noneMatch(OwnKernelOracle::isLostElsewhere)) {
      told = true;
      infer(trace);
      if (strange == null && inference.left().isEmpty()) {
        strange = trace;
      }
    }
    return verdict;
  }

  /** By what the model expects of the overlays, or else by what was seen to come of them. */
  private void infer(Trace trace) {
    List<Policy> before = inference.left();
    if (observed == null) {
      inference.see(trace);
      if (!inference.left().isEmpty()) {
        return;
      }
    }
    ObservedOverlays now = ObservedOverlays.of(trace, removal.applied());
    if (now.placed()) {
      if (observed == null || !now.applied().equals(observed.applied())) {
        inference = new PolicyInference(removal.seen(now.applied()), before);
      }
      observed = now;
      inference.see(now.trace());
    }
  }

  private static boolean isLostElsewhere(Holding holding) {
    return holding.isLost() && !Refcounts.isLinks(holding.function());
  }

  @Override
  public Explanation explain(Trace trace, long budget) {
    return ModelOracle.nearest(removal, candidates(), trace).explain(trace, budget);
  }

  @Override
  public CaseOutcome outcome(List<Verdict> verdicts, Trace last, String explain) {
    Likeness likeness =
        told ? new Likeness(inference.left(), strange == null ? null : nearest(strange)) : null;
    CaseOutcome outcome = CaseOutcome.ofPromise(likeness, verdicts, explain);
    return applied == null ? outcome : outcome.of(applied);
  }

  private Likeness.Nearest nearest(Trace trace) {
    Map<Exercise, Policy> policies = new LinkedHashMap<>();
    candidates().forEach(each -> policies.put(removal.under(each).exercise(), each));
    Exercise nearest = Explainer.nearest(policies.keySet(), trace);
    Explanation why = Explainer.explain(nearest, Map.of(), trace, 0);
    Explanation.Divergence divergence = why.divergence();
    return new Likeness.Nearest(
        Objects.requireNonNull(policies.get(nearest)),
        why.findings().stream().findFirst().orElse(null),
        divergence == null ? null : divergence.because());
  }
}
