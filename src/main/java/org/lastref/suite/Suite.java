package org.lastref.suite;

import java.nio.file.Path;
import java.util.List;
import org.lastref.image.KernelBuild;

/** A discussion of kernel developers made into trials: the seeds that SUITES.md lists. */
public enum Suite {
  /** Device links dropped asynchronously while an overlay is removed. */
  DEVLINK("devlink", false),
  /** Uevents and references around the registration of a parent of mediated devices. */
  MDEV("mdev", false),
  /** The same where every kobject is released late: no fix is enough. */
  DEBUG_RELEASE("debug-release", true),
  /** The first where locks are proved, and sleep where it is forbidden is found. */
  LOCKDEP("lockdep", true),
  /** The kernel's own unittest of devicetrees. */
  UNITTEST("unittest", true);

  private final String word;
  private final boolean ownKernel;

  Suite(String word, boolean ownKernel) {
    this.word = word;
    this.ownKernel = ownKernel;
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
    return switch (this) {
      case DEVLINK -> RemovalSuite.devlink(project);
      case MDEV -> MdevSuite.trials();
      case DEBUG_RELEASE -> RemovalSuite.debugRelease(project);
      case LOCKDEP -> RemovalSuite.lockdep(project);
      case UNITTEST -> UnittestSuite.trials(project);
    };
  }

  @Override
  public String toString() {
    return word;
  }
}
