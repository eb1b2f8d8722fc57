package org.lastref.verify;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.lastref.klog.Sign;
import org.lastref.model.Engine;
import org.lastref.model.Label;
import org.lastref.trace.Event;
import org.lastref.trace.Trace;
import org.lastref.verify.Conformance.Divergence;

/** Judges traces of one exercise. Remembers of the model what it worked out. Used by one thread. */
public final class Examiner {

  private final Exercise exercise;
  private final Beliefs beliefs;

  /** Prepares to judge. */
  public Examiner(Exercise exercise) {
    this.exercise = exercise;
    beliefs = new Beliefs(new Engine(exercise.machine()));
  }

  /**
   * Judges one trace.
   *
   * @param trace all of it, from before the first step to the last
   */
  public Verdict judge(Trace trace) {
    return examined(trace).verdict();
  }

  /**
   * A trace held against the model.
   *
   * @param observed the steps that show
   * @param divergence where the model ceases to explain them; empty if it does to the end
   */
  record Examined(Verdict verdict, List<Observed> observed, Optional<Divergence> divergence) {}

  Examined examined(Trace trace) {
    List<Finding> findings = new ArrayList<>();
    List<Observed> observed = exercise.reading().of(trace);
    StepResults.check(exercise.steps(), trace, findings::add);
    log(trace, observed, findings);
    Conformance.Result result = Conformance.follow(beliefs, new Windows(trace), observed);
    int end = trace.events().size();
    result.divergence().ifPresent(each -> findings.add(each.finding(exercise.scenario(), end)));
    findings.sort(Comparator.comparingInt(Finding::event));
    SortedSet<String> broken =
        result.divergence().isPresent() ? new TreeSet<>() : result.last().broken();
    Set<Label> steps = new LinkedHashSet<>();
    observed.forEach(each -> steps.add(each.label()));
    Seen seen = new Seen(exercise.id(), broken, steps, 0);
    Verdict verdict = new Verdict(findings, new TreeSet<>(), broken, List.of(seen), end);
    return new Examined(verdict, observed, result.divergence());
  }

  /** Whether the model has a way that shows exactly these steps. */
  boolean explains(List<Observed> observed, Windows windows) {
    return Conformance.follow(beliefs, windows, observed).divergence().isEmpty();
  }

  /** The log says nothing bad that is not a step of the model. */
  private static void log(Trace trace, List<Observed> observed, List<Finding> findings) {
    Set<Integer> read = new HashSet<>();
    observed.forEach(each -> read.add(each.at().index()));
    for (Event event : trace.events()) {
      if (event instanceof Event.Logged logged
          && !read.contains(logged.at().index())
          && Sign.ofKernel(logged.text())) {
        findings.add(
            new Finding(
                Finding.Type.LOG,
                logged.at().index(),
                "the kernel's log",
                logged.text(),
                "no such line"));
      }
    }
  }
}
