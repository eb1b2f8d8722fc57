package org.lastref.page;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.lastref.report.CaseResult;
import org.lastref.report.PlannedCase;
import org.lastref.report.RunInfo;
import org.lastref.report.RunReport;
import org.lastref.report.Status;
import org.lastref.report.Try;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.StoredTrace;
import org.lastref.verify.Allowed;
import org.lastref.verify.Application;
import org.lastref.verify.Application.Placed;
import org.lastref.verify.Application.State;
import org.lastref.verify.Linked;
import org.lastref.verify.References;
import org.testng.annotations.Test;

public class RunPageTest {

  private static final String HOSTILE = "</details><script>alert(1)</script><img src=x onerror=y>";
  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
  private static final Path TRACES = Path.of("src/test/resources/traces/watched");

  private static CaseResult result(
      String id, Status status, String text, List<String> console, List<String> files) {
    return new CaseResult(
        new PlannedCase(
            id,
            "board.ssh.devlink",
            id,
            new TreeMap<>(
                Map.of("overlay", id, "kernel", "plain", "situation", "remove", "grace", "any")),
            "./lastref run --case " + id),
        status,
        new Try(NOW, Duration.ofMillis(5), text, text, console, files),
        List.of(),
        null);
  }

  private static String page(CaseResult... cases) {
    RunInfo info =
        new RunInfo(
            "20260131-120000-" + HOSTILE,
            HOSTILE,
            NOW,
            "abc",
            new RunInfo.Kernel("6.12", null, List.of(), null),
            "ssh",
            List.of("./lastref", "run"),
            "lab",
            new TreeMap<>(Map.of("qemu", HOSTILE)));
    RunReport report =
        new RunReport(RunReport.FORMAT, info, NOW.plusSeconds(9), "all cases ran", List.of(cases));
    return new String(RunPage.of(report, TRACES), StandardCharsets.UTF_8);
  }

  @Test
  public void whatTheBoardSaysIsNoMarkup() {
    String page = page(result(HOSTILE, Status.FAILED, HOSTILE, List.of(HOSTILE), List.of()));
    assertFalse(page.contains("<script"), page);
    assertFalse(page.contains("<img"), page);
    assertTrue(page.contains("&lt;script&gt;alert(1)"), page);
  }

  /** As Jenkins' policy has it: default-src 'none'. */
  @Test
  public void asksNobodyForAnythingAndHasNoStyle() {
    String page = page(result("pair", Status.PASSED, "clean", List.of(), List.of()));
    assertFalse(
        Pattern.compile(
                "<(?:script|style|link|iframe|img)\\b|\\bstyle=|\\bon[a-z]+=|\\bsrc=|https?:")
            .matcher(page)
            .find(),
        page);
  }

  @Test
  public void aCellLeadsToItsCase() {
    String page =
        page(
            result("pair", Status.PASSED, "clean", List.of(), List.of()),
            result("leds", Status.FAILED, "it leaks", List.of(), List.of()));
    Matcher links = Pattern.compile("href=\"#([^\"]+)\"").matcher(page);
    List<String> targets =
        links.results().map(each -> each.group(1)).distinct().sorted().collect(Collectors.toList());
    assertEquals(targets, List.of("c1", "c2"));
    targets.forEach(each -> assertTrue(page.contains("<details id=\"" + each + "\""), page));
  }

  @Test
  public void whatFailedComesFirstAndIsOpen() {
    String page =
        page(
            result("pair", Status.PASSED, "clean", List.of(), List.of()),
            result("leds", Status.FAILED, "it leaks", List.of(), List.of()));
    assertTrue(
        page.indexOf("<details id=\"c2\" open>") < page.indexOf("<details id=\"c1\">"), page);
    assertTrue(page.contains("<li><a href=\"#c2\">leds: it leaks</a></li>"), page);
  }

  @Test
  public void megabytesOfConsoleAreCut() {
    String page =
        page(result("pair", Status.FAILED, "x", List.of("y".repeat(9_000_000)), List.of()));
    assertTrue(page.length() < 100_000, "" + page.length());
    assertTrue(page.contains("more</pre>"), page.substring(page.length() - 400));
  }

  @Test
  public void aCycleIsDrawnWithWhatIsWrongMarked() {
    Timeline timeline =
        Timeline.of(
            StoredTrace.read(TRACES.resolve("01-relax-cycles.trace.gz")).trace(), List.of(), 44);
    assertEquals(
        timeline.lanes().stream()
            .map(Timeline.Lane::name)
            .filter(each -> each.startsWith("device"))
            .toList(),
        List.of("device lr-osc", "device lr-div"));
    assertTrue(timeline.mark() != null && timeline.mark().text().equals("event 44"));
    assertTrue(
        timeline.steps().stream().anyMatch(each -> each.text().startsWith("remove=")),
        timeline.steps().toString());
  }

  private static Timeline drawn(List<Allowed> allowed) {
    return Timeline.of(
        StoredTrace.read(TRACES.resolve("01-relax-cycles.trace.gz")).trace(), allowed, -1);
  }

  private static Timeline.Lane lane(Timeline timeline, String name) {
    return timeline.lanes().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  public void whoHoldsAReferenceStandsUnderItsCount() {
    List<String> holders =
        lane(drawn(List.of()), "device lr-osc").holders().stream()
            .map(Timeline.Holder::text)
            .toList();
    assertTrue(holders.stream().anyMatch(each -> each.startsWith("device_link_add")), "" + holders);
  }

  @Test
  public void whatTheModelAllowsOfACountIsDrawnBehindIt() {
    Allowed allowed = new Allowed(Kind.DEVICE, "lr-osc", List.of(new Allowed.Span(40, 50, 1, 2)));
    assertFalse(lane(drawn(List.of(allowed)), "device lr-osc").allowed().isEmpty());
    assertEquals(lane(drawn(List.of(allowed)), "device lr-div").allowed(), "");
  }

  @Test
  public void whatShouldHaveComeStandsBesideWhatCame() {
    Application application =
        new Application(
            List.of(
                new Placed("/a", List.of("x,a"), true, "a", State.BOUND, "", false),
                new Placed("/b", List.of("x,b"), true, "", State.NO_DEVICE, "", false)),
            new TreeSet<>(),
            References.UNCOUNTED,
            List.of(new Linked("a--b", List.of("managed"), "", false, true)));
    assertEquals(
        AppliedTable.of(application),
        List.of(
            new AppliedTable.Row("/a (x,a)", "a driver", "device a has one", ""),
            new AppliedTable.Row("/b (x,b)", "a driver", "no device was made for it", "differs"),
            new AppliedTable.Row("a--b", "no device link", "there: managed", "differs")));
  }

  @Test
  public void allRunsAreListedAndABrokenOneSaysSo() throws IOException {
    Path root = Files.createTempDirectory("lastref-page");
    Path good = Files.createDirectory(root.resolve("20260131-120000-qemu-virt"));
    Path broken = Files.createDirectory(root.resolve("20260131-130000-qemu-virt"));
    RunInfo info =
        new RunInfo(
            "20260131-120000-qemu-virt",
            "qemu-virt",
            NOW,
            "abc",
            null,
            "ssh",
            List.of(),
            "lab",
            new TreeMap<>());
    RunReport report =
        new RunReport(
            RunReport.FORMAT,
            info,
            NOW,
            "all cases ran",
            List.of(result("leds", Status.FAILED, "it leaks", List.of(), List.of())));
    Files.writeString(good.resolve("run.json"), report.toJson());
    Files.writeString(broken.resolve("run.json"), "{\"cases\": [");
    ResultsPage.write(root);
    String page = Files.readString(root.resolve("index.html"));
    assertTrue(page.contains("20260131-130000-qemu-virt/index.html"), page);
    assertTrue(page.contains("cannot be read"), page);
    assertTrue(page.contains("<th align=\"left\" scope=\"row\">leds</th>"), page);
    try (var files = Files.walk(root)) {
      for (Path each : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
