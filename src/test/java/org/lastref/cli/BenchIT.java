package org.lastref.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.awaitility.Awaitility;
import org.lastref.link.LineProxy.Faults;
import org.lastref.report.CaseResult;
import org.lastref.report.Status;
import org.lastref.rig.PhysicalRig;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Runs on a board as a lab has it: a slow line that fails, power by commands, a login. */
@SuppressWarnings("NullAway.Init")
public class BenchIT {

  private static final String PASSWORD = "oak-and-ash";

  // Of openssl passwd -6 -salt lastref.
  private static final String HASH =
      "$6$lastref$xQti3D4bq3Os88FN9Sh/3HAO2fmd0Y0eBUEOFXyeussSkgKH8YCy7DnZH4VQtZ8H2AiygFeXEb9o0vjOaGTxJ.";

  private PhysicalRig rig;
  private Watched runs;

  @BeforeMethod
  void build() throws Exception {
    runs = Watched.open();
    rig = PhysicalRig.start();
  }

  @AfterMethod(alwaysRun = true)
  void takeAway() throws Exception {
    if (rig != null) {
      rig.close();
    }
    runs.close();
  }

  private List<String> serial(String only, int cycles) {
    return runs.words(only, rig.yaml(), cycles, "--via", "serial");
  }

  private void change(String from, String to) throws IOException {
    String text = Files.readString(rig.yaml());
    assertTrue(text.contains(from), from);
    Files.writeString(rig.yaml(), text.replace(from, to));
  }

  @Test
  public void aLineThatLosesAndChangesBytesChangesNoVerdict() throws Exception {
    Process harness = runs.start(serial("pair,leds", 2));
    runs.awaitLife("booting -> shell");
    rig.line().toHarness().faults(new Faults(1e-4, 1e-4, 1e-4), 1);
    rig.line().toBoard().faults(new Faults(1e-4, 1e-4, 1e-4), 2);
    assertEquals(runs.end(harness), 0, runs.said());
    assertEquals(runs.statuses(), List.of(Status.PASSED, Status.PASSED));
    assertTrue(rig.line().toHarness().harmed() > 0);
  }

  @Test
  public void aPortThatGoesAndComesBackInACaseLosesNothing() throws Exception {
    Process harness = runs.start(serial("pair,leds", 3));
    runs.awaitLife("testing: pair");
    String port = "" + rig.line().link().toRealPath();
    rig.line().vanish();
    Awaitility.await("the harness to let go of the port")
        .atMost(Watched.LIMIT)
        .until(() -> !open(harness.pid()).contains(port));
    rig.line().comeBack();
    assertEquals(runs.end(harness), 0, runs.said());
    assertEquals(runs.statuses(), List.of(Status.PASSED, Status.PASSED));
  }

  @Test
  public void aBoardWhosePortStaysAwayIsGivenUpAndTheRestSkipped() throws Exception {
    Process harness = runs.start(serial("pair,leds,chain", 3));
    runs.awaitLife("testing: pair");
    rig.line().vanish();
    assertEquals(runs.end(harness), 3, runs.said());
    List<CaseResult> cases = runs.cases();
    assertEquals(runs.statuses(), List.of(Status.ERROR, Status.SKIPPED, Status.SKIPPED));
    assertTrue(cases.get(2).headline().contains("it did not come back"), cases.get(2).headline());
    assertTrue(runs.life().contains("-> quarantined: it did not come back"), runs.life());
  }

  @Test
  public void aBoardThatLosesItsPowerInACaseComesBackAndTheCaseIsTriedAgain() throws Exception {
    change("shell: 30s", "shell: 8s");
    Process harness = runs.start(runs.words("pair,leds", rig.yaml(), 3));
    runs.awaitLife("testing: pair");
    rig.cutPower();
    assertEquals(runs.end(harness), 0, runs.said());
    List<CaseResult> cases = runs.cases();
    assertEquals(runs.statuses(), List.of(Status.PASSED, Status.PASSED));
    assertTrue(cases.get(0).passedAfterRetry(), "" + cases.get(0));
    assertTrue(runs.life().contains("hung -> recovering: power cycle"), runs.life());
  }

  @Test
  public void aPanicIsSeenOnTheConsoleAlone() throws Exception {
    List<String> words = serial(Watched.fault("panic-in-remove") + ",pair", 1);
    Child child = runs.run(words);
    assertEquals(child.exit(), 1, child.err());
    assertEquals(runs.statuses(), List.of(Status.FAILED, Status.PASSED));
    assertEquals(
        runs.cases().get(0).headline(),
        "the kernel dies: panic: lastref-stuck: asked to in remove");
    assertTrue(runs.life().contains("dead -> recovering: power cycle"), runs.life());
  }

  @Test
  public void aPasswordOpensTheConsoleAndIsNowhereElse() throws Exception {
    change("115200'", "115200', 'lastref.login=" + HASH + "'");
    change("ssh:\n  user", "login:\n  user: root\n  password: env:BENCH_PASSWORD\nssh:\n  user");
    Child child =
        Child.run(runs.folder(), List.of(), Map.of("BENCH_PASSWORD", PASSWORD), serial("pair", 1));
    assertEquals(child.exit(), 0, child.err());
    assertTrue(runs.life().contains("booting -> login"), runs.life());
    for (Path file : files(runs.results())) {
      assertFalse(content(file).contains(PASSWORD), "" + file);
    }
    assertFalse(child.out().contains(PASSWORD) || child.err().contains(PASSWORD));
  }

  @Test
  public void aPortThatIsNotThereIsNamed() throws Exception {
    change(rig.line().link().toString(), "/dev/serial/by-id/usb-none");
    Child child = runs.run(serial("pair,leds", 1));
    assertEquals(child.exit(), 3, child.err());
    assertEquals(runs.statuses(), List.of(Status.SKIPPED, Status.SKIPPED));
    assertTrue(child.err().contains("/dev/serial/by-id/usb-none"), child.err());
  }

  /** What a process has open. */
  private static String open(long pid) throws IOException {
    StringBuilder open = new StringBuilder();
    try (Stream<Path> all = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      for (Path each : all.toList()) {
        try {
          open.append(Files.readSymbolicLink(each)).append('\n');
        } catch (NoSuchFileException e) {
          open.append("(closed by now)\n");
        }
      }
    }
    return open.toString();
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      List<Path> files = new ArrayList<>(all.filter(Files::isRegularFile).toList());
      assertTrue(files.stream().anyMatch(file -> file.endsWith("console.log")), "" + files);
      return files;
    }
  }

  private static String content(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file);
        InputStream plain = file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in) {
      return new String(plain.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }
}
