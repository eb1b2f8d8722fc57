package org.lastref.runner;

import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Supplier;
import org.lastref.fault.LabFault;
import org.lastref.image.KernelBuild;
import org.lastref.report.CaseOutcome;
import org.lastref.report.Status;

/** One case of a run: something that is done on a board and judged. */
public interface TestCase {

  /** The suite it belongs to, a part of JUnit's class name. */
  String suite();

  /** The kernel it needs, one of {@link org.lastref.image.Images#kernels}. */
  String kernel();

  /**
   * The same on another kernel.
   *
   * @param kernel one of the same
   * @throws UnsupportedOperationException if it is about its kernel
   */
  default TestCase on(String kernel) {
    throw new UnsupportedOperationException(id() + " is about kernel " + kernel());
  }

  /** Unique in a run. */
  String id();

  /** JUnit's name of the case. */
  String title();

  /** What places it in a table. */
  SortedMap<String, String> properties();

  /** The options of {@code run} that choose this case alone, but for {@code --via}. */
  String options();

  /** The same by its name, of one that is not about an overlay. */
  default String byName() {
    return "--case " + id() + (kernel().equals(KernelBuild.PLAIN) ? "" : " --kernel " + kernel());
  }

  /**
   * Does it on the board.
   *
   * @return tells what came of it: called once, on the judge's thread, when the board may already
   *     be at the next case; it throws what keeps the case from a verdict
   * @throws org.lastref.fault.Fault if there can be no verdict
   */
  Supplier<CaseOutcome> tried(Attempt attempt);

  /** Whether it judges the console itself, all that the kernel says at boot included. */
  default boolean readsConsole() {
    return false;
  }

  /** What it says of the case that it brought the kernel down, which no model allows. */
  default CaseOutcome broughtDown(FaultAttribution.Finding finding) {
    return new CaseOutcome(
        Status.FAILED, finding.word(), finding.sentence(), String.join("\n", finding.evidence()));
  }

  /**
   * What it says of the case that its kernel does not boot; empty if that leaves it without a
   * verdict.
   */
  default Optional<CaseOutcome> unbootable(LabFault fault) {
    return Optional.empty();
  }
}
