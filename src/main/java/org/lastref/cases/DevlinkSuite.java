package org.lastref.cases;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lastref.image.KernelBuild;
import org.lastref.model.Policy;
import org.lastref.runner.TestCase;

/**
 * Device links dropped asynchronously while an overlay is removed: every overlay under every
 * policy; where a driver made the links, also after an unbinding.
 */
final class DevlinkSuite implements Suite {

  private static final String OLDER = "6.1";

  @Override
  public String name() {
    return RemovalTestCase.DEVLINK;
  }

  @Override
  public List<TestCase> cases(Path project) {
    List<TestCase> cases =
        new ArrayList<>(
            RemovalTestCase.all(
                project,
                KernelBuild.PLAIN,
                RemovalTestCase.overlays(project),
                Policy.all(),
                RemovalTestCase.REMOVE));
    cases.addAll(
        RemovalTestCase.all(
            project,
            KernelBuild.PLAIN,
            RemovalTestCase.driversOwn(project),
            Policy.all(),
            RemovalTestCase.UNBIND));
    return cases;
  }

  /**
   * Without those that would have the kernel use freed memory. As of 6.12, links go to a node of a
   * bus and not to the bus (FWNODE_FLAG_NOT_DEVICE), so where a link lets go late, the bus is freed
   * before that node; of_node_release() in drivers/of/dynamic.c prints the node's path through it.
   * {@code --only nested} shows it.
   */
  @Override
  public List<TestCase> cases(Path project, String series) {
    return cases(project).stream()
        .filter(
            each ->
                series.equals(OLDER)
                    || !(each instanceof RemovalTestCase test
                        && test.removal().overlay().name().equals("nested")
                        && letsGoLate(test.removal().policy())))
        .toList();
  }

  private static boolean letsGoLate(Policy policy) {
    return switch (policy.fix()) {
      case NONE -> true;
      case SRCU_BARRIER -> policy.release() != Policy.Release.CALL_SRCU;
      case WAIT_REMOVAL -> policy.release() != Policy.Release.DEDICATED_WQ;
      default -> false;
    };
  }
}
