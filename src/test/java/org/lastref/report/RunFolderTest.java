package org.lastref.report;

import static org.awaitility.Awaitility.await;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;
import org.testng.annotations.Test;

public class RunFolderTest extends TemporaryFolder {

  private RunFolder create() {
    return RunFolder.create(root, "qemu-virt", Cases.NOW);
  }

  private static RunReport read(RunFolder folder) {
    return RunReport.read(folder.path().resolve("run.json"));
  }

  @Test
  public void makesTheFolderAndPointsLatestAtIt() throws IOException {
    var folder = create();
    assertEquals(folder.path(), root.resolve("20260131-120000-qemu-virt"));
    assertTrue(Files.isDirectory(folder.path().resolve("junit")));
    assertTrue(Files.isDirectory(folder.traces()));
    assertEquals(read(folder), folder.report());
    assertEquals(Files.readSymbolicLink(root.resolve("latest")), Path.of(folder.id()));
    assertEquals(folder.consoleLog(), folder.path().resolve("console.log"));
  }

  @Test
  public void runsOfTheSameSecondGetFoldersOfTheirOwn() throws IOException {
    create();
    var second = create();
    assertEquals(second.id(), "20260131-120000-qemu-virt-2");
    assertEquals(second.info().id(), second.id());
    assertEquals(Files.readSymbolicLink(root.resolve("latest")), Path.of(second.id()));
  }

  @Test
  public void leavesAlatestAloneThatIsNoLink() throws IOException {
    Files.writeString(root.resolve("latest"), "mine");
    create();
    assertEquals(Files.readString(root.resolve("latest")), "mine");
  }

  @Test
  public void aLinkToAFolderServesAsRoot() throws IOException {
    var real = Files.createDirectory(root.resolve("real"));
    var link = Files.createSymbolicLink(root.resolve("link"), real);
    var folder = RunFolder.create(link, "qemu-virt", Cases.NOW);
    assertTrue(Files.exists(real.resolve(folder.id()).resolve("run.json")));
  }

  @Test
  public void refusesABoardNameThatLeavesTheRoot() {
    for (var name : List.of("../x", "", ".", "a/b", "a\nb", "x".repeat(101))) {
      assertThrows(InputFault.class, () -> RunFolder.create(root, name, Cases.NOW));
    }
  }

  @Test
  public void aRootThatIsAFileIsALabFault() throws IOException {
    var file = Files.writeString(root.resolve("file"), "");
    for (var bad : List.of(file, file.resolve("below"))) {
      var fault = expectThrows(LabFault.class, () -> RunFolder.create(bad, "qemu-virt", Cases.NOW));
      var message = String.valueOf(fault.getMessage());
      assertTrue(message.contains(bad.toString()), message);
      assertTrue(message.contains("qemu-virt"), message);
    }
  }

  @Test
  public void everyPlannedCaseIsThereFromTheStartToTheEnd() {
    var folder = create();
    folder.plan(List.of(Cases.planned("1"), Cases.planned("2"), Cases.planned("3")));
    assertEquals(skippedMessages(folder), List.of("not run yet", "not run yet", "not run yet"));
    folder.addCase(Cases.result("2", Status.PASSED));
    assertEquals(skippedMessages(folder), List.of("not run yet", "not run yet"));
    assertEquals(Xml.caseNames(folder.path()), List.of("case 1", "case 2", "case 3"));
    assertEquals(read(folder).totals().notRun(), 2);
    folder.close("interrupted");
    assertEquals(skippedMessages(folder), List.of("not run: interrupted", "not run: interrupted"));
    assertEquals(read(folder), folder.report());
    assertEquals(read(folder).endReason(), "interrupted");
    folder.close("again");
    assertEquals(read(folder).endReason(), "interrupted");
    assertThrows(
        IllegalStateException.class, () -> folder.addCase(Cases.result("1", Status.PASSED)));
  }

  private static List<String> skippedMessages(RunFolder folder) {
    return Xml.suites(folder.path()).stream()
        .flatMap(s -> Xml.children(s, "testcase").stream())
        .flatMap(c -> Xml.children(c, "skipped").stream())
        .map(s -> s.getAttribute("message"))
        .toList();
  }

  @Test
  public void eachClassHasAFileOfItsOwn() throws IOException {
    var folder = create();
    folder.plan(
        List.of(
            Cases.planned("1"),
            new PlannedCase("2", "../../qemu virt/b", "case 2", new TreeMap<>(), "")));
    assertEquals(Xml.caseNames(folder.path()), List.of("case 2", "case 1"));
    try (var files = Files.list(folder.path().resolve("junit"))) {
      assertEquals(
          files.map(f -> f.getFileName().toString()).sorted().toList(),
          List.of("TEST-..%2F..%2Fqemu+virt%2Fb.xml", "TEST-qemu-virt.overlay-removal.xml"));
    }
  }

  @Test
  public void whatTheRunIsMadeWithReplacesWhatWasSaidBefore() {
    var folder = create();
    folder.plan(List.of(Cases.planned("1")));
    var info = folder.info();
    folder.describe(
        new RunInfo(
            info.id(),
            info.board(),
            info.started(),
            "abc",
            null,
            "serial",
            List.of("lastref"),
            info.hostname(),
            info.provenance()));
    assertEquals(read(folder).run().revision(), "abc");
    assertThrows(
        IllegalArgumentException.class,
        () -> folder.describe(RunInfo.begun("other", "qemu-virt", Cases.NOW)));
  }

  @Test
  public void refusesACaseTwiceAndANameTwice() {
    var folder = create();
    folder.plan(List.of(Cases.planned("1")));
    folder.addCase(Cases.result("1", Status.PASSED));
    assertThrows(
        IllegalStateException.class, () -> folder.addCase(Cases.result("1", Status.FAILED)));
    assertThrows(IllegalStateException.class, () -> folder.plan(List.of(Cases.planned("1"))));
    assertThrows(IllegalStateException.class, () -> folder.plan(List.of(named("2", "case 1"))));
    // Distinct in Java, the same in XML.
    folder.plan(List.of(named("3", "a\tb")));
    assertThrows(IllegalStateException.class, () -> folder.plan(List.of(named("4", "a b"))));
    folder.plan(List.of(named("5", "x")));
    assertThrows(
        IllegalStateException.class, () -> folder.addCase(Cases.result("5", Status.PASSED)));
    assertEquals(read(folder).cases().size(), 3);
  }

  private static PlannedCase named(String id, String name) {
    return new PlannedCase(id, Cases.CLASS, name, new TreeMap<>(), "");
  }

  @Test
  public void anInterruptedThreadStillLeavesItsResult() {
    var folder = create();
    Thread.currentThread().interrupt();
    try {
      folder.addCase(Cases.result("1", Status.ERROR));
      folder.close("interrupted");
    } finally {
      assertTrue(Thread.interrupted());
    }
    assertEquals(read(folder).totals().errors(), 1);
    assertEquals(Xml.caseNames(folder.path()), List.of("case 1"));
  }

  @Test
  public void whoeverReadsWhileItIsRewrittenFindsItWhole() {
    var folder = create();
    var planned = IntStream.range(0, 21).mapToObj(i -> Cases.planned("" + i)).toList();
    folder.plan(planned);
    int reads = 0;
    var writers =
        IntStream.range(0, 3)
            .mapToObj(
                w ->
                    CompletableFuture.runAsync(
                        () -> {
                          for (int i = w; i < planned.size(); i += 3) {
                            folder.addCase(
                                Cases.result(
                                    "" + i,
                                    Status.FAILED,
                                    "h",
                                    "d".repeat(3000),
                                    List.of(Cases.HOSTILE),
                                    new TreeMap<>()));
                          }
                        }))
            .toArray(CompletableFuture<?>[]::new);
    var all = CompletableFuture.allOf(writers);
    int seen = 0;
    while (!all.isDone()) {
      int now = read(folder).totals().failed();
      assertTrue(now >= seen, "results went from " + seen + " to " + now);
      seen = now;
      var names = Xml.caseNames(folder.path());
      assertEquals(names.size(), planned.size());
      assertEquals(new HashSet<>(names).size(), planned.size());
      reads++;
    }
    all.join();
    assertTrue(reads > 0);
    assertEquals(read(folder).totals().failed(), planned.size());
  }

  /** SIGKILL at whatever moment: the files of a child are whole and name every planned case. */
  @Test
  public void aKilledRunLeavesEveryPlannedCaseOnce() throws IOException {
    for (int atLeast : List.of(0, 3, 8)) {
      var results = root.resolve("killed-" + atLeast);
      var output = root.resolve("child-" + atLeast + ".txt");
      var child =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  ChildRun.class.getName(),
                  "forever",
                  results.toString())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      try {
        await("the child has added " + atLeast + " cases")
            .atMost(Duration.ofSeconds(60))
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(1))
            .failFast("the child ended", () -> !child.isAlive())
            .until(() -> Files.readAllLines(output).contains("added " + atLeast));
      } finally {
        child.destroyForcibly();
      }
      assertEquals(child.onExit().join().exitValue(), 128 + 9);
      var run = results.resolve("latest");
      var report = RunReport.read(run.resolve("run.json"));
      assertFalse(report.cases().isEmpty());
      assertEquals(report.ended(), null);
      assertEquals(report.cases().size(), ChildRun.PLANNED);
      assertTrue(report.totals().passed() >= atLeast, report.totals().toString());
      var names = Xml.caseNames(run);
      assertEquals(names.size(), ChildRun.PLANNED);
      assertEquals(new HashSet<>(names).size(), ChildRun.PLANNED);
    }
  }
}
