package org.lastref.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.lastref.report.CaseResult;
import org.lastref.report.CaseWord;
import org.lastref.report.Facts;
import org.lastref.verify.Holding;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Overlays of public bugs and their like, on a kernel that has their drivers: each head says what
 * is right. For the nights, as that kernel takes minutes: {@code mvn -Dit.test=FieldCases verify}.
 */
@SuppressWarnings("NullAway.Init")
public class FieldCases {

  private static final Path FOLDER = Path.of("src/test/resources");
  private static final List<String> OVERLAYS =
      List.of(
          "cases/clk-provider-stays",
          "cases/cycle-relax-leak",
          "cases/diamond-unbind",
          "cases/expander",
          "cases/graph-bridge",
          "cases/irq-keys-leak",
          "cases/mux-first",
          "cases/codec-supplies",
          "cases/rtc-clock",
          "cases/switched-on",
          "cases/syscon-leftovers",
          "application/amba",
          "application/i2c",
          "application/spi",
          "cases/pmic");

  private List<CaseResult> results;

  @BeforeClass
  void run() throws Exception {
    try (Watched runs = Watched.open()) {
      String overlays =
          OVERLAYS.stream()
              .map(name -> "" + FOLDER.resolve(name + ".dtso").toAbsolutePath())
              .collect(Collectors.joining(","));
      List<String> words =
          List.of(
              "run",
              "--kernel",
              "6.1/field",
              "--only",
              overlays,
              "--release",
              "dedicated-wq",
              "--fix",
              "wait-removal",
              "--grace",
              "any",
              "--results",
              "" + runs.results());
      Process harness = runs.start(words);
      assertTrue(harness.waitFor(40, TimeUnit.MINUTES), runs.said());
      results = runs.cases();
      assertEquals(harness.exitValue(), 1, runs.said());
    }
  }

  @AfterClass
  void forget() {
    results = List.of();
  }

  private Facts facts(String overlay) {
    return Objects.requireNonNull(result(overlay).facts());
  }

  private CaseResult result(String overlay) {
    return results.stream()
        .filter(each -> each.id().startsWith(overlay + "/"))
        .findFirst()
        .orElseThrow();
  }

  @DataProvider
  static Object[][] words() {
    return new Object[][] {
      {"clk-provider-stays", "leaks 1/1"},
      {"cycle-relax-leak", "not probed"},
      {"diamond-unbind", "clean"},
      {"expander", "clean"},
      {"graph-bridge", "clean"},
      {"irq-keys-leak", "clean"},
      {"mux-first", "hangs"},
      {"codec-supplies", "bug"},
      {"rtc-clock", "leaks 1/1"},
      {"switched-on", "clean"},
      {"syscon-leftovers", "leftover"},
      {"amba", "clean 1/4 bound"},
      {"i2c", "clean 4/5 bound"},
      {"spi", "clean 3/4 bound"},
      {"pmic", "leaks 1/1"},
    };
  }

  @Test(dataProvider = "words")
  public void haveTheirRightAnswer(String overlay, String word) {
    assertEquals(result(overlay).verdict(), word, result(overlay).headline());
  }

  /** drivers/clk/clk-cdce925.c of 6.1 has no remove, and its provider is not managed. */
  @Test
  public void theClockProviderThatStaysIsTheDriversDoing() {
    List<Holding> holdings = facts("clk-provider-stays").holdings();
    assertEquals(holdings.size(), 1, "" + holdings);
    Holding holding = holdings.get(0);
    assertEquals(holding.what(), "/lr-i2c/clock-generator@65");
    assertEquals(holding.function(), "of_clk_add_hw_provider");
    assertEquals(holding.driver(), "cdce925");
    assertEquals(holding.state(), Holding.State.NEVER);
  }

  /** drivers/mfd/mfd-core.c takes no reference for what platform_device_release() puts. */
  @Test
  public void aPartOfAChipPutsItsNodeOnceTooOften() {
    List<Holding> holdings = facts("pmic").holdings();
    assertEquals(
        holdings.stream().map(each -> each.what() + " " + each.state()).sorted().toList(),
        List.of("/lr-base-i2c/pmic@34/adc TOO_MANY", "/lr-base-i2c/pmic@34/gpio TOO_MANY"));
    assertEquals(holdings.get(0).function(), "platform_device_release");
  }

  @Test
  public void whoWaitsForWhomIsOneSentence() {
    String headline = result("cycle-relax-leak").headline();
    assertTrue(headline.startsWith("/lr-gpio did not probe: it waits for lr-reg"), headline);
    assertEquals(facts("cycle-relax-leak").word(), new CaseWord(CaseWord.Kind.UNPROBED));
  }
}
