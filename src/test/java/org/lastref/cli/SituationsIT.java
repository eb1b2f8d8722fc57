package org.lastref.cli;

import static java.util.Objects.requireNonNull;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.lastref.report.CaseResult;
import org.lastref.report.RunReport;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Overlays in every situation that they can be in, on a kernel that waits. */
@SuppressWarnings("NullAway.Init")
public class SituationsIT {

  private Path folder;
  private Child child;
  private Map<String, CaseResult> results;

  @BeforeClass
  void run() throws Exception {
    folder = Files.createTempDirectory("lastref-situations");
    child =
        Child.run(
            folder,
            "run",
            "--only",
            "pair,devlink/autoremove-pair,leds",
            "--situation",
            "all",
            "--release",
            "dedicated-wq",
            "--fix",
            "wait-removal",
            "--grace",
            "any",
            "--cycles",
            "2",
            "--results",
            "" + folder.resolve("results"));
    RunReport report = RunReport.read(folder.resolve("results/latest/run.json"));
    results =
        report.cases().stream()
            .collect(
                Collectors.toMap(
                    each -> each.id().replace("/dedicated-wq/wait-removal/any", ""),
                    each -> each,
                    (one, other) -> one,
                    TreeMap::new));
  }

  @AfterClass(alwaysRun = true)
  void removeFolder() throws Exception {
    Child.delete(folder);
  }

  @DataProvider
  static Object[][] words() {
    return new Object[][] {
      {"pair", "clean"},
      {"pair/unbind", "clean"},
      {"pair/unbind-first", "clean"},
      {"pair/unbind-supplier", "clean"},
      {"pair/rebind", "clean"},
      {"pair/again", "clean"},
      {"pair/held", "untested"},
      {"pair+autoremove-pair/beside", "clean"},
      {"autoremove-pair/rebind", "clean"},
      {"autoremove-pair/unload", "clean"},
      {"autoremove-pair+leds/beside", "clean"},
      {"leds/rebind", "clean"},
      // On 6.1 both lose a reference: its gpiod_free() drops none to a controller that is gone.
      {"leds/unbind-first", "clean"},
      {"leds/held", "clean"},
    };
  }

  @Test(dataProvider = "words")
  public void areTried(String id, String word) {
    assertTrue(results.containsKey(id), "%s is none of %s".formatted(id, results.keySet()));
    CaseResult result = requireNonNull(results.get(id));
    assertEquals(result.verdict(), word, result.headline());
  }

  @Test
  public void whatAnOverlayCannotDoIsToldAndLeftOut() {
    List<String> told =
        child.err().lines().filter(line -> line.matches(".*: not .*, for .*")).sorted().toList();
    assertEquals(
        told,
        List.of(
            "lastref: leds: not unload, for its drivers are built into the kernel",
            "lastref: pair: not unload, for its drivers are built into the kernel"));
  }

  @Test
  public void whatWasHeldOpenIsTold() {
    String headline = requireNonNull(results.get("leds/held")).headline();
    assertTrue(headline.contains("it did not wait for what was open: /dev/gpiochip"), headline);
  }
}
