package org.lastref.machine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A step that an agent can take.
 *
 * @param from where the agent has to stand
 * @param to where it stands afterwards
 * @param guard what else has to be true
 * @param effects what else changes, each variable once
 * @param label how it shows in a trace; null if it is hidden
 * @param does what happens, for a person
 * @param where the function that does it
 */
public record Step(
    int from,
    int to,
    List<Condition> guard,
    List<Effect> effects,
    @Nullable Label label,
    String does,
    String where) {

  public Step {
    guard = List.copyOf(guard);
    effects = List.copyOf(effects);
    if (effects.stream().map(Effect::variable).distinct().count() < effects.size()) {
      throw new IllegalArgumentException(does + " has two effects on one variable");
    }
  }
}
