package org.lastref.suite;

import java.util.List;
import org.lastref.trace.Trace;
import org.lastref.verify.Examiner;
import org.lastref.verify.Exercise;
import org.lastref.verify.Explainer;
import org.lastref.verify.Explanation;
import org.lastref.verify.Scenario;
import org.lastref.verify.Verdict;
import org.lastref.verify.Verifier;

/** What traces of a case are held against: the removal of overlays, or an exercise. */
public interface Subject {

  /** Judges one trace. */
  Verdict judge(Trace trace);

  /**
   * Explains what became of a trace.
   *
   * @param budget how many events may be judged in the search for a repair
   */
  Explanation explain(Trace trace, long budget);

  /** How much of what may be these verdicts have seen. */
  CaseCoverage coverage(List<Verdict> verdicts);

  /**
   * Tells what came of the case.
   *
   * @param verdicts at least one, a cycle each
   * @param last the trace of the last cycle
   * @param explain the command that explains it
   */
  default Tale tale(List<Verdict> verdicts, Trace last, String explain) {
    return Tale.of(coverage(verdicts), verdicts, budget -> explain(last, budget), explain);
  }

  /** The removal of overlays. */
  static Subject of(Scenario scenario) {
    Verifier verifier = new Verifier(scenario);
    return new Subject() {
      @Override
      public Verdict judge(Trace trace) {
        return verifier.judge(trace);
      }

      @Override
      public Explanation explain(Trace trace, long budget) {
        return Explainer.explain(scenario, trace, budget);
      }

      @Override
      public CaseCoverage coverage(List<Verdict> verdicts) {
        return CaseCoverage.of(scenario, verdicts);
      }
    };
  }

  /** An exercise. */
  static Subject of(Exercise exercise) {
    Examiner examiner = new Examiner(exercise);
    return new Subject() {
      @Override
      public Verdict judge(Trace trace) {
        return examiner.judge(trace);
      }

      @Override
      public Explanation explain(Trace trace, long budget) {
        return Explainer.explain(exercise, Exercises.variants(exercise), trace, budget);
      }

      @Override
      public CaseCoverage coverage(List<Verdict> verdicts) {
        return CaseCoverage.of(exercise, verdicts);
      }
    };
  }
}
