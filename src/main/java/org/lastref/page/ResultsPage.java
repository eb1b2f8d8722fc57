package org.lastref.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lastref.report.AtomicFile;
import org.lastref.report.Text;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All runs, {@code results/index.html}: a row a run, the last first, and a row for each case that
 * did not pass in any of them, with what it was in each. Of a run that cannot be read it says so.
 */
public final class ResultsPage {

  private static final Logger LOG = LoggerFactory.getLogger(ResultsPage.class);

  /** So many runs are told of. */
  private static final int MOST_RUNS = 20;

  private static final int MOST_CASES = 300;
  private static final long LARGEST = 64L << 20;
  private static final JsonMapper JSON = new JsonMapper();

  private ResultsPage() {}

  record Run(String name, String href, String board, String kernel, String counts, String colour) {}

  record Cell(String colour, String word, String href) {}

  record Case(String id, String since, String flaky, String took, List<Cell> cells) {}

  record Page(List<Run> runs, List<Case> cases, boolean more) {}

  /** What is read of a run. */
  private record Read(Run run, Map<String, Seen> cases) {}

  private record Seen(String status, String verdict, boolean retried, double seconds) {}

  /**
   * Makes it anew; one that cannot be made is told of and ends nothing. Runs that end together do
   * so one after the other.
   */
  public static synchronized void write(Path results) {
    try {
      AtomicFile.write(results.resolve(RunPage.NAME), of(results));
    } catch (RuntimeException | IOException e) {
      LOG.warn("The page of all runs in {} is not as new as they are: {}", results, e.getMessage());
    }
  }

  static byte[] of(Path results) throws IOException {
    List<Path> folders;
    try (Stream<Path> files = Files.list(results)) {
      folders =
          files
              .filter(each -> !Files.isSymbolicLink(each))
              .filter(each -> Files.isRegularFile(each.resolve("run.json")))
              .sorted(Comparator.reverseOrder())
              .limit(MOST_RUNS)
              .toList();
    }
    List<Read> runs = folders.stream().map(ResultsPage::read).toList();
    Map<String, List<@Nullable Seen>> cases = new LinkedHashMap<>();
    for (Read run : runs) {
      run.cases()
          .forEach(
              (id, seen) -> {
                if (!seen.status().equals("passed") || seen.retried()) {
                  cases.computeIfAbsent(
                      id, each -> runs.stream().map(other -> other.cases().get(each)).toList());
                }
              });
    }
    List<Case> told =
        cases.entrySet().stream()
            .limit(MOST_CASES)
            .map(each -> told(each.getKey(), each.getValue(), runs))
            .toList();
    Page page = new Page(runs.stream().map(Read::run).toList(), told, cases.size() > told.size());
    return RunPage.template("results.mustache").execute(page).getBytes(StandardCharsets.UTF_8);
  }

  private static Read read(Path folder) {
    String name = folder.getFileName().toString();
    String href = name + "/" + RunPage.NAME;
    Path file = folder.resolve("run.json");
    try {
      if (Files.size(file) > LARGEST) {
        throw new IOException("it is larger than any report");
      }
      JsonNode report = JSON.readTree(file.toFile());
      Map<String, Seen> cases = new LinkedHashMap<>();
      Map<String, Integer> counts = new LinkedHashMap<>();
      for (JsonNode each : report.path("cases")) {
        String status = each.path("status").asText();
        cases.put(
            each.path("id").asText(),
            new Seen(
                status,
                each.path("properties").path("verdict").asText(),
                each.path("tries").size() > 0,
                each.path("took_s").asDouble()));
        counts.merge(status, 1, Integer::sum);
      }
      JsonNode run = report.path("run");
      List<String> words = new ArrayList<>();
      counts.forEach((status, count) -> words.add(count + " " + status));
      boolean good = counts.keySet().equals(Set.of("passed"));
      return new Read(
          new Run(
              Text.line(name, 100),
              href,
              Text.line(run.path("board").asText(), 40),
              Text.line(run.path("kernel").path("release").asText(), 40),
              Text.line(String.join(", ", words), 100),
              good ? RunPage.GREEN : counts.containsKey("failed") ? RunPage.RED : RunPage.AMBER),
          cases);
    } catch (IOException e) {
      return new Read(
          new Run(
              Text.line(name, 100),
              href,
              "",
              "",
              "cannot be read: " + Text.line(String.valueOf(e.getMessage()), 100),
              RunPage.AMBER),
          Map.of());
    }
  }

  private static Case told(String id, List<@Nullable Seen> seen, List<Read> runs) {
    String since = "";
    int flaky = 0;
    double seconds = 0;
    int count = 0;
    boolean failing = true;
    List<Cell> cells = new ArrayList<>();
    for (int i = 0; i < seen.size(); i++) {
      Seen each = seen.get(i);
      Run run = runs.get(i).run();
      if (each == null) {
        cells.add(new Cell(RunPage.GREY, "", run.href()));
        continue;
      }
      failing &= each.status().equals("failed");
      since = failing ? run.name() : since;
      flaky += each.retried() ? 1 : 0;
      seconds += each.seconds();
      count++;
      cells.add(
          new Cell(
              colour(each),
              Text.line(each.verdict().isEmpty() ? each.status() : each.verdict(), 20)
                  + (each.retried() ? " (retried)" : ""),
              run.href()));
    }
    return new Case(
        Text.line(id, 120),
        since,
        flaky == 0 ? "" : "%d of %d".formatted(flaky, count),
        count == 0 ? "" : "%.1f s".formatted(seconds / count),
        cells);
  }

  private static String colour(Seen seen) {
    return switch (seen.status()) {
      case "passed" -> seen.retried() ? RunPage.AMBER : RunPage.GREEN;
      case "failed" -> RunPage.RED;
      case "error" -> RunPage.AMBER;
      default -> RunPage.GREY;
    };
  }
}
