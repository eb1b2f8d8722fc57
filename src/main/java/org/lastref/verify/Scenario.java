package org.lastref.verify;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lastref.model.Policy;
import org.lastref.model.Population;

/**
 * What was done on a board, and what the model knows of it.
 *
 * @param policy the kernel's policy at the time
 * @param populations for each overlay by name, the first applied first, what it put into the kernel
 * @param steps what was done, in order
 */
public record Scenario(
    Policy policy, Map<String, Population> populations, List<ExpectedStep> steps) {

  /**
   * A step and how it should end.
   *
   * @param step verb and argument, such as {@code remove=diamond}
   * @param result the first words of its result
   */
  public record ExpectedStep(String step, String result) {}

  /** The same under another policy. */
  public Scenario under(Policy other) {
    return new Scenario(other, populations, steps);
  }

  public Scenario {
    populations = Collections.unmodifiableMap(new LinkedHashMap<>(populations));
    steps = List.copyOf(steps);
  }
}
