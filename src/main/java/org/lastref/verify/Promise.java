package org.lastref.verify;

import java.util.List;

/**
 * What every kernel promises, however it does it: the steps end as they should, no node is
 * reported, every reference is given back, and the log says nothing worse. Who took a reference and
 * who returned it plays no part.
 */
public final class Promise {

  /** What a trace is asked for it. */
  static final List<Check> CHECKS =
      List.of(
          Check.STEP_RESULTS,
          NodeReports.TOLD,
          KernelLog.BUT_NODE_REPORTS,
          Check.BALANCE,
          Check.HOLDERS);

  private Promise() {}

  /** Whether a cycle that was asked for the promise kept it. */
  public static boolean kept(Verdict verdict) {
    return verdict.conforms() && verdict.keepsPromise();
  }
}
