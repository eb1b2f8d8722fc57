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
    return chosen(command, option, words, possible, List.of(), "");
  }

  /**
   * The same where others are known.
   *
   * @param why these are not possible here
   */
  static <T> List<T> chosen(
      CommandLine command,
      String option,
      List<String> words,
      List<T> possible,
      List<T> known,
      String why) {
    for (String word : words) {
      if (!names(possible, word)) {
        throw unknown(command, option, word, names(known, word) ? why : "", possible);
      }
    }
    return possible.stream()
        .filter(value -> words.isEmpty() || words.contains(value.toString()))
        .toList();
  }

  private static boolean names(List<?> values, String word) {
    return values.stream().anyMatch(value -> value.toString().equals(word));
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
