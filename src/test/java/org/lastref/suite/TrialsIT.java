package org.lastref.suite;

import java.nio.file.Path;
import java.util.List;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Channel;
import org.lastref.image.Images;
import org.testng.annotations.Factory;

/** The whole matrix on a booted kernel, once over each channel alone. */
public class TrialsIT {

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
                    RemovalSuite.devlink(project),
                    1,
                    List.of()))
        .map(plan -> new Trials(new Run(plan, kernel -> images, result -> {})))
        .toArray();
  }
}
