package org.lastref.offline;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.lastref.Recorded;
import org.lastref.cases.Suites;
import org.lastref.fault.InputFault;
import org.lastref.report.CaseResult;
import org.lastref.report.Comparison;
import org.lastref.report.ReplayReport;
import org.lastref.report.RunReport;
import org.lastref.report.Status;
import org.lastref.report.Totals;
import org.lastref.runner.Run;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Runs made of recorded traces, judged again. */
@NullUnmarked
public class ReplayTest {

  private static final Recorded PAIR = new Recorded("pair", Recorded.LEAKING);
  private static final Recorded CLEAN = new Recorded("pair", Recorded.WAITED);

  private Path root;

  @BeforeMethod
  void makeFolder() throws IOException {
    root = Files.createTempDirectory("lastref-replay-test");
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static Replay replay(Path... paths) {
    return Replay.of(
            List.of(paths),
            file -> {
              throw new AssertionError(file);
            },
            Suites.CATALOGUE)
        .get(0);
  }

  @Test
  public void comesToTheVerdictsOfTheRun() {
    Path run = StoredRun.make(root, Recorded.all());
    Replay replay = replay(run);
    assertEquals(replay.cases(), 28);
    List<CaseResult> told = new ArrayList<>();
    ReplayReport.Part part = replay.run(told::add);
    assertEquals(told, part.cases());
    assertEquals(part.comparison(), new Comparison(28, 28, List.of(), 0));
    List<CaseResult> before = RunReport.read(run.resolve("run.json")).cases();
    for (int i = 0; i < before.size(); i++) {
      CaseResult was = before.get(i);
      CaseResult is = part.cases().get(i);
      assertEquals(is.id(), was.id());
      assertEquals(is.status(), was.status());
      assertEquals(is.headline(), was.headline());
      assertEquals(is.properties(), was.properties());
      assertEquals(is.last().attachments(), was.last().attachments());
    }
    assertEquals(replay.faults(), List.of());
  }

  @Test
  public void saysWhichVerdictsDiffer() throws IOException {
    Path run = StoredRun.make(root, List.of(PAIR, CLEAN));
    Path json = run.resolve("run.json");
    Files.writeString(json, Files.readString(json).replace("\"in\" : 2,", "\"in\" : 1,"));
    Files.delete(run.resolve("traces").resolve(CLEAN.name() + "-1.trace.gz"));
    Files.delete(run.resolve("traces").resolve(CLEAN.name() + "-2.trace.gz"));
    Comparison comparison = replay(run).run(each -> {}).comparison();
    assertEquals(
        comparison.render(),
        """
        Same verdict as in run.json in 0 of 1 cases
          pair/system-wq/none/slow: was leaks 1/2 (passed), is leaks 2/2 (passed)
        Not judged again for want of a trace: 1 of the run's cases
        """);
  }

  @Test
  public void comparesWithAnOlderRunByItsProperties() throws IOException {
    Path run = StoredRun.make(root, List.of(PAIR));
    Path json = run.resolve("run.json");
    String older =
        Files.readString(json)
            .replaceAll("(?s),\\s*\"facts\" : \\{.*?\\n    \\}", "")
            .replace("\"leaks 2/2\"", "\"leaks 1/2\"");
    assertFalse(older.contains("facts"), older);
    Files.writeString(json, older);
    Comparison comparison = replay(run).run(each -> {}).comparison();
    assertEquals(
        comparison.differing(),
        List.of(
            new Comparison.Difference(
                "pair/system-wq/none/slow", "leaks 1/2 (passed)", "leaks 2/2 (passed)")));
    assertTrue(RunReport.read(json).coverage().stepsSeen() > 0);
  }

  @Test
  public void tellsADifferenceFromTheModel() throws IOException {
    Path run = StoredRun.make(root, List.of(PAIR));
    Path second = run.resolve("traces").resolve(PAIR.name() + "-2.trace.gz");
    StoredRun.write(second, StoredRun.header(PAIR, 2), CLEAN.text());
    CaseResult result = replay(run).run(each -> {}).cases().get(0);
    assertEquals(result.status(), Status.FAILED);
    assertTrue(result.headline().startsWith("cycle 2 differs from the model: "));
    assertEquals(result.rerun(), "./lastref replay " + second);
    assertEquals(Run.exitCode(Totals.of(List.of(result)), List.of()), 1);
  }

  @Test
  public void judgesTheOthersWhereOneTraceIsDamaged() throws IOException {
    Path run = StoredRun.make(root, List.of(PAIR, CLEAN));
    Path cut = run.resolve("traces").resolve(PAIR.name() + "-2.trace.gz");
    StoredRun.write(cut, StoredRun.header(PAIR, 2), PAIR.text().replace("# end", ""));
    Replay replay = replay(run);
    List<CaseResult> cases = replay.run(each -> {}).cases();
    assertEquals(cases.get(0).status(), Status.ERROR);
    assertEquals(cases.get(0).properties().get("verdict"), "no verdict");
    assertTrue(cases.get(0).headline().startsWith(cut + ":127: cut short: "));
    assertEquals(cases.get(1).status(), Status.PASSED);
    assertEquals(replay.faults().size(), 1);
    assertEquals(Run.exitCode(Totals.of(cases), replay.faults()), 2);
  }

  @Test
  public void namesTheFileWhereAHeaderIsDamaged() throws IOException {
    Path run = StoredRun.make(root, List.of(PAIR));
    Path other = Files.writeString(run.resolve("traces/other.trace"), "# lastref-trace 3\n");
    List<CaseResult> cases = replay(run).run(each -> {}).cases();
    assertEquals(cases.get(1).id(), "other.trace");
    assertTrue(cases.get(1).headline().startsWith(other + ":1: a trace of version 3, "));
  }

  @Test
  public void refusesWhereNoTraceCanBeJudged() throws IOException {
    Path file = Files.writeString(root.resolve("x.trace"), "nonsense\n");
    Replay replay =
        Replay.of(
                List.of(file),
                each -> new Replay.Assumed(removal(PAIR), Recorded.base()),
                Suites.CATALOGUE)
            .get(0);
    assertEquals(
        expectThrows(InputFault.class, () -> replay.run(each -> {})).getMessage(),
        file + ":1: this line is no event of a trace: nonsense");
  }

  @Test
  public void tellsAnOverlayThatTheKernelRefused() {
    String text =
        PAIR.text()
            .replace("end apply=pair applied", "end apply=pair unapplied -19")
            .replace("OF: ERROR: memory leak, expected", "OF: resolver: no symbols, expected");
    Path file = root.resolve("refused.trace.gz");
    StoredRun.write(file, StoredRun.header(PAIR, 1), text);
    assertTrue(
        expectThrows(InputFault.class, () -> replay(file).run(each -> {}))
            .getMessage()
            .startsWith("the kernel refuses overlay pair with error ENODEV: OF: resolver: no sym"));
  }

  @Test
  public void sortsTheCyclesOfACaseByNumber() {
    for (int cycle : new int[] {10, 2, 1}) {
      StoredRun.write(
          root.resolve("x-%d.trace.gz".formatted(cycle)),
          StoredRun.header(PAIR, cycle),
          cycle == 10 ? CLEAN.text() : PAIR.text());
    }
    CaseResult result = replay(root).run(each -> {}).cases().get(0);
    assertTrue(result.headline().startsWith("cycle 3 differs"), result.headline());
  }

  @Test
  public void judgesOldTracesByWhatTheCallerSays() {
    Path old = Path.of("src/test/resources/traces").resolve(PAIR.name() + ".trace.gz");
    List<Path> asked = new ArrayList<>();
    Replay replay =
        Replay.of(
                List.of(old),
                file -> {
                  asked.add(file);
                  return new Replay.Assumed(removal(PAIR), Recorded.base());
                },
                Suites.CATALOGUE)
            .get(0);
    CaseResult result = replay.run(each -> {}).cases().get(0);
    assertEquals(asked, List.of(old));
    assertEquals(result.id(), "pair/system-wq/none/slow");
    assertEquals(result.properties().get("verdict"), "leaks 1/1");
    assertEquals(
        result.rerun(),
        "./lastref replay %s --only pair --release system-wq --fix none --grace slow"
            .formatted(old));
  }

  @Test
  public void writesWhatARunFolderHolds() {
    Path run = StoredRun.make(root, List.of(PAIR, CLEAN));
    String json = new ReplayReport(List.of(replay(run).run(each -> {}))).toJson();
    assertTrue(json.startsWith("{\n  \"lastref-replay\" : 1,\n  \"totals\" : {"), json);
    for (String part : List.of("\"same\" : 2", "\"verdict\" : \"leaks 2/2\"", "" + run)) {
      assertTrue(json.contains(part), json);
    }
  }

  @Test
  public void refusesAFolderWithoutTraces() {
    assertEquals(
        expectThrows(InputFault.class, () -> replay(root)).getMessage(),
        root + " has no traces (*.trace.gz)");
  }

  private static RemovalCase removal(Recorded recorded) {
    return new RemovalCase(Recorded.shape(recorded.shape()), recorded.policy());
  }
}
