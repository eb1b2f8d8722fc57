package org.lastref.offline;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.lastref.model.Situation;
import org.lastref.report.CaseOutcome;
import org.lastref.report.SituationText;
import org.lastref.trace.Trace;
import org.lastref.verify.Application;
import org.lastref.verify.Explainer;
import org.lastref.verify.Explanation;
import org.lastref.verify.HeldOpen;
import org.lastref.verify.OverlayRemoval;
import org.lastref.verify.Verdict;
import org.lastref.verify.Verifier;

/**
 * The removal of overlays in a situation that no model has: it is held to what every kernel
 * promises, and to it that devices probe again. Remembers the last cycle of one case.
 */
final class SituationOracle implements Oracle {

  private final OverlayRemoval removal;
  private final boolean own;
  private final Verifier promise;
  private @Nullable Application applied;

  /**
   * @param own whether the kernel is one of the user's own, of which no policy is known
   */
  SituationOracle(OverlayRemoval removal, boolean own) {
    this.removal = removal;
    this.own = own;
    promise = new Verifier(removal.promise());
  }

  @Override
  public Verdict judge(Trace trace) {
    if (Application.isTold(trace)) {
      applied = Application.of(trace, removal).orElse(null);
    }
    return promise.judge(trace);
  }

  @Override
  public Explanation explain(Trace trace, long budget) {
    return Explainer.explain(removal.promise(), Map.of(), trace, budget);
  }

  @Override
  public CaseOutcome outcome(List<Verdict> verdicts, Trace last, String explain) {
    CaseOutcome outcome =
        own
            ? CaseOutcome.ofPromise(verdicts, explain)
            : CaseOutcome.ofObserved(removal.policy(), verdicts, explain);
    CaseOutcome told = applied == null ? outcome : outcome.of(applied);
    return removal.situation() == Situation.HELD
        ? SituationText.told(told, HeldOpen.in(last))
        : told.noting(SituationText.unmodelled(removal.situation()));
  }
}
