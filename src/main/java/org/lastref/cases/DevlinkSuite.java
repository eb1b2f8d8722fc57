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
}
