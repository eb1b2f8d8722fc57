package org.lastref.verify;

import java.util.List;
import java.util.SortedSet;

/**
 * What became of one cycle.
 *
 * @param findings where it differs from the model, in the order of the trace; empty if it conforms
 * @param leaked the paths of the nodes that the kernel reported as leaked
 * @param seen what was seen of each removal, in their order
 * @param events how many events were judged
 */
public record Verdict(
    List<Finding> findings, SortedSet<String> leaked, List<Seen> seen, int events) {

  public Verdict {
    findings = List.copyOf(findings);
    seen = List.copyOf(seen);
  }

  /** Whether what was seen is in the model of this kernel. */
  public boolean conforms() {
    return findings.isEmpty();
  }

  /** Whether no node was reported: the promise that a kernel should keep. */
  public boolean keepsPromise() {
    return leaked.isEmpty();
  }
}
