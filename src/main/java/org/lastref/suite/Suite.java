package org.lastref.suite;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.lastref.image.KernelBuild;

/** A discussion of kernel developers made into trials: the seeds that SUITES.md lists. */
public enum Suite {
  /** Device links dropped asynchronously while an overlay is removed. */
  DEVLINK("devlink", false, RemovalSuite::devlink),
  /** The same where every kobject is released late: no fix is enough. */
  DEBUG_RELEASE("debug-release", true, RemovalSuite::debugRelease);

  private final String word;
  private final boolean ownKernel;
  private final Function<Path, List<Trial>> trials;

  Suite(String word, boolean ownKernel, Function<Path, List<Trial>> trials) {
    this.word = word;
    this.ownKernel = ownKernel;
    this.trials = trials;
  }

  /**
   * Whether it needs a kernel beside {@value KernelBuild#PLAIN}: then it is run only if asked for.
   */
  public boolean needsOwnKernel() {
    return ownKernel;
  }

  /**
   * Its trials.
   *
   * @param project the project's folder
   */
  public List<Trial> trials(Path project) {
    return trials.apply(project);
  }

  @Override
  public String toString() {
    return word;
  }
}
