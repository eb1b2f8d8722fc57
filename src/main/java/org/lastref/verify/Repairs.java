package org.lastref.verify;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.lastref.trace.Trace;

/**
 * Looks for the smallest change to a trace that makes all of it conform: one thing more, one less,
 * or one otherwise. Where references are kept account of, an event is changed and the whole trace
 * judged anew, {@link EventRepairs}; elsewhere a step that showed, {@link StepRepairs}.
 */
abstract class Repairs {

  private static final int MAX_TOLD = 3;

  /** What no single reference, had it gone otherwise, would change. */
  private static final Set<Finding.Type> OTHERS =
      Set.of(Finding.Type.APPLY, Finding.Type.LEFT, Finding.Type.STANDS, Finding.Type.WAITS);

  private final Verifier verifier;
  private final Trace trace;
  private final List<Candidate> candidates = new ArrayList<>();

  /** How many events may yet be judged: each change that is tried means to judge them all. */
  private long left;

  /**
   * A repair that was found.
   *
   * @param doubt the less, the likelier among those of its kind
   */
  record Candidate(Repair repair, int doubt) {}

  /**
   * What was found.
   *
   * @param likeliest the likeliest first
   * @param complete false if the budget did not suffice to try every change
   */
  record Found(List<Repair> likeliest, boolean complete) {}

  Repairs(Verifier verifier, Trace trace, long budget) {
    this.verifier = verifier;
    this.trace = trace;
    left = budget;
  }

  /**
   * Looks for repairs.
   *
   * @param budget how many events may be judged on the way; a million take about a second
   */
  static Found of(Verifier verifier, Examination examined, long budget) {
    List<Finding> findings = examined.verdict().findings();
    boolean others = findings.stream().map(Finding::type).anyMatch(OTHERS::contains);
    if (findings.isEmpty() || others) {
      return new Found(List.of(), true);
    }
    Repairs repairs =
        verifier.exercise().model().applied().isEmpty()
            ? new StepRepairs(verifier, examined, budget)
            : new EventRepairs(verifier, examined, budget);
    int at = Math.min(repairs.place(examined), examined.trace().events().size());
    repairs.search(at);
    List<Repair> likeliest =
        repairs.candidates.stream()
            .distinct()
            .sorted(repairs.likeliestFirst(at))
            .map(Candidate::repair)
            .limit(MAX_TOLD)
            .toList();
    return new Found(likeliest, repairs.left >= 0);
  }

  /** The index of the event that repairs are looked for around. */
  abstract int place(Examination examined);

  /** Those that are as likely stay in the order in which they were found. */
  abstract Comparator<Candidate> likeliestFirst(int at);

  /** Tries changes, and says which make it conform. */
  abstract void search(int at);

  final Verifier verifier() {
    return verifier;
  }

  final Trace trace() {
    return trace;
  }

  final void found(Repair.Kind kind, int from, int to, String sentence) {
    found(new Repair(kind, from, to, sentence, null), 0);
  }

  final void found(Repair repair, int doubt) {
    candidates.add(new Candidate(repair, doubt));
  }

  final boolean foundNone() {
    return candidates.isEmpty();
  }

  /** Whether so many events may still be judged; if so, they are counted. */
  final boolean mayJudge(int events) {
    left -= events;
    return left >= 0;
  }
}
