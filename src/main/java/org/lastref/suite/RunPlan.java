package org.lastref.suite;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Channel;
import org.lastref.image.KernelBuild;
import org.lastref.model.Policy;

/**
 * What a run is to do.
 *
 * @param project the project's folder, where {@code harness/} is
 * @param results where the run's folder goes
 * @param board on what
 * @param channel how commands get there
 * @param kernel what it boots, one of {@link org.lastref.image.Images#variants}
 * @param shapes the overlays
 * @param policies the policies
 * @param cycles how often each case is repeated, at least 1
 * @param command the command line, for the record
 */
public record RunPlan(
    Path project,
    Path results,
    BoardDefinition board,
    Channel channel,
    String kernel,
    List<Shape> shapes,
    List<Policy> policies,
    int cycles,
    List<String> command) {

  public RunPlan {
    shapes = List.copyOf(shapes);
    policies = List.copyOf(policies);
    command = List.copyOf(command);
  }

  /**
   * Every overlay that no other of the plan stands on, under every policy; overlay by overlay,
   * because telling the board what to watch takes longer than telling it a policy.
   */
  public List<RemovalCase> cases() {
    Set<String> below = new HashSet<>();
    shapes.forEach(shape -> shape.below().forEach(lower -> below.add(lower.name())));
    List<RemovalCase> cases = new ArrayList<>();
    for (Shape shape : shapes) {
      if (!below.contains(shape.name())) {
        policies.forEach(policy -> cases.add(new RemovalCase(shape, policy)));
      }
    }
    return cases;
  }

  /** The command that runs a case of this plan alone. */
  String command(RemovalCase removal) {
    String command = removal.command(channelName());
    return kernel.equals(KernelBuild.PLAIN) ? command : command + " --kernel " + kernel;
  }

  String channelName() {
    return channel == Channel.SSH ? "ssh" : "serial";
  }
}
