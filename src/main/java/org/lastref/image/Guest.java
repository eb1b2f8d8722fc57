package org.lastref.image;

import java.nio.file.Path;
import java.util.List;

/**
 * What is copied to a board that runs its own system, and away from it again.
 *
 * @param agent the agent's program
 * @param keeper the script that puts all back
 * @param modules for its kernel, which the agent loads
 */
public record Guest(Path agent, Path keeper, List<KernelModule> modules) implements Payload {
  public Guest {
    modules = List.copyOf(modules);
  }
}
