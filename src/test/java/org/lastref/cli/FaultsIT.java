package org.lastref.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.awaitility.Awaitility;
import org.lastref.report.CaseResult;
import org.lastref.report.RunReport;
import org.lastref.report.Status;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Boards that fail, and a harness that is killed: what is the lab's is never told of the kernel,
 * nor the other way round, and each case is in the results.
 */
public class FaultsIT {

  private static final String PAIR = "pair/dedicated-wq/wait-removal/slow";
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private Path folder = Path.of("");
  private Path results = Path.of("");

  @BeforeMethod
  void makeFolder() throws Exception {
    folder = Files.createTempDirectory("lastref-faults");
    results = folder.resolve("results");
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws Exception {
    Child.delete(folder);
  }

  /** The board with something else in its file. */
  private Path board(String... changes) throws Exception {
    String text = Files.readString(Child.PROJECT.resolve("boards/qemu-virt.yaml"));
    for (int i = 0; i < changes.length; i += 2) {
      assertTrue(text.contains(changes[i]), changes[i]);
      text = text.replace(changes[i], changes[i + 1]);
    }
    return Files.writeString(folder.resolve("board.yaml"), text);
  }

  private List<String> words(String only, Path board, int cycles) {
    List<String> words = new ArrayList<>(List.of("run", "--grace", "slow", "--only", only));
    words.addAll(List.of("--release", "dedicated-wq", "--fix", "wait-removal"));
    words.addAll(List.of("--board", "" + board, "--results", "" + results));
    words.addAll(List.of("--cycles", "" + cycles));
    return words;
  }

  private static String fault(String name) {
    return "" + Child.PROJECT.resolve("overlays/faults").resolve(name + ".dtso");
  }

  private List<CaseResult> cases() throws Exception {
    Path run = results.resolve("latest");
    List<CaseResult> cases = RunReport.read(run.resolve("run.json")).cases();
    DocumentBuilder xml = DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder();
    int named = 0;
    try (Stream<Path> files = Files.list(run.resolve("junit"))) {
      for (Path file : files.toList()) {
        named += xml.parse(file.toFile()).getElementsByTagName("testcase").getLength();
      }
    }
    assertEquals(named, cases.size());
    return cases;
  }

  private static List<Status> statuses(List<CaseResult> cases) {
    return cases.stream().map(CaseResult::status).toList();
  }

  private String life() throws Exception {
    Path log = results.resolve("latest/board.log");
    return Files.exists(log) ? Files.readString(log) : "";
  }

  /** A harness under way. */
  private Process start(List<String> words) throws Exception {
    return builder(words).start();
  }

  private ProcessBuilder builder(List<String> words) {
    ProcessBuilder builder =
        new ProcessBuilder(Child.command(words))
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().put("LASTREF_LEASES", folder.resolve("leases").toString());
    return builder;
  }

  private void awaitLife(String what) {
    Awaitility.await("board.log to have " + what)
        .pollInterval(Duration.ofMillis(5))
        .pollDelay(Duration.ZERO)
        .atMost(LIMIT)
        .until(() -> life().contains(what));
  }

  private static void killQemu(Process harness) {
    Awaitility.await("QEMU to run")
        .pollDelay(Duration.ZERO)
        .atMost(LIMIT)
        .until(() -> harness.descendants().anyMatch(FaultsIT::isQemu));
    harness.descendants().filter(FaultsIT::isQemu).forEach(ProcessHandle::destroyForcibly);
  }

  private static boolean isQemu(ProcessHandle process) {
    return process.info().command().orElse("").contains("qemu");
  }

  private int end(Process harness) throws Exception {
    try {
      assertTrue(harness.waitFor(2, TimeUnit.MINUTES), "not ended in 2 min: " + life());
      return harness.exitValue();
    } finally {
      harness.destroyForcibly();
    }
  }

  @DataProvider
  public Object[][] stages() {
    return new Object[][] {{"off -> booting"}, {"booting -> shell"}, {"testing: " + PAIR}};
  }

  @Test(dataProvider = "stages")
  public void aQemuThatIsKilledIsStartedAgainAndNoCaseIsLost(String stage) throws Exception {
    Process harness = start(words("pair,leds", board(), 3));
    awaitLife(stage);
    killQemu(harness);
    assertEquals(end(harness), 0, Files.readString(folder.resolve("err")));
    assertEquals(statuses(cases()), List.of(Status.PASSED, Status.PASSED));
    assertTrue(life().contains("killed by signal 9"), life());
    boolean inACase = stage.startsWith("testing");
    assertEquals(cases().get(0).passedAfterRetry(), inACase, "only what was tried twice is flaky");
  }

  @Test
  public void aPanicInARemovalIsTheKernelsAndTheOthersGoOn() throws Exception {
    Child child = run(words(fault("panic-in-remove") + ",pair", board(), 1));
    assertEquals(child.exit(), 1, child.err());
    List<CaseResult> cases = cases();
    assertEquals(statuses(cases), List.of(Status.FAILED, Status.PASSED));
    assertEquals(
        cases.get(0).headline(), "the kernel dies: panic: lastref-stuck: asked to in remove");
    assertEquals(cases.get(0).tries(), List.of());
  }

  @Test
  public void aRemovalThatHangsWithTheMutexHeldIsTheKernels() throws Exception {
    Child child = run(words(fault("sleep-in-remove") + ",pair", board(), 1));
    assertEquals(child.exit(), 1, child.err());
    List<CaseResult> cases = cases();
    assertEquals(statuses(cases), List.of(Status.FAILED, Status.PASSED));
    assertTrue(
        cases.get(0).headline().startsWith("the kernel hangs: task rmdir hung"),
        cases.get(0).headline());
    assertTrue(cases.get(0).detail().contains("stuck_remove"), cases.get(0).detail());
  }

  @Test
  public void aBoardThatResetsWithoutAWordIsTheLabs() throws Exception {
    Child child = run(words(fault("reset-in-probe") + ",pair", board(), 1));
    assertEquals(child.exit(), 3, child.err());
    List<CaseResult> cases = cases();
    assertEquals(statuses(cases), List.of(Status.ERROR, Status.PASSED));
    assertEquals(cases.get(0).tries().size(), 1);
  }

  @Test
  public void aBoardOnWhichNothingRunsAnyMoreIsTheLabs() throws Exception {
    Child child =
        run(
            words(
                fault("spin-in-probe") + ",pair",
                board("retries: 1", "retries: 0", "shell: 20s", "shell: 5s"),
                1));
    assertEquals(child.exit(), 3, child.err());
    assertEquals(statuses(cases()), List.of(Status.ERROR, Status.PASSED));
    assertTrue(life().contains("hung -> recovering: power cycle"), life());
  }

  @Test
  public void aBoardThatHangsWhileItBootsIsGivenUp() throws Exception {
    Path hangs =
        board(
            "kernel-arguments: []",
            "kernel-arguments: [rdinit=/bin/busybox, --, sleep, '600']",
            "boot: 60s",
            "boot: 4s");
    Child child = run(words("pair,leds", hangs, 1));
    assertEquals(child.exit(), 3, child.err());
    assertEquals(statuses(cases()), List.of(Status.SKIPPED, Status.SKIPPED));
    assertTrue(child.err().contains("4.0 s for 'lastref: ready' of its init"), child.err());
  }

  @Test
  public void aBoardWithoutEnoughMemoryIsTheLabs() throws Exception {
    Path small =
        board("kernel-arguments: []", "kernel-arguments: [mem=24M]", "boot: 60s", "boot: 15s");
    Child child = run(words("pair,leds", small, 1));
    assertEquals(child.exit(), 3, child.err());
    assertFalse(statuses(cases()).contains(Status.FAILED), child.err());
  }

  @Test
  public void anotherHostKeyIsRefusedWithWhatToDo() throws Exception {
    Path key = folder.resolve("other");
    new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "" + key)
        .start()
        .waitFor();
    Path board = board("  user: root", "  user: root\n  host-key: " + key + ".pub");
    Child child = run(words("pair,leds", board, 1));
    assertEquals(child.exit(), 3, child.err());
    assertEquals(statuses(cases()), List.of(Status.SKIPPED, Status.SKIPPED));
    assertTrue(child.err().contains("Someone else answers on this address"), child.err());
  }

  @Test
  public void aHarnessThatIsKilledLeavesEachCaseAndNoBoardBehind() throws Exception {
    Process harness = start(words("pair,leds,chain", board(), 5));
    awaitLife("testing: leds");
    List<ProcessHandle> board = harness.descendants().filter(FaultsIT::isQemu).toList();
    harness.destroyForcibly().waitFor();
    List<CaseResult> left = cases();
    assertEquals(left.size(), 3);
    assertEquals(left.get(0).status(), Status.PASSED);
    assertEquals(left.get(2).headline(), "not run yet");
    Awaitility.await("QEMU to end with the harness")
        .atMost(LIMIT)
        .until(() -> !board.isEmpty() && board.stream().noneMatch(ProcessHandle::isAlive));
    assertEquals(run(words("pair,leds,chain", board(), 1)).exit(), 0);
    assertEquals(cases().size(), 3);
  }

  @Test
  public void aClockThatIsSetWhileACaseRunsChangesNothing() throws Exception {
    Path clock = Files.writeString(folder.resolve("clock"), "+0\n");
    Path bin = Files.createDirectory(folder.resolve("bin"));
    Path qemu = bin.resolve("qemu-system-aarch64");
    Files.writeString(
        qemu, "#!/bin/sh\nPATH=${PATH#*:}\nexec env -u LD_PRELOAD qemu-system-aarch64 \"$@\"\n");
    assertTrue(qemu.toFile().setExecutable(true));
    ProcessBuilder builder = builder(words("pair,leds", board(), 10));
    builder
        .environment()
        .putAll(
            Map.of(
                "PATH",
                bin + ":" + System.getenv("PATH"),
                "LD_PRELOAD",
                "libfaketime.so.1",
                "LD_LIBRARY_PATH",
                "/usr/lib/" + multiarch() + "/faketime",
                "FAKETIME_TIMESTAMP_FILE",
                "" + clock,
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1",
                "FAKETIME_FORCE_MONOTONIC_FIX",
                "0",
                "FAKETIME_CACHE_DURATION",
                "1"));
    Process harness = builder.start();
    awaitLife("testing: " + PAIR);
    Files.writeString(clock, "-3d\n");
    assertEquals(end(harness), 0, Files.readString(folder.resolve("err")));
    List<CaseResult> cases = cases();
    assertEquals(statuses(cases), List.of(Status.PASSED, Status.PASSED));
    assertTrue(started(cases.get(0)).isAfter(started(cases.get(1))), "" + cases);
    assertTrue(cases.stream().allMatch(each -> each.took().compareTo(LIMIT) < 0), "" + cases);
  }

  private static Instant started(CaseResult result) {
    return Objects.requireNonNull(result.started());
  }

  private static String multiarch() {
    return System.getProperty("os.arch").equals("aarch64")
        ? "aarch64-linux-gnu"
        : "x86_64-linux-gnu";
  }

  private Child run(List<String> words) throws Exception {
    return Child.run(folder, List.of(), Map.of(), words);
  }
}
