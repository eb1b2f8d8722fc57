package org.lastref.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.lastref.report.CaseResult;
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

  private Watched runs = new Watched(Path.of(""));

  @BeforeMethod
  void makeFolder() throws Exception {
    runs = Watched.open();
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws Exception {
    runs.close();
  }

  /** The board with something else in its file. */
  private Path board(String... changes) throws Exception {
    String text = Files.readString(Child.PROJECT.resolve("boards/qemu-virt.yaml"));
    for (int i = 0; i < changes.length; i += 2) {
      assertTrue(text.contains(changes[i]), changes[i]);
      text = text.replace(changes[i], changes[i + 1]);
    }
    return Files.writeString(runs.folder().resolve("board.yaml"), text);
  }

  private static void killQemu(Process harness) {
    Awaitility.await("QEMU to run")
        .pollDelay(Duration.ZERO)
        .atMost(Watched.LIMIT)
        .until(() -> harness.descendants().anyMatch(FaultsIT::isQemu));
    harness.descendants().filter(FaultsIT::isQemu).forEach(ProcessHandle::destroyForcibly);
  }

  private static boolean isQemu(ProcessHandle process) {
    return process.info().command().orElse("").contains("qemu");
  }

  @DataProvider
  public Object[][] stages() {
    return new Object[][] {{"off -> booting"}, {"booting -> shell"}, {"testing: " + PAIR}};
  }

  @Test(dataProvider = "stages")
  public void aQemuThatIsKilledIsStartedAgainAndNoCaseIsLost(String stage) throws Exception {
    Process harness = runs.start(runs.words("pair,leds", board(), 3));
    runs.awaitLife(stage);
    killQemu(harness);
    assertEquals(runs.end(harness), 0, runs.said());
    assertEquals(runs.statuses(), List.of(Status.PASSED, Status.PASSED));
    assertTrue(runs.life().contains("killed by signal 9"), runs.life());
    boolean inACase = stage.startsWith("testing");
    assertEquals(
        runs.cases().get(0).passedAfterRetry(), inACase, "only what was tried twice is flaky");
  }

  @Test
  public void aPanicInARemovalIsTheKernelsAndTheOthersGoOn() throws Exception {
    Child child = runs.run(runs.words(Watched.fault("panic-in-remove") + ",pair", board(), 1));
    assertEquals(child.exit(), 1, child.err());
    List<CaseResult> cases = runs.cases();
    assertEquals(runs.statuses(), List.of(Status.FAILED, Status.PASSED));
    assertEquals(
        cases.get(0).headline(), "the kernel dies: panic: lastref-stuck: asked to in remove");
    assertEquals(cases.get(0).tries(), List.of());
  }

  @DataProvider
  static Object[][] channels() {
    return new Object[][] {{"ssh"}, {"serial"}};
  }

  @Test(dataProvider = "channels")
  public void aRemovalThatHangsWithTheMutexHeldIsTheKernels(String channel) throws Exception {
    Child child =
        runs.run(
            runs.words(Watched.fault("sleep-in-remove") + ",pair", board(), 1, "--via", channel));
    assertEquals(child.exit(), 1, child.err());
    List<CaseResult> cases = runs.cases();
    assertEquals(runs.statuses(), List.of(Status.FAILED, Status.PASSED));
    String headline = cases.get(0).headline();
    assertTrue(
        headline.contains(
            "remove=sleep-in-remove does not end: it waits without end in stuck_do \u2190 stuck_remove"),
        headline);
    assertEquals(cases.get(0).verdict(), "hangs");
    // Its device is deleted, and that is not over: it waits for no release.
    assertFalse(headline.contains("released"), headline);
  }

  @Test
  public void aBoardThatResetsWithoutAWordIsTheLabs() throws Exception {
    Child child = runs.run(runs.words(Watched.fault("reset-in-probe") + ",pair", board(), 1));
    assertEquals(child.exit(), 3, child.err());
    List<CaseResult> cases = runs.cases();
    assertEquals(runs.statuses(), List.of(Status.ERROR, Status.PASSED));
    assertEquals(cases.get(0).tries().size(), 1);
  }

  @Test
  public void aBoardOnWhichNothingRunsAnyMoreIsTheLabs() throws Exception {
    Child child =
        runs.run(
            runs.words(
                Watched.fault("spin-in-probe") + ",pair",
                board("retries: 1", "retries: 0", "shell: 20s", "shell: 5s"),
                1));
    assertEquals(child.exit(), 3, child.err());
    assertEquals(runs.statuses(), List.of(Status.ERROR, Status.PASSED));
    assertTrue(runs.life().contains("hung -> recovering: power cycle"), runs.life());
  }

  @Test
  public void aBoardThatHangsWhileItBootsIsGivenUp() throws Exception {
    Path hangs =
        board(
            "kernel-arguments: []",
            "kernel-arguments: [rdinit=/bin/busybox, --, sleep, '600']",
            "boot: 60s",
            "boot: 4s");
    Child child = runs.run(runs.words("pair,leds", hangs, 1));
    assertEquals(child.exit(), 3, child.err());
    assertEquals(runs.statuses(), List.of(Status.SKIPPED, Status.SKIPPED));
    assertTrue(child.err().contains("4.0 s for 'lastref: ready' of its init"), child.err());
  }

  @Test
  public void aBoardWithoutEnoughMemoryIsTheLabs() throws Exception {
    Path small =
        board("kernel-arguments: []", "kernel-arguments: [mem=24M]", "boot: 60s", "boot: 15s");
    Child child = runs.run(runs.words("pair,leds", small, 1));
    assertEquals(child.exit(), 3, child.err());
    assertFalse(runs.statuses().contains(Status.FAILED), child.err());
  }

  @Test
  public void anotherHostKeyIsRefusedWithWhatToDo() throws Exception {
    Path key = runs.folder().resolve("other");
    new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "" + key)
        .start()
        .waitFor();
    Path board = board("  user: root", "  user: root\n  host-key: " + key + ".pub");
    Child child = runs.run(runs.words("pair,leds", board, 1));
    assertEquals(child.exit(), 3, child.err());
    assertEquals(runs.statuses(), List.of(Status.SKIPPED, Status.SKIPPED));
    assertTrue(child.err().contains("Someone else answers on this address"), child.err());
  }

  @Test
  public void aHarnessThatIsKilledLeavesEachCaseAndNoBoardBehind() throws Exception {
    Process harness = runs.start(runs.words("pair,leds,chain", board(), 5));
    // The first is judged while the second runs, and told before the third does.
    runs.awaitLife("testing: chain");
    List<ProcessHandle> board = harness.descendants().filter(FaultsIT::isQemu).toList();
    harness.destroyForcibly().waitFor();
    List<CaseResult> left = runs.cases();
    assertEquals(left.size(), 3);
    assertEquals(left.get(0).status(), Status.PASSED);
    assertEquals(left.get(2).headline(), "not run yet");
    Awaitility.await("QEMU to end with the harness")
        .atMost(Watched.LIMIT)
        .until(() -> !board.isEmpty() && board.stream().noneMatch(ProcessHandle::isAlive));
    assertEquals(runs.run(runs.words("pair,leds,chain", board(), 1)).exit(), 0);
    assertEquals(runs.cases().size(), 3);
  }

  @Test
  public void whatAKilledHarnessCameToIsNotRunAgain() throws Exception {
    Process harness = runs.start(runs.words("pair,leds,chain", board(), 5));
    runs.awaitLife("testing: chain");
    harness.destroyForcibly().waitFor();
    CaseResult first = runs.cases().get(0);
    List<String> resume = List.of("run", "--resume", "" + runs.results().resolve("latest"));
    Child child = runs.run(resume);
    assertEquals(child.exit(), 0, child.err());
    assertEquals(
        runs.statuses(), List.of(Status.PASSED, Status.PASSED, Status.PASSED), child.err());
    assertEquals(runs.cases().get(0), first);
    // Nothing is left to do.
    assertEquals(runs.run(resume).exit(), 0);
    assertEquals(runs.cases().get(0), first);
  }

  @Test
  public void aRunThatGoesOnIsNotResumed() throws Exception {
    Process harness = runs.start(runs.words("pair,leds,chain", board(), 20));
    runs.awaitLife("testing: leds");
    Child child = runs.run(List.of("run", "--resume", "" + runs.results().resolve("latest")));
    assertEquals(child.exit(), 2);
    assertTrue(child.err().contains("still goes on"), child.err());
    assertEquals(runs.end(harness), 0, runs.said());
  }

  @Test
  public void aClockThatIsSetWhileACaseRunsChangesNothing() throws Exception {
    Path clock = Files.writeString(runs.folder().resolve("clock"), "+0\n");
    Path bin = Files.createDirectory(runs.folder().resolve("bin"));
    Path qemu = bin.resolve("qemu-system-aarch64");
    Files.writeString(
        qemu, "#!/bin/sh\nPATH=${PATH#*:}\nexec env -u LD_PRELOAD qemu-system-aarch64 \"$@\"\n");
    assertTrue(qemu.toFile().setExecutable(true));
    ProcessBuilder builder = runs.builder(runs.words("pair,leds", board(), 150));
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
    runs.awaitLife("testing: " + PAIR);
    Files.writeString(clock, "-3d\n");
    assertEquals(runs.end(harness), 0, runs.said());
    List<CaseResult> cases = runs.cases();
    assertEquals(runs.statuses(), List.of(Status.PASSED, Status.PASSED));
    assertTrue(started(cases.get(0)).isAfter(started(cases.get(1))), "" + cases);
    assertTrue(
        cases.stream().allMatch(each -> each.took().compareTo(Watched.LIMIT) < 0), "" + cases);
  }

  private static Instant started(CaseResult result) {
    return Objects.requireNonNull(result.started());
  }

  private static String multiarch() {
    return System.getProperty("os.arch").equals("aarch64")
        ? "aarch64-linux-gnu"
        : "x86_64-linux-gnu";
  }
}
