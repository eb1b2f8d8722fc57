package org.lastref.machine;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What has to be true of a variable for a step to be possible. A step's guard is a list of these,
 * of which all have to be true.
 *
 * @param variable of what
 * @param allowed the values that it may have, in ascending order
 * @param text as a person reads it
 */
public record Condition(Variable variable, List<Integer> allowed, String text) {

  public Condition {
    allowed = allowed.stream().sorted().distinct().toList();
  }

  /** From one value to another, both allowed. */
  public Condition(Variable variable, int low, int high) {
    this(
        variable,
        IntStream.rangeClosed(low, high).boxed().toList(),
        low == high
            ? variable.name() + " is " + low
            : high == variable.max()
                ? variable.name() + " is " + low + " or more"
                : variable.name() + " is " + low + " to " + high);
  }

  /** The same, said in other words. */
  public Condition as(String words) {
    return new Condition(variable, allowed, words);
  }

  /** Whether it is true for this value. */
  public boolean allows(int value) {
    return allowed.contains(value);
  }
}
