package org.lastref.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.lastref.report.CaseResult;
import org.lastref.report.Status;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * A driver of the user's own that takes its kernel down when it probes: each time the kernel says
 * so, and the next case has a board again. For the nights, as a kernel that hangs is given a minute
 * each: {@code mvn -Dit.test=DriverFaults verify}.
 */
@SuppressWarnings("NullAway.Init")
public class DriverFaults {

  private List<CaseResult> results;
  private int exit;

  @BeforeClass
  void run() throws Exception {
    try (Watched runs = Watched.open()) {
      List<String> overlays = new ArrayList<>();
      for (String name : List.of("oopses", "sleeps", "spins", "locks", "fine")) {
        String how = name.equals("fine") ? "" : "test," + name + ";";
        Path overlay = runs.folder().resolve(name + ".dtso");
        Files.writeString(
            overlay,
            "/dts-v1/;\n/plugin/;\n&{/} { lr-faulty { compatible = \"test,faulty\"; %s }; };\n"
                .formatted(how));
        overlays.add("" + overlay);
      }
      Path board = Child.PROJECT.resolve("boards/qemu-virt.yaml");
      Process harness =
          runs.start(
              runs.words(
                  String.join(",", overlays),
                  board,
                  1,
                  "--module",
                  "src/test/resources/modules/faulty"));
      assertTrue(harness.waitFor(10, TimeUnit.MINUTES), runs.said());
      exit = harness.exitValue();
      results = runs.cases();
    }
  }

  @AfterClass
  void forget() {
    results = List.of();
  }

  @DataProvider
  static Object[][] headlines() {
    return new Object[][] {
      {
        0, "the kernel dies: unable to handle kernel NULL pointer dereference in faulty_probe",
      },
      {1, "the kernel hangs: task lastref-agent hung in faulty_probe"},
      {2, "the kernel hangs: RCU stall in faulty_probe"},
    };
  }

  @Test(dataProvider = "headlines")
  public void areTheKernelsAndNamed(int number, String headline) {
    assertEquals(results.get(number).status(), Status.FAILED, results.get(number).headline());
    assertEquals(results.get(number).headline(), headline);
    assertEquals(results.get(number).tries(), List.of());
  }

  @Test
  public void areToldWithWhoWaitsForWhatTheyHold() {
    String headline = results.get(3).headline();
    assertTrue(
        headline.contains("it waits without end in faulty_remove")
            && headline.contains("(process ")
            && headline.endsWith(" waits in faulty_work"),
        headline);
  }

  @Test
  public void leaveTheNextCaseABoard() {
    assertEquals(results.get(4).status(), Status.PASSED, results.get(4).headline());
    assertEquals(exit, 1);
  }
}
