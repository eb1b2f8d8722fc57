package org.lastref.runner;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.lastref.offline.Oracle;
import org.lastref.offline.RemovalCase;
import org.lastref.report.CaseOutcome;
import org.lastref.trace.Trace;
import org.lastref.verify.Finding;
import org.lastref.verify.Verdict;

/**
 * The verdicts on the cycles of a try, in their order, up to the first that differs from its model:
 * what comes after that does not count. Where something is only left, more cycles tell whether it
 * is more each time. Belongs to the judge's thread, on which the oracle is made and used too; any
 * other may ask whether it {@link #isOver}.
 */
final class Judgement {

  private final Supplier<Oracle> making;
  private @Nullable Oracle oracle;
  private final List<Verdict> verdicts = new ArrayList<>();
  private Supplier<CaseOutcome> outcome =
      () -> {
        throw new IllegalStateException("no cycle was judged");
      };
  private volatile boolean over;

  Judgement(Supplier<Oracle> making) {
    this.making = making;
  }

  /**
   * Judges the next cycle, if it counts.
   *
   * @param file where its trace is kept
   */
  void judge(Trace trace, Path file) {
    if (over) {
      return;
    }
    try {
      Oracle judging = oracle == null ? making.get() : oracle;
      oracle = judging;
      Verdict verdict = judging.judge(trace);
      verdicts.add(verdict);
      String explain = "./lastref explain " + RemovalCase.quoted(file.toString());
      outcome = () -> judging.outcome(verdicts, trace, explain);
      over = !verdict.findings().stream().allMatch(each -> each.type() == Finding.Type.LEFT);
    } catch (RuntimeException | Error e) {
      outcome =
          () -> {
            throw e;
          };
      over = true;
    }
  }

  /** Whether a cycle differs from its model, or could not be judged: no later one counts. */
  boolean isOver() {
    return over;
  }

  /** The verdicts so far. */
  List<Verdict> verdicts() {
    return Collections.unmodifiableList(verdicts);
  }

  /** Tells what came of the cycles, or throws what kept one from a verdict. */
  CaseOutcome outcome() {
    return outcome.get();
  }
}
