package org.lastref.trace;

import java.util.Arrays;

/**
 * What a board is told to do, and how that should end.
 *
 * @param verb what to do
 * @param argument with what
 * @param result the first words of its result
 */
public record Instruction(Verb verb, String argument, String result) {

  /** One that is to be done and not refused. */
  public static Instruction to(Verb verb, String argument) {
    return new Instruction(verb, argument, verb.done());
  }

  /** The same, to be refused with these words; with any, if there are none. */
  public Instruction refused(String why) {
    return new Instruction(verb, argument, ("refused " + why).strip());
  }

  /** Begins another one. */
  public static Instruction start(Instruction other) {
    return to(Verb.START, other.step());
  }

  /** Waits for the end of another one. */
  public static Instruction finish(Instruction other) {
    return new Instruction(Verb.FINISH, other.step(), other.result);
  }

  /**
   * One of a stored trace.
   *
   * @param step verb and argument
   * @throws IllegalArgumentException if this Lastref does not know the verb
   */
  public static Instruction of(String step, String result) {
    int equals = step.indexOf('=');
    String word = step.substring(0, Math.max(0, equals));
    return Arrays.stream(Verb.values())
        .filter(verb -> verb.toString().equals(word))
        .findFirst()
        .map(verb -> new Instruction(verb, step.substring(equals + 1), result))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the step %s is none that this Lastref knows"
                        .formatted(TraceReader.abbreviate(step))));
  }

  /** The one that this one starts or finishes, or itself. */
  public Instruction inner() {
    return verb == Verb.START || verb == Verb.FINISH ? of(argument, "") : this;
  }

  /** As the board takes it, and as it stands in a trace: {@code remove=diamond}. */
  public String step() {
    return verb + "=" + argument;
  }

  @Override
  public String toString() {
    return (step() + " " + result).strip();
  }
}
