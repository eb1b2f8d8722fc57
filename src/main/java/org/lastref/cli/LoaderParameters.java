package org.lastref.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The parameters of overlays that a loader sets, as its users write them. */
final class LoaderParameters {

  /** What a loader takes where no value is given. */
  private static final String SET = "true";

  @Option(
      names = "--param",
      paramLabel = "NAME=VALUE",
      description =
          "set this parameter of the overlay, or several in this order, as a loader does; a name"
              + " alone means true")
  private List<String> words = new ArrayList<>();

  boolean areChosen() {
    return !words.isEmpty();
  }

  /** By name, in their order. */
  Map<String, String> chosen(CommandLine command) {
    Map<String, String> chosen = new LinkedHashMap<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      String name = equals < 0 ? word : word.substring(0, equals);
      String value = equals < 0 ? SET : word.substring(equals + 1);
      if (name.isEmpty()) {
        throw new ParameterException(command, "--param %s: it has no name".formatted(word));
      }
      if (chosen.put(name, value) != null) {
        throw new ParameterException(command, "--param sets %s twice".formatted(name));
      }
    }
    return chosen;
  }
}
