package org.lastref.verify;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.lastref.model.Policy;
import org.lastref.model.Population;
import org.lastref.model.Situation;

/**
 * What was done on a board, and what the model knows of it.
 *
 * @param policy the kernel's policy at the time
 * @param populations for each overlay by name, the first applied first, what it put into the kernel
 * @param steps what was done, in order
 */
public record Scenario(
    Policy policy, Map<String, Population> populations, List<ExpectedStep> steps) {

  /** How a step begins that unbinds a device: {@code unbind=platform/lr-div}. */
  public static final String UNBIND = "unbind=";

  /** How a step begins that asks whether the kernel still proves its locking. */
  public static final String LOCKDEP = "lockdep=";

  /**
   * A step and how it should end.
   *
   * @param step verb and argument, such as {@code remove=diamond}
   * @param result the first words of its result
   */
  public record ExpectedStep(String step, String result) {}

  /** What else happened while overlays were removed, as the steps say. */
  public Situation situation() {
    return situation(steps.stream().map(ExpectedStep::step));
  }

  /**
   * The same of steps alone.
   *
   * @param steps verb and argument each
   */
  public static Situation situation(Stream<String> steps) {
    return steps.anyMatch(step -> step.startsWith(UNBIND)) ? Situation.UNBIND : Situation.REMOVE;
  }

  /** Policy and situation in words. */
  String under() {
    Situation situation = situation();
    return policy + (situation == Situation.REMOVE ? "" : " situation=" + situation);
  }

  /** The same under another policy. */
  public Scenario under(Policy other) {
    return new Scenario(other, populations, steps);
  }

  public Scenario {
    populations = Collections.unmodifiableMap(new LinkedHashMap<>(populations));
    steps = List.copyOf(steps);
  }
}
