package org.lastref.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.testng.annotations.Test;
import org.w3c.dom.Element;

/** Cases that the lab's faults made to be tried again. */
public class RetryTest extends TemporaryFolder {

  private static final CaseResult FLAKY =
      Cases.result("flaky", Status.PASSED)
          .withTries(List.of(Cases.faulty("the board did not boot")));

  private static CaseResult twice(Status status) {
    return Cases.result("twice " + status, status)
        .withTries(List.of(Cases.faulty("the board hung"), Cases.faulty("the line was cut")));
  }

  private RunReport written(CaseResult... cases) {
    var folder = RunFolder.create(root, "qemu-virt", Cases.NOW);
    for (var each : cases) {
      folder.addCase(each);
    }
    folder.close("all cases ran");
    return RunReport.read(folder.path().resolve("run.json"));
  }

  private Element testcase(CaseResult result) {
    written(result);
    var suite = Xml.suites(root.resolve("latest")).get(0);
    return Xml.children(suite, "testcase").get(0);
  }

  @Test
  public void isReadBackWithItsTries() {
    var failed = twice(Status.FAILED);
    assertEquals(written(FLAKY, failed).cases(), List.of(FLAKY, failed));
  }

  @Test
  public void anOlderRunHasNoTries() throws IOException {
    var folder = RunFolder.create(root, "qemu-virt", Cases.NOW);
    folder.addCase(Cases.result("1", Status.PASSED));
    var json = Files.readString(folder.path().resolve("run.json"));
    var older = json.replaceAll(",\\s*\"tries\" : \\[ ]", "");
    assertFalse(older.equals(json) || older.contains("tries"), older);
    var file = Files.writeString(root.resolve("older.json"), older);
    assertEquals(RunReport.read(file).cases(), List.of(Cases.result("1", Status.PASSED)));
  }

  @Test
  public void countsOnceHoweverOftenItWasTried() {
    var totals = written(FLAKY, twice(Status.FAILED), twice(Status.ERROR)).totals();
    assertEquals(
        totals.toString(), "3 cases: 1 passed (1 only after a retry), 1 failed, 1 error, 1.5 s");
    assertEquals(Totals.of(List.of(FLAKY)).exitCode(), 0);
  }

  /** Of the elements for it Jenkins reads flakyFailure alone, and of that these children. */
  @Test
  public void passedAfterwardsHasAflakyFailure() {
    var testcase = testcase(FLAKY);
    for (var bad : List.of("failure", "error", "skipped", "rerunFailure")) {
      assertEquals(Xml.children(testcase, bad), List.of());
    }
    var flaky = Xml.children(testcase, "flakyFailure");
    assertEquals(flaky.size(), 1);
    assertEquals(flaky.get(0).getAttribute("message"), "the board did not boot");
    assertEquals(flaky.get(0).getAttribute("type"), "lab");
    assertEquals(text(flaky.get(0), "stackTrace"), "the last words");
    assertEquals(text(flaky.get(0), "system-out"), "[    1.0] a line");
  }

  @Test
  public void badToTheLastKeepsTheLastVerdictAndHasRerunFailures() {
    var failed = testcase(twice(Status.FAILED));
    assertEquals(Xml.children(failed, "failure").size(), 1);
    assertEquals(Xml.children(failed, "error"), List.of());
    assertEquals(messages(failed), List.of("the board hung", "the line was cut"));
    var error = testcase(twice(Status.ERROR));
    assertEquals(Xml.children(error, "error").get(0).getAttribute("message"), "is ERROR");
    assertEquals(messages(error), List.of("the board hung", "the line was cut"));
  }

  private static String text(Element parent, String name) {
    return Xml.children(parent, name).get(0).getTextContent();
  }

  private static List<String> messages(Element testcase) {
    return Xml.children(testcase, "rerunFailure").stream()
        .map(e -> e.getAttribute("message"))
        .toList();
  }

  @Test
  public void theTableTellsWhatTheLabDidBeforeItPassed() {
    var properties = new TreeMap<>(java.util.Map.of("row", "a", "column", "x"));
    var placed = Cases.result("1", Status.PASSED, properties).withTries(FLAKY.tries());
    var table =
        new VerdictTable(List.of(new VerdictTable.Axes("row", List.of("column"))), false)
            .render(List.of(placed, FLAKY, twice(Status.ERROR)), Path.of("r"));
    assertTrue(table.contains("a   | pass (retried)\n"), table);
    assertTrue(table.contains("(retried): passed after the lab had failed\n"), table);
    assertTrue(table.contains("pass    flaky: is PASSED (2nd try)\n"), table);
    assertTrue(
        table.contains(
            """
            ERROR   twice ERROR (3rd try)
                    1st try, the lab failed: the board hung
                    2nd try, the lab failed: the line was cut
                    is ERROR
            """),
        table);
    assertTrue(
        table.contains(
            """
            RETRIED flaky: passed (2nd try)
                    1st try, the lab failed: the board did not boot
            """),
        table);
  }

  @Test
  public void countsLikeAPerson() {
    assertEquals(
        List.of(1, 2, 3, 4, 11, 12, 13, 21, 112).stream().map(Try::ordinal).toList(),
        List.of(
            "1st try",
            "2nd try",
            "3rd try",
            "4th try",
            "11th try",
            "12th try",
            "13th try",
            "21st try",
            "112th try"));
  }

  @Test
  public void onlyAFaultOfTheLabIsTriedAgain() {
    assertEquals(Try.of(Cases.result("1", Status.ERROR)).headline(), "is ERROR");
    for (var status : List.of(Status.PASSED, Status.FAILED, Status.SKIPPED)) {
      assertThrows(IllegalArgumentException.class, () -> Try.of(Cases.result("1", status)));
    }
  }
}
