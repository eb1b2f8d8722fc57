package org.lastref.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.testng.annotations.Test;

/** Two runs on one kernel, by a model that knew it and by one that did not. */
public class DifferencesTest extends TemporaryFolder {

  private static final Path FOLDER = Path.of("src/test/resources/compare");
  private static final RunReport ONE = RunReport.read(FOLDER.resolve("one.json"));
  private static final RunReport OTHER = RunReport.read(FOLDER.resolve("other.json"));

  private static List<NavigableSet<String>> noCourses(RunReport report, CaseResult each) {
    return List.of();
  }

  /** Of the courses alone. */
  private static List<String> what(
      List<NavigableSet<String>> before, List<NavigableSet<String>> after) {
    return Differences.of(ONE, OTHER, (report, each) -> report.equals(ONE) ? before : after)
        .cases()
        .stream()
        .flatMap(each -> each.what().stream())
        .filter(each -> each.matches("[abc]: .*"))
        .distinct()
        .toList();
  }

  private static NavigableSet<String> cycle(String... words) {
    return new TreeSet<>(List.of(words));
  }

  @Test
  public void whatIsSoInAllCyclesOfOneAloneIsTold() {
    assertEquals(
        what(List.of(cycle("a", "b"), cycle("a", "b")), List.of(cycle("a"), cycle("a", "c"))),
        List.of("b: no more"));
    assertEquals(what(List.of(cycle("a")), List.of(cycle("a", "c"))), List.of("c: new"));
  }

  @Test
  public void whatSomeCyclesOfBothShowIsNoise() {
    assertEquals(what(List.of(cycle("a"), cycle("a", "b")), List.of(cycle("a"))), List.of());
    assertEquals(what(List.of(cycle("a"), cycle("a", "b")), List.of(cycle("a", "b"))), List.of());
  }

  @Test
  public void isKeptForJenkinsAndForAMail() throws Exception {
    Path kept = root.resolve("kept");
    Differences.of(ONE, OTHER, DifferencesTest::noCourses).keep(kept, OTHER);
    String xml = Files.readString(kept.resolve("junit/TEST-compare.xml"));
    assertTrue(xml.contains("tests=\"2\" failures=\"2\""), xml);
    assertTrue(Files.readString(kept.resolve("summary.txt")).startsWith("BREAKS  leds/"));
    assertTrue(Files.readString(kept.resolve("compare.json")).contains("\"compared\""));
  }

  @Test
  public void whatTheSecondBreaksIsTold() {
    Differences differences = Differences.of(ONE, OTHER, DifferencesTest::noCourses);
    assertTrue(differences.breaks());
    assertEquals(
        differences.cases().stream().map(Differences.Differing::id).toList(),
        List.of("leds/dedicated-wq/wait-removal/slow", "nested/dedicated-wq/wait-removal/slow"));
    assertEquals(
        differences.cases().get(0).what(),
        List.of(
            "verdict: clean, now differs: cycle 1 differs from the model: event 612, lr-gpio: seen:"
                + " no get by device_link_add; allowed: a reference for a device link"));
  }

  @Test
  public void whatIsInOneAloneIsCounted() {
    Differences differences = Differences.of(ONE, OTHER, DifferencesTest::noCourses);
    assertEquals(differences.compared().size(), 2);
    assertEquals(differences.alone(), 1);
    assertTrue(
        differences.text().contains("2 of 2 cases differ between 6.12.117, "), differences.text());
    assertTrue(differences.text().endsWith("; 1 are in one of both alone\n"), differences.text());
  }

  @Test
  public void aRunDoesNotDifferFromItself() {
    Differences differences = Differences.of(ONE, ONE, DifferencesTest::noCourses);
    assertFalse(differences.breaks());
    assertEquals(differences.cases(), List.of());
  }

  @Test
  public void whatTheFirstBreaksIsNoBreach() {
    assertFalse(
        Differences.of(/* one= */ OTHER, /* other= */ ONE, DifferencesTest::noCourses).breaks());
  }
}
