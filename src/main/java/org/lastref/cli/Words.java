package org.lastref.cli;

import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The words of an option, each of which names a value. */
final class Words {

  private Words() {}

  /**
   * The values that are named, in their own order; all if none is.
   *
   * @param command whose option it is
   * @param possible by their words
   */
  static <T> List<T> chosen(
      CommandLine command, String option, List<String> words, List<T> possible) {
    for (String word : words) {
      if (possible.stream().noneMatch(value -> value.toString().equals(word))) {
        throw unknown(command, option, word, "", possible);
      }
    }
    return possible.stream()
        .filter(value -> words.isEmpty() || words.contains(value.toString()))
        .toList();
  }

  /** Refuses words for what there is elsewhere and is not possible here, saying why. */
  static <T> void refuse(
      CommandLine command,
      String option,
      List<String> words,
      String why,
      List<T> all,
      List<T> possible) {
    for (T value : all) {
      if (!possible.contains(value) && words.contains(value.toString())) {
        throw unknown(command, option, value.toString(), why, possible);
      }
    }
  }

  /** A word that names nothing that is possible. */
  static ParameterException unknown(
      CommandLine command, String option, String word, String why, List<?> possible) {
    return new ParameterException(
        command,
        "%s %s: %sone of %s is possible"
            .formatted(
                option,
                word,
                why,
                possible.stream().map(Object::toString).collect(Collectors.joining(", "))));
  }
}
