package org.lastref.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.testng.annotations.Test;

public class VerdictTableTest {

  private static final Path WHERE = Path.of("results/20260131-120000-qemu-virt");

  private static final VerdictTable BY_POLICY =
      new VerdictTable(
          List.of(new VerdictTable.Axes("overlay", List.of("timing", "release", "fix"))), false);

  private static CaseResult cell(String id, Status status, String row, String column) {
    return Cases.result(id, status, new TreeMap<>(Map.of("row", row, "column", column)));
  }

  private static String byRow(CaseResult... cases) {
    return new VerdictTable(List.of(new VerdictTable.Axes("row", List.of("column"))), false)
        .render(List.of(cases), WHERE);
  }

  @Test
  public void twelvePoliciesFitOnAScreen() {
    var text = BY_POLICY.render(Cases.matrix(List.of("delayed")), WHERE);
    assertTrue(
        text.startsWith(
            """
            timing=delayed
            """),
        text);
    assertTrue(text.lines().allMatch(l -> l.length() <= 140), text);
  }

  @Test
  public void eachValueOfTheFirstKeyHasATableOfItsOwn() {
    var text = BY_POLICY.render(Cases.matrix(List.of("delayed", "prompt")), WHERE);
    assertEquals(text.lines().filter(l -> l.startsWith("timing=")).count(), 2);
    assertTrue(text.contains("72 cases: 64 passed, 2 failed, 2 errors, 4 not run, "), text);
  }

  @Test
  public void oneKeyMakesOneHeaderLine() {
    assertEquals(
        byRow(
            cell("1", Status.PASSED, "a", "x"),
            cell("2", Status.PASSED, "b", "long-column"),
            cell("3", Status.PASSED, "b", "x")),
        """
            |       long-
        row | x     column
        ----+-------------
        a   | pass
        b   | pass  pass

        lower case: as expected

        3 cases: 3 passed, 1.5 s
        Results: results/20260131-120000-qemu-virt
        """);
  }

  @Test
  public void aCellOfSeveralShowsTheWorstAndHowMany() {
    var text =
        byRow(
            cell("1", Status.PASSED, "a", "x"),
            cell("2", Status.ERROR, "a", "x"),
            cell("3", Status.FAILED, "a", "x"),
            cell("4", Status.PASSED, "b", "x"),
            cell("5", Status.PASSED, "b", "x"));
    assertTrue(text.contains("\na   | FAIL 1/3\nb   | pass\n"), text);
  }

  @Test
  public void explainsWhatDidNotPassWorstFirst() {
    var failed =
        Cases.result(
            "f", Status.FAILED, "3 nodes leaked", "one\n  two", List.of(), new TreeMap<>());
    var text = byRow(Cases.result("e", Status.ERROR), failed, Cases.result("p", Status.PASSED));
    assertEquals(
        text,
        """
        error   e: is ERROR
        FAIL    f: 3 nodes leaked
        pass    p: is PASSED

        FAILED  f
                3 nodes leaked
                one
                  two
                run again: ./lastref run --case f

        ERROR   e
                is ERROR
                run again: ./lastref run --case e

        3 cases: 1 passed, 1 failed, 1 error, 1.5 s
        Results: results/20260131-120000-qemu-virt
        """);
  }

  @Test
  public void boundsWhatABoardSaysButNeverACommand() {
    var result =
        new CaseResult(
            new PlannedCase("1", "c", "n", new TreeMap<>(), "run " + "y".repeat(300)),
            Status.FAILED,
            new Try(
                Cases.NOW,
                java.time.Duration.ZERO,
                Cases.HOSTILE,
                ("x".repeat(500) + "\n").repeat(50) + Cases.HOSTILE,
                List.of(),
                List.of()),
            List.of(),
            null);
    var text = byRow(result);
    assertTrue(text.contains("run again: run " + "y".repeat(300) + "\n"), text);
    assertTrue(text.contains("... 32 more lines in the report in JSON"), text);
    assertFalse(text.contains("\u001b") || text.contains("\u009b") || text.contains("\r"), text);
    text.lines()
        .filter(l -> !l.contains("run again"))
        .forEach(l -> assertTrue(l.length() <= VerdictTable.MAX_COLUMNS, l));
  }

  @Test
  public void wideTablesContinueBelow() {
    var cases =
        IntStream.range(0, 60)
            .mapToObj(i -> cell("" + i, Status.PASSED, "row", "column" + i))
            .toArray(CaseResult[]::new);
    var text = byRow(cases);
    assertTrue(text.lines().allMatch(l -> l.length() <= VerdictTable.MAX_COLUMNS), text);
    for (int i = 0; i < 60; i++) {
      assertTrue(text.contains(" column" + i), text);
    }
    assertEquals(text.lines().filter(l -> l.startsWith("row | pass")).count(), 4);
  }

  @Test
  public void aGroupIsAsWideAsItsName() {
    var text =
        new VerdictTable(List.of(new VerdictTable.Axes("row", List.of("group", "column"))), false)
            .render(
                List.of(
                    Cases.result(
                        "1",
                        Status.PASSED,
                        new TreeMap<>(
                            Map.of("row", "a", "group", "dedicated-workqueue", "column", "x"))),
                    Cases.result(
                        "2",
                        Status.PASSED,
                        new TreeMap<>(Map.of("row", "a", "group", "b", "column", "x")))),
                WHERE);
    assertTrue(
        text.startsWith(
            """
                | dedicated-workqueue | b
            row | x                   | x
            ----+---------------------+-----
            a   | pass                | pass
            """),
        text);
  }

  @Test
  public void coloursOnlyWhenAsked() {
    var cases = List.of(cell("1", Status.FAILED, "a", "x"), cell("2", Status.PASSED, "b", "x"));
    assertFalse(
        new VerdictTable(List.of(new VerdictTable.Axes("row", List.of("column"))), false)
            .render(cases, WHERE)
            .contains("\u001b"));
    var text =
        new VerdictTable(List.of(new VerdictTable.Axes("row", List.of("column"))), true)
            .render(cases, WHERE);
    assertTrue(text.contains("a   | \u001b[1;31mFAIL\u001b[0m\n"), text);
    assertTrue(text.contains("b   | \u001b[32mpass\u001b[0m\n"), text);
  }

  private static CaseResult[] hundred(IntFunction<String> headline) {
    var properties = new TreeMap<>(Map.of("row", "a", "column", "x"));
    return IntStream.range(0, 100)
        .mapToObj(
            i -> Cases.result("" + i, Status.ERROR, headline.apply(i), "", List.of(), properties))
        .toArray(CaseResult[]::new);
  }

  @Test
  public void doesNotListEveryCaseOfABrokenRun() {
    var text = byRow(hundred(i -> "it is " + "a".repeat(i)));
    assertTrue(text.contains("... and 80 more: the report in JSON has all"), text);
    assertTrue(text.contains("a   | error 100/100"), text);
  }

  @Test
  public void tellsOnceWhatManyCasesSay() {
    var text = byRow(hundred(i -> "event " + i + " is wrong; it took " + "a".repeat(i)));
    assertTrue(text.contains("99 more say the same: 1, 2, 3, 4, 5, 6, 7, 8, …\n"), text);
    assertFalse(text.contains("... and "), text);
  }
}
