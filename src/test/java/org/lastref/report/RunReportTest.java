package org.lastref.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.lastref.fault.InputFault;
import org.lastref.model.Policy;
import org.lastref.trace.Chain;
import org.lastref.trace.Event.At;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Event.Subject;
import org.lastref.verify.Allowed;
import org.lastref.verify.Finding;
import org.lastref.verify.Holding;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class RunReportTest extends TemporaryFolder {

  private static RunReport report(CaseResult... cases) {
    var info =
        new RunInfo(
            "id",
            "qemu-virt",
            Cases.NOW,
            "abc",
            new RunInfo.Kernel("6.1", null, List.of(), null),
            "ssh",
            List.of("lastref"),
            "lab",
            new TreeMap<>(Map.of("java", "17")));
    return new RunReport(RunReport.FORMAT, info, Cases.NOW.plusNanos(1), "done", List.of(cases));
  }

  private Path file(String content) throws IOException {
    return Files.writeString(root.resolve("run.json"), content);
  }

  @Test
  public void carriesTheCoverageOfItsCases() {
    var properties = new TreeMap<>(Map.of("outcomes", "4/6", "steps", "20/22"));
    assertTrue(
        report(Cases.result("1", Status.PASSED, properties))
            .toJson()
            .contains(
                """
                  "coverage" : {
                    "outcomes_seen" : 4,
                    "outcomes_possible" : 6,
                    "steps_seen" : 20,
                    "steps_possible" : 22,
                    "at_least" : false
                  },
                """));
  }

  @Test
  public void readsBackWhatItWrote() throws IOException {
    var report =
        report(
            Cases.result("1", Status.PASSED),
            Cases.result(
                "2",
                Status.FAILED,
                Cases.HOSTILE,
                Cases.HOSTILE,
                List.of(Cases.HOSTILE),
                new TreeMap<>(Map.of("a", Cases.HOSTILE))),
            CaseResult.notRun(Cases.planned("3"), "not run yet"));
    assertEquals(RunReport.read(file(report.toJson())), report);
  }

  private static RunReport withFacts() {
    var policy = Policy.UPSTREAM;
    var but = new Finding(Finding.Type.ORDER, 3, "/lr-div", "this", "that");
    var get =
        new Reference(
            new At(3, 17, 0, "lastref-agent-9"),
            Direction.GET,
            new Subject(Kind.DEVICE, "lr-div", 0xffffff8001L, "platform", "/lr-div"),
            2,
            Chain.of(List.of("get_device", "device_link_add")));
    var holding =
        new Holding(
            get.subject(),
            Holding.State.NEVER,
            get,
            null,
            "lr-reg",
            "",
            "added",
            5,
            List.of(),
            false);
    var facts =
        new Facts(
            new CaseWord(CaseWord.Kind.CLEAN_NEW, 1, 2),
            new Cycles(2, 9, new TreeSet<>(List.of("/b", "/a")), new TreeSet<>(List.of("x")), 7L),
            new CaseCoverage(
                "",
                new Coverage(1, 2, 3, 4, true),
                List.of("clean"),
                List.of("remover: put"),
                List.of("put"),
                List.of(new Allowed(Kind.NODE, "/a", List.of(new Allowed.Span(3, 9, 1, 4))))),
            new Likeness(List.of(policy), new Likeness.Nearest(policy, but, "it has done it")),
            List.of(holding),
            List.of("in cycle 1, something"));
    var bare = Cases.result("1", Status.FAILED, new TreeMap<>(Map.of("overlay", "pair")));
    return report(new CaseResult(bare.planned(), Status.FAILED, bare.last(), List.of(), facts));
  }

  /** They told every holder as if there were no doubt. */
  @Test
  public void readsHoldersOfRunsThatToldNoDoubts() throws IOException {
    var older = withFacts().toJson().replaceFirst(",\\s*\"sure\" : false", "");
    var facts = Objects.requireNonNull(RunReport.read(file(older)).cases().get(0).facts());
    assertTrue(!older.contains("sure\"") && facts.holdings().get(0).sure(), older);
  }

  @Test
  public void readsFactsBack() throws IOException {
    var report = withFacts();
    assertEquals(RunReport.read(file(report.toJson())), report);
    assertEquals(
        report.cases().get(0).properties(),
        Map.ofEntries(
            Map.entry("overlay", "pair"),
            Map.entry("verdict", "clean, new 1/2"),
            Map.entry("cycles", "2"),
            Map.entry("events", "9"),
            Map.entry("leaked", "/a /b"),
            Map.entry("broken", "x"),
            Map.entry("unbinding_us", "7"),
            Map.entry(
                "holders",
                "1 reference to device lr-div is never given back: most likely get by"
                    + " device_link_add, event 3, while lr-reg was added"),
            Map.entry("outcomes", "1/2+"),
            Map.entry("steps", "3/4+"),
            Map.entry("outcomes_unseen", "clean"),
            Map.entry("steps_unseen", "put"),
            Map.entry("like", "dedicated-wq+wait-removal"),
            Map.entry("nearest", "release=dedicated-wq fix=wait-removal grace=any")));
  }

  @Test
  public void saysWhatItIsFirstAndCountsTheCases() {
    var json = report(Cases.result("1", Status.PASSED), Cases.result("2", Status.ERROR)).toJson();
    assertTrue(json.startsWith("{\n  \"lastref-run\" : 1,\n  \"run\" : {"), json);
    assertTrue(json.contains("\"ended\" : \"2026-01-31T12:00:00.000000001Z\""), json);
    assertTrue(json.contains("\"took_s\" : 1.5,"), json);
    assertTrue(json.contains("\"config_sha256\" : null"), json);
    assertTrue(
        json.replaceAll("\\s", "")
            .contains(
                "\"totals\":{\"cases\":2,\"passed\":1,\"failed\":0,\"errors\":1,\"skipped\":0,"
                    + "\"not_run\":0,\"retried\":0,\"took_s\":3,\"lasted_s\":1.5}"),
        json);
  }

  @DataProvider
  public Object[][] garbage() {
    var good = report(Cases.result("1", Status.PASSED)).toJson();
    return new Object[][] {
      {"", ":1: not a run's results"},
      {"[]", ":1: not a run's results"},
      {"{\"cases\": []}", ":1: not a run's results"},
      {"\u0000\u0001", "not a run's results"},
      {"{\n\"lastref-run\" : 2}", ":2: results in format 2, and this Lastref reads format 1"},
      {"{\"lastref-run\" : 99999999999999999999}", "not a run's results"},
      {"{\"lastref-run\" : 1}", ":1:19: not a run's results: Missing creator property 'run'"},
      {good.substring(0, good.length() / 2), "Unexpected end-of-input"},
      {good + "x", "not a run's results: Unrecognized token 'x'"},
      {good.replace("1.5", "1e999999999"), "no number of seconds"},
      {good.replace("1.5", "-1"), "no number of seconds"},
      {good.replace("1.5", "99999999999999"), "no number of seconds"},
      {good.replace("1.5", "\"PT1S\""), "not a run's results"},
      {good.replace("2026-01-31T12:00:00Z", "yesterday"), "no time like"},
      {good.replace("\"passed\",", "\"perhaps\","), "not one of the values accepted"},
      {
        good.replace("\"attachments\" : [ ]", "\"attachments\" : [ \"../../etc/shadow\" ]"),
        "no plain path"
      },
      {good.replace("\"id\" : \"1\"", "\"id\" : null"), "id"},
      {"{\"lastref-run\" : 1, \"run\" : " + "[".repeat(100_000), "not a run's results"},
    };
  }

  @Test(dataProvider = "garbage")
  public void refusesGarbageByFileAndLine(String content, String expected) throws IOException {
    var file = file(content);
    var fault = expectThrows(InputFault.class, () -> RunReport.read(file));
    var message = String.valueOf(fault.getMessage());
    assertTrue(message.contains(expected), message);
    assertTrue(message.startsWith(file + ":"), message);
    assertTrue(message.length() < 600, message);
  }

  @Test
  public void refusesAFileThatIsNotThere() {
    var fault = expectThrows(InputFault.class, () -> RunReport.read(root.resolve("none.json")));
    assertEquals(
        fault.getMessage(),
        "cannot read the run's results: " + root.resolve("none.json") + ": no such file or folder");
  }

  @Test
  public void readsWhatALaterVersionAdded() throws IOException {
    var report = report(Cases.result("1", Status.PASSED));
    var later = report.toJson().replace("\"board\" :", "\"moon_phase\" : \"full\", \"board\" :");
    assertEquals(RunReport.read(file(later)), report);
  }

  @Test
  public void theExitCodeNeverCallsALabFaultAVerdict() {
    assertEquals(exitCode(Status.PASSED, Status.PASSED), 0);
    assertEquals(exitCode(Status.PASSED, Status.FAILED, Status.ERROR), 1);
    assertEquals(exitCode(Status.PASSED, Status.ERROR), 3);
    assertEquals(exitCode(Status.PASSED, Status.SKIPPED), 3);
    assertEquals(exitCode(), 3);
    assertEquals(
        Totals.of(List.of(CaseResult.notRun(Cases.planned("1"), "not run yet"))).exitCode(), 3);
  }

  private static int exitCode(Status... statuses) {
    return Totals.of(java.util.Arrays.stream(statuses).map(s -> Cases.result(s.name(), s)).toList())
        .exitCode();
  }

  @Test
  public void totalsReadAsASentence() {
    assertEquals(
        new Totals(24, 19, 3, 1, 0, 1, 2, Duration.ZERO, Duration.ofSeconds(723)).toString(),
        "24 cases: 19 passed (2 only after a retry), 3 failed, 1 error, 1 not run, 12 min 3 s");
    assertEquals(
        new Totals(1, 1, 0, 0, 0, 0, 0, Duration.ZERO, Duration.ofNanos(1_500_000_001)).toString(),
        "1 case: 1 passed, 1.5 s");
    assertEquals(
        new Totals(0, 0, 0, 0, 0, 0, 0, Duration.ZERO, Duration.ofMinutes(61)).toString(),
        "0 cases: 0 passed, 1 h 1 min");
  }

  @Test
  public void aRunLastsFromItsFirstCaseToItsLastWhoeverRanThem() {
    var first = Cases.result("1", Status.PASSED);
    var second = Cases.result("2", Status.PASSED);
    var later =
        new CaseResult(
            Cases.planned("2"),
            Status.PASSED,
            new Try(
                Objects.requireNonNull(second.started()).plusSeconds(1),
                second.took(),
                "",
                "",
                List.of(),
                List.of()),
            List.of(),
            null);
    var totals = Totals.of(List.of(first, later, CaseResult.notRun(Cases.planned("3"), "")));
    assertEquals(totals.took(), Duration.ofSeconds(3));
    assertEquals(totals.lasted(), Duration.ofMillis(2500));
  }

  @Test
  public void refusesACaseThatCannotBe() {
    assertThrows(IllegalArgumentException.class, () -> Cases.planned(" "));
    var never = CaseResult.notRun(Cases.planned("1"), "");
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new CaseResult(
                new PlannedCase("1", "c", "n", new TreeMap<>(), ""),
                Status.PASSED,
                new Try(null, Duration.ZERO, "", "", List.of(), List.of()),
                List.of(),
                null));
    assertTrue(never.notRun());
  }
}
