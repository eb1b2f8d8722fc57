package org.lastref.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.lastref.report.CaseResult;
import org.lastref.report.RunReport;
import org.lastref.report.Status;
import org.testng.SkipException;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Two boards in QEMU in one run. */
public class LanesIT {

  private Path folder = Path.of("");
  private Path results = Path.of("");

  @BeforeMethod
  void makeFolder() throws Exception {
    folder = Files.createTempDirectory("lastref-lanes");
    results = folder.resolve("results");
    String board = Files.readString(Child.PROJECT.resolve("boards/qemu-virt.yaml"));
    for (String name : List.of("left", "right")) {
      Files.writeString(
          folder.resolve(name + ".yaml"),
          board.replace("name: qemu-virt", "name: " + name).replace("arm64]", "arm64, both]"));
    }
    Files.writeString(
        folder.resolve("dead.yaml"),
        board
            .replace("name: qemu-virt", "name: dead")
            .replace("arm64]", "arm64, both]")
            .replace("kernel-arguments: []", "kernel-arguments: [rdinit=/none]"));
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws Exception {
    Child.delete(folder);
  }

  private Map<String, String> environment() {
    return Map.of("LASTREF_BOARDS", "" + folder, "LASTREF_LEASES", "" + folder.resolve("leases"));
  }

  private List<String> words(String... more) {
    List<String> words = new ArrayList<>(List.of("run", "--results", "" + results));
    words.addAll(List.of(more));
    return words;
  }

  /** By board. */
  private Map<String, RunReport> reports() throws Exception {
    Map<String, RunReport> reports = new TreeMap<>();
    try (Stream<Path> runs = Files.list(results)) {
      for (Path run : runs.filter(LanesIT::isRun).toList()) {
        RunReport report = RunReport.read(run.resolve("run.json"));
        assertTrue(Files.exists(run.resolve("junit")), "" + run);
        reports.put(report.run().board(), report);
      }
    }
    return reports;
  }

  private static boolean isRun(Path folder) {
    return !Files.isSymbolicLink(folder) && Files.exists(folder.resolve("run.json"));
  }

  private static Set<Status> statuses(RunReport report) {
    return report.cases().stream().map(CaseResult::status).collect(Collectors.toSet());
  }

  @Test
  public void aRunOfManyCasesIsSharedByTwoBoards() throws Exception {
    if (Runtime.getRuntime().availableProcessors() < 2) {
      throw new SkipException("a second board is of use to two processors");
    }
    Child child =
        Child.run(
            folder,
            List.of(),
            environment(),
            words("--board", "left", "--only", "one-node,cycle", "--cycles", "1"));
    assertEquals(child.exit(), 0, child.err());
    RunReport report = reports().values().iterator().next();
    assertEquals(report.cases().size(), 60);
    assertEquals(statuses(report), Set.of(Status.PASSED));
    assertEquals(report.run().provenance().get("kernel"), "plain");
    Path run = results.resolve("latest");
    for (String log : List.of("board.log", "board-2/board.log")) {
      assertTrue(Files.readString(run.resolve(log)).contains("-> testing"), log);
    }
  }

  @Test
  public void aBoardThatDoesNotBootDisturbsNoOther() throws Exception {
    List<String> words = words("--board", "both", "--only", "pair,leds", "--grace", "slow");
    words.addAll(Child.ONE);
    Child child = Child.run(folder, List.of(), environment(), words);
    assertEquals(child.exit(), 3, child.err());
    Map<String, RunReport> reports = reports();
    assertEquals(
        reports.values().stream().map(LanesIT::statuses).toList(),
        List.of(Set.of(Status.SKIPPED), Set.of(Status.PASSED), Set.of(Status.PASSED)));
    assertTrue(
        child.err().matches("(?s).*lastref: dead: Board dead [^\n]*did not boot: Kernel panic.*"),
        child.err());
    assertTrue(child.err().contains("lastref: left: 2 of 2, "), child.err());
    List<String> last = child.out().lines().toList();
    assertTrue(last.get(last.size() - 3).startsWith("dead: exit code 3, 2 cases: 0 passed, 2 not"));
    assertTrue(last.get(last.size() - 2).startsWith("left: exit code 0, 2 cases: 2 passed"));
    assertTrue(last.get(last.size() - 1).startsWith("right: exit code 0, 2 cases: 2 passed"));
    assertTrue(
        Child.run(folder, List.of(), environment(), List.of("boards")).out().contains("FAULT "));
  }

  @Test
  public void aRunThatIsInterruptedLeavesWholeResultsOfEachBoard() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                Child.command(words("--board", "left,right", "--only", "pair", "--cycles", "3")))
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().putAll(environment());
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      Awaitility.await("a case on each board")
          .atMost(Duration.ofMinutes(1))
          .pollInterval(Duration.ofMillis(100))
          .until(
              () ->
                  Files.exists(results)
                      && reports().size() == 2
                      && reports().values().stream()
                          .allMatch(each -> statuses(each).contains(Status.PASSED)));
      process.destroy();
      assertTrue(process.waitFor(20, TimeUnit.SECONDS));
    } finally {
      process.destroyForcibly();
    }
    for (RunReport report : reports().values()) {
      assertEquals(report.endReason(), "interrupted");
      assertEquals(report.cases().size(), 30);
      assertEquals(statuses(report), Set.of(Status.PASSED, Status.SKIPPED));
    }
  }

  @Test
  public void everyStepOfACheckIsWellOnABoardThatIs() throws Exception {
    Child child =
        Child.run(
            folder,
            List.of(),
            environment(),
            List.of("boards", "check", "left", "--json", "--results", "" + results));
    assertEquals(child.exit(), 0, child.out());
    assertEquals(child.out().split("\"result\" : \"ok\"", -1).length, 11, child.out());
  }
}
