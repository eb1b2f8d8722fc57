package org.lastref.runner;

import java.nio.file.Path;
import java.util.List;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Channel;
import org.lastref.cases.RemovalTestCase;
import org.lastref.cases.Suites;
import org.lastref.image.Images;
import org.lastref.image.KernelBuild;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Release;
import org.testng.annotations.Factory;

/**
 * All that needs no kernel but the plain one, once over SSH; over the serial console removals under
 * one policy only, for what it carries is the same under each.
 */
public class SuitesIT {

  /** A suite a channel. */
  @Factory
  public static Object[] channels() {
    Path project = Path.of("").toAbsolutePath();
    Images images = Images.ensure(project);
    return List.of(Channel.SERIAL, Channel.SSH).stream()
        .map(
            channel ->
                new RunPlan(
                    project,
                    project.resolve("target/results"),
                    BoardDefinition.load(project.resolve("boards/qemu-virt.yaml")),
                    channel,
                    cases(project, channel),
                    1,
                    List.of()))
        .map(plan -> new TestNgCases(new Run(plan, kernel -> images, result -> {})))
        .toArray();
  }

  private static List<TestCase> cases(Path project, Channel channel) {
    String series = Images.kernel(project, KernelBuild.PLAIN).series();
    return Suites.ALL.stream()
        .flatMap(suite -> suite.cases(project, series).stream())
        .filter(testCase -> testCase.kernel().equals(KernelBuild.PLAIN))
        .filter(
            testCase ->
                channel == Channel.SSH
                    || !(testCase instanceof RemovalTestCase each)
                    || (each.removal().policy().release() == Release.DEDICATED_WQ
                        && each.removal().policy().fix() == Fix.WAIT_REMOVAL))
        .toList();
  }
}
