package org.lastref.suite;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Channel;
import org.lastref.model.Policy;

/**
 * What a run is to do.
 *
 * @param project the project's folder, where {@code harness/} is
 * @param results where the run's folder goes
 * @param board on what
 * @param channel how commands get there
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
    List<Shape> shapes,
    List<Policy> policies,
    int cycles,
    List<String> command) {

  public RunPlan {
    shapes = List.copyOf(shapes);
    policies = List.copyOf(policies);
    command = List.copyOf(command);
  }

  /** Every overlay under every policy, policy by policy so that the board is told of each once. */
  List<RemovalCase> cases() {
    List<RemovalCase> cases = new ArrayList<>();
    for (Policy policy : policies) {
      for (Shape shape : shapes) {
        boolean below = shapes.stream().anyMatch(other -> other.below().contains(shape));
        if (!below) {
          cases.add(new RemovalCase(shape, policy));
        }
      }
    }
    return cases;
  }

  String channelName() {
    return channel == Channel.SSH ? "ssh" : "serial";
  }
}
