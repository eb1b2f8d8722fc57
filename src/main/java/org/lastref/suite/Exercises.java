package org.lastref.suite;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.lastref.verify.Exercise;

/** Every exercise that there is, whether it is run or judged again. */
final class Exercises {

  private static final List<Exercise> ALL =
      Stream.of(DevresSuite.exercises(), AsyncSuite.exercises(), MdevSuite.exercises())
          .flatMap(List::stream)
          .toList();

  private Exercises() {}

  /** All of them, suite by suite. */
  static List<Exercise> all() {
    return ALL;
  }

  /** The one of that name; empty if this Lastref has none. */
  static Optional<Exercise> named(String id) {
    return ALL.stream().filter(each -> each.id().equals(id)).findFirst();
  }

  /** The same scenario under each variant of the kernel, the given one included. */
  static List<Exercise> variants(Exercise exercise) {
    return ALL.stream()
        .filter(each -> each.suite().equals(exercise.suite()))
        .filter(each -> each.scenario().equals(exercise.scenario()))
        .toList();
  }
}
