package org.lastref.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.testng.annotations.Test;

/** Two runs on one kernel, by a model that knew it and by one that did not. */
public class DifferencesTest {

  private static final Path FOLDER = Path.of("src/test/resources/compare");
  private static final RunReport ONE = RunReport.read(FOLDER.resolve("one.json"));
  private static final RunReport OTHER = RunReport.read(FOLDER.resolve("other.json"));

  @Test
  public void whatTheSecondBreaksIsTold() {
    Differences differences = Differences.of(ONE, OTHER);
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
    Differences differences = Differences.of(ONE, OTHER);
    assertEquals(differences.compared(), 2);
    assertEquals(differences.alone(), 1);
    assertTrue(
        differences.text().contains("2 of 2 cases differ between 6.12.117, "), differences.text());
    assertTrue(differences.text().endsWith("; 1 are in one of both alone\n"), differences.text());
  }

  @Test
  public void aRunDoesNotDifferFromItself() {
    Differences differences = Differences.of(ONE, ONE);
    assertFalse(differences.breaks());
    assertEquals(differences.cases(), List.of());
  }

  @Test
  public void whatTheFirstBreaksIsNoBreach() {
    assertFalse(Differences.of(/* one= */ OTHER, /* other= */ ONE).breaks());
  }
}
