package org.lastref.offline;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.lastref.model.Policy;
import org.lastref.report.CaseOutcome;
import org.lastref.report.Status;
import org.lastref.trace.Trace;
import org.lastref.verify.Explanation;
import org.lastref.verify.Finding;
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

  /** Events to be judged in the search for a repair, where no policy explains a cycle. */
  private static final long REPAIR_BUDGET = 300_000;

  private static final int MAX_FINDINGS = 10;

  private final OverlayRemoval removal;
  private final Verifier promise;
  private final PolicyInference inference;

  /** The first cycle that no known policy is left for. */
  private @Nullable Trace strange;

  /**
   * @param removal what is done; of its policy, the timing counts
   */
  public OwnKernelOracle(OverlayRemoval removal) {
    this.removal = removal;
    promise = new Verifier(removal.promise());
    inference = new PolicyInference(removal, Policy.like(removal.policy()));
  }

  @Override
  public Verdict judge(Trace trace) {
    inference.see(trace);
    if (strange == null && inference.left().isEmpty()) {
      strange = trace;
    }
    return promise.judge(trace);
  }

  @Override
  public Explanation explain(Trace trace, long budget) {
    return ModelOracle.nearest(removal, Policy.like(removal.policy()), trace)
        .explain(trace, budget);
  }

  @Override
  public CaseOutcome outcome(List<Verdict> verdicts, Trace last, String explain) {
    SortedMap<String, String> properties = new TreeMap<>();
    properties.put(
        "like",
        inference.left().stream()
            .map(policy -> policy.release() + "+" + policy.fix())
            .collect(Collectors.joining(" ")));
    StringBuilder detail = new StringBuilder(likeness());
    if (strange != null) {
      Explanation nearest = explain(strange, REPAIR_BUDGET);
      detail.append("nearest is ").append(nearest.policy()).append(", but ");
      nearest.findings().stream()
          .findFirst()
          .ifPresent(finding -> detail.append(finding.sentence()));
      if (nearest.divergence() != null) {
        detail.append("\nbecause ").append(nearest.divergence().because());
      }
      detail.append("\nwhy: ").append(explain).append('\n');
      properties.put("nearest", nearest.policy());
    }
    List<Finding> worse = verdicts.get(verdicts.size() - 1).findings();
    worse.stream().limit(MAX_FINDINGS).forEach(each -> detail.append(each.sentence()).append('\n'));
    SortedSet<String> leaked = new TreeSet<>();
    verdicts.forEach(verdict -> leaked.addAll(verdict.leaked()));
    long leaking = verdicts.stream().filter(verdict -> !verdict.leaked().isEmpty()).count();
    int cycles = verdicts.size();
    List<String> breaks = new ArrayList<>();
    if (leaking > 0) {
      breaks.add("in %d of %d cycles it reports %s".formatted(leaking, cycles, words(leaked)));
    }
    worse.stream()
        .findFirst()
        .ifPresent(each -> breaks.add("in cycle %d, %s".formatted(cycles, each.sentence())));
    if (breaks.isEmpty()) {
      return new CaseOutcome(
          Status.PASSED,
          strange == null ? "clean" : "clean, new",
          "the promise is kept, " + (strange == null ? "as" : "but not as") + " known policies do",
          detail.toString(),
          properties);
    }
    return new CaseOutcome(
        Status.FAILED,
        leaking > 0 ? "leaks %d/%d".formatted(leaking, cycles) : word(worse.get(0).type()),
        "the promise is broken: " + String.join("; ", breaks),
        detail.toString(),
        properties);
  }

  /** The kernel went down. */
  public static CaseOutcome died(String how) {
    return new CaseOutcome(
        Status.FAILED, "died", "the promise is broken: " + how, "", new TreeMap<>());
  }

  private static String word(Finding.Type type) {
    return switch (type) {
      case LOG -> "bug";
      case RESULT -> "stuck";
      default -> "not returned";
    };
  }

  private static String words(SortedSet<String> paths) {
    return String.join(" ", paths);
  }

  private String likeness() {
    List<Policy> left = inference.left();
    return left.isEmpty()
        ? "like no known policy\n"
        : "like %s\n"
            .formatted(
                left.stream()
                    .map(policy -> "release=%s fix=%s".formatted(policy.release(), policy.fix()))
                    .collect(Collectors.joining(", or ")));
  }
}
