package org.lastref.verify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lastref.model.Plot;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The second part of {@code ./lastref bench model}: traces of a thousand to a million events. */
public final class ConformanceBench {

  private static final Path FOLDER = Path.of("target", "bench");

  private ConformanceBench() {}

  /** Takes no arguments. */
  public static void main(String[] args) throws IOException, RunnerException {
    Files.createDirectories(FOLDER);
    List<String> rows = new ArrayList<>();
    rows.add("| events | | ms | events/s |");
    rows.add("|---|---|---|---|");
    Map<String, Map<Integer, Double>> millis = new LinkedHashMap<>();
    for (RunResult run :
        new Runner(
                new OptionsBuilder()
                    .include(ConformanceBenchmark.class.getName())
                    .shouldFailOnError(true)
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run()) {
      int events = Integer.parseInt(run.getParams().getParam("events"));
      double took = run.getPrimaryResult().getScore();
      String what = run.getPrimaryResult().getLabel();
      rows.add(
          String.format(
              Locale.ROOT, "| %,d | %s | %.1f | %,.0f |", events, what, took, events / took * 1e3));
      millis
          .computeIfAbsent(what, key -> new LinkedHashMap<>())
          .put((int) Math.round(Math.log10(events)), took);
    }
    rows.forEach(System.out::println);
    Files.write(FOLDER.resolve("conformance.md"), rows);
    Files.writeString(
        FOLDER.resolve("conformance.svg"),
        Plot.lines("milliseconds", "events, as a power of ten", millis));
  }
}
