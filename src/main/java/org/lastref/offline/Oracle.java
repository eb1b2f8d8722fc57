package org.lastref.offline;

import java.util.List;
import org.lastref.report.CaseOutcome;
import org.lastref.trace.Trace;
import org.lastref.verify.Explanation;
import org.lastref.verify.Verdict;

/** What the traces of one case are held against, one after the other. Used by one thread. */
public interface Oracle {

  /** Judges the trace of a cycle. */
  Verdict judge(Trace trace);

  /**
   * Explains what became of a trace.
   *
   * @param budget how many events may be judged in the search for a repair
   */
  Explanation explain(Trace trace, long budget);

  /**
   * Tells what came of the case.
   *
   * @param verdicts at least one, a cycle each
   * @param last the trace of the last cycle
   * @param explain the command that explains it
   */
  CaseOutcome outcome(List<Verdict> verdicts, Trace last, String explain);
}
