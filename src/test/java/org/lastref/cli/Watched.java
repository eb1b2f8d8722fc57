package org.lastref.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.awaitility.Awaitility;
import org.lastref.report.CaseResult;
import org.lastref.report.RunReport;
import org.lastref.report.Status;

/**
 * Runs on one board, watched from outside, in a folder of their own.
 *
 * @param folder deleted in the end
 */
record Watched(Path folder) implements AutoCloseable {

  static final Duration LIMIT = Duration.ofMinutes(1);

  static Watched open() throws IOException {
    return new Watched(Files.createTempDirectory("lastref-watched"));
  }

  Path results() {
    return folder.resolve("results");
  }

  /** The words of a run with one policy: a case for each overlay. */
  List<String> words(String only, Path board, int cycles, String... more) {
    List<String> words = new ArrayList<>(List.of("run", "--grace", "slow", "--only", only));
    words.addAll(List.of("--release", "dedicated-wq", "--fix", "wait-removal"));
    words.addAll(List.of("--board", "" + board, "--results", "" + results()));
    words.addAll(List.of("--cycles", "" + cycles));
    words.addAll(List.of(more));
    return words;
  }

  Child run(List<String> words) throws Exception {
    return Child.run(folder, List.of(), Map.of(), words);
  }

  ProcessBuilder builder(List<String> words) {
    ProcessBuilder builder =
        new ProcessBuilder(Child.command(words))
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().put("LASTREF_LEASES", folder.resolve("leases").toString());
    return builder;
  }

  /** A run under way. */
  Process start(List<String> words) throws IOException {
    return builder(words).start();
  }

  /** What a run that is under way says. */
  String said() throws IOException {
    return Files.readString(folder.resolve("err"));
  }

  /** Its exit code. */
  int end(Process harness) throws Exception {
    try {
      assertTrue(harness.waitFor(2, TimeUnit.MINUTES), "not ended in 2 min: " + life());
      return harness.exitValue();
    } finally {
      harness.destroyForcibly();
    }
  }

  /** The board's life so far. */
  String life() throws IOException {
    Path log = results().resolve("latest/board.log");
    return Files.exists(log) ? Files.readString(log) : "";
  }

  void awaitLife(String what) {
    awaitLife(what, LIMIT);
  }

  void awaitLife(String what, Duration limit) {
    Awaitility.await("board.log to have " + what)
        .pollInterval(Duration.ofMillis(5))
        .pollDelay(Duration.ZERO)
        .atMost(limit)
        .until(() -> life().contains(what));
  }

  /** The last run's, each of which is in well-formed XML too. */
  List<CaseResult> cases() throws Exception {
    Path run = results().resolve("latest");
    List<CaseResult> cases = RunReport.read(run.resolve("run.json")).cases();
    DocumentBuilder xml = DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder();
    int named = 0;
    try (Stream<Path> files = Files.list(run.resolve("junit"))) {
      for (Path file : files.toList()) {
        named += xml.parse(file.toFile()).getElementsByTagName("testcase").getLength();
      }
    }
    assertEquals(named, cases.size());
    return cases;
  }

  List<Status> statuses() throws Exception {
    return cases().stream().map(CaseResult::status).toList();
  }

  /** An overlay that has the board fail. */
  static String fault(String name) {
    return "" + Child.PROJECT.resolve("overlays/faults").resolve(name + ".dtso");
  }

  @Override
  public void close() throws IOException {
    Child.delete(folder);
  }
}
