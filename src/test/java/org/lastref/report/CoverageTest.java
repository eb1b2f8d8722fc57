package org.lastref.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.testng.annotations.Test;

/** How much of what is possible a run has seen. */
public class CoverageTest {

  private static CaseResult covered(String id, String outcomes, String steps) {
    return Cases.result(
        id, Status.PASSED, new TreeMap<>(Map.of("outcomes", outcomes, "steps", steps)));
  }

  @Test
  public void isTheSumOfItsCases() {
    Coverage coverage =
        Coverage.of(
            List.of(
                covered("1", "4/6", "20/22"),
                Cases.result("2", Status.ERROR),
                covered("3", "1/1", "8/8")));
    assertEquals(coverage, new Coverage(5, 7, 28, 30, false));
    assertEquals("" + coverage, "5 of 7 possible outcomes, 28 of 30 steps seen");
  }

  @Test
  public void saysAtLeastIfASearchWasNotFinished() {
    Coverage coverage = Coverage.of(List.of(covered("1", "4/6+", "20/22+")));
    assertEquals("" + coverage, "4 of at least 6 possible outcomes, 20 of at least 22 steps seen");
  }

  @Test
  public void isReadBackFromWhatACaseSays() {
    Coverage coverage = new Coverage(4, 6, 20, 22, true);
    assertEquals(
        Coverage.of(List.of(Cases.result("1", Status.PASSED, coverage.properties()))), coverage);
  }

  @Test
  public void takesNothingFromACaseThatSaysSomethingElse() {
    assertEquals(
        Coverage.of(List.of(covered("1", "many", "9999999999/1"), covered("2", "1/1", "x"))),
        Coverage.NOTHING);
  }

  @Test
  public void standsUnderTheTable() {
    VerdictTable table =
        new VerdictTable(List.of(new VerdictTable.Axes("overlay", List.of("fix"))), false);
    assertTrue(
        table
            .render(List.of(covered("1", "4/6", "20/22")), Path.of("r"))
            .contains("\ncoverage: 4 of 6 possible outcomes, 20 of 22 steps seen\n"));
    assertFalse(
        table.render(List.of(Cases.result("1", Status.PASSED)), Path.of("r")).contains("cover"));
  }
}
