package org.lastref.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.function.Predicate;

/**
 * What became of one cycle.
 *
 * @param findings where it differs from the model, in the order of the trace; empty if it conforms
 * @param leaked the paths of the nodes that the kernel reported as leaked
 * @param broken which other promises the kernel broke, a sentence each, as its model says it may
 * @param seen what was seen of each removal, in their order
 * @param holdings whose the references are that are out or were late, and who put one too many;
 *     empty where the trace has no chains of callers
 * @param kept the modules that the kernel refused to unload though it should have
 * @param events how many events were judged
 */
public record Verdict(
    List<Finding> findings,
    SortedSet<String> leaked,
    SortedSet<String> broken,
    List<Seen> seen,
    List<Holding> holdings,
    List<KeptModule> kept,
    int events) {

  public Verdict {
    findings = List.copyOf(findings);
    seen = List.copyOf(seen);
    holdings = List.copyOf(holdings);
    kept = List.copyOf(kept);
  }

  /** The same with more findings. */
  public Verdict with(List<Finding> more) {
    if (more.isEmpty()) {
      return this;
    }
    List<Finding> all = new ArrayList<>(findings);
    all.addAll(more);
    return new Verdict(all, leaked, broken, seen, holdings, kept, events);
  }

  /** The same without some findings, where one of a type says more. */
  public Verdict butIf(Finding.Type more, Predicate<Finding> less) {
    return findings.stream().noneMatch(each -> each.type() == more)
        ? this
        : new Verdict(
            findings.stream().filter(less.negate()).toList(),
            leaked,
            broken,
            seen,
            holdings,
            kept,
            events);
  }

  /** Whether what was seen is in the model of this kernel. */
  public boolean conforms() {
    return findings.isEmpty();
  }

  /** Whether the kernel kept its promises: no node was reported, and no other was broken. */
  public boolean keepsPromise() {
    return leaked.isEmpty() && broken.isEmpty();
  }
}
