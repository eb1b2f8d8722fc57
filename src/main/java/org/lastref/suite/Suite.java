package org.lastref.suite;

import java.nio.file.Path;
import java.util.List;

/** A discussion of kernel developers made into trials: the seeds that SUITES.md lists. */
public enum Suite {
  /** Device links dropped asynchronously while an overlay is removed. */
  DEVLINK("devlink"),
  /** Resources released after the bus has let go. */
  DEVRES("devres"),
  /** Drivers that probe asynchronously, and devices that are registered so. */
  ASYNC("async"),
  /** Uevents and references around the registration of a parent of mediated devices. */
  MDEV("mdev"),
  /** The first where every kobject is released late: no fix is enough. */
  DEBUG_RELEASE("debug-release"),
  /** The first where locks are proved, and sleep where it is forbidden is found. */
  LOCKDEP("lockdep"),
  /** The kernel's own unittest of devicetrees. */
  UNITTEST("unittest");

  private final String word;

  Suite(String word) {
    this.word = word;
  }

  /**
   * Its trials, on each kernel that they need.
   *
   * @param project the project's folder
   */
  public List<Trial> trials(Path project) {
    return switch (this) {
      case DEVLINK -> RemovalSuite.devlink(project);
      case DEVRES -> DevresSuite.trials(project);
      case ASYNC -> AsyncSuite.trials(project);
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
