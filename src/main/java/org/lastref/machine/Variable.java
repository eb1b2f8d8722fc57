package org.lastref.machine;

/**
 * One part of a {@link Machine}'s state: a small number such as a reference count, a flag, or where
 * an agent stands.
 *
 * @param index its place among the machine's variables, from 0
 * @param name as a person reads it, such as {@code refs(lr-osc)}
 * @param initial its value before the first step
 * @param max its highest value; the lowest is 0
 */
public record Variable(int index, String name, int initial, int max) {

  public Variable {
    if (initial < 0 || initial > max) {
      throw new IllegalArgumentException(
          "%s begins at %d, outside of 0 to %d".formatted(name, initial, max));
    }
  }

  /** It has this value. */
  public Condition is(int value) {
    return new Condition(this, value, value);
  }

  /** It has this value or a higher one. */
  public Condition atLeast(int value) {
    return new Condition(this, value, max);
  }

  /** It becomes this value. */
  public Effect becomes(int value) {
    return new Effect(this, false, value);
  }

  /** It grows by this much, or shrinks if negative. */
  public Effect plus(int difference) {
    return new Effect(this, true, difference);
  }
}
