package org.lastref.offline;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.lastref.model.AppliedOverlay;
import org.lastref.report.CaseOutcome;
import org.lastref.report.Status;
import org.lastref.trace.Event;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.lastref.verify.Explanation;
import org.lastref.verify.Finding;
import org.lastref.verify.KeptModule;
import org.lastref.verify.OverlayRemoval;
import org.lastref.verify.Verdict;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Overlays of which the model knows not all, as recorded on the plain kernel, which lacks the
 * drivers of some.
 */
public class RemovalOracleTest {

  private static final Path FOLDER = Path.of("src/test/resources/traces/applied");

  private static StoredTrace stored(String name) {
    return StoredTrace.read(FOLDER.resolve(name + ".trace.gz"));
  }

  private static Oracle oracle(StoredTrace stored, String... unbound) {
    OverlayRemoval recorded =
        TraceHeaders.removal(Objects.requireNonNull(stored.header()), FOLDER.resolve("a.trace"));
    return RemovalOracle.of(
        new OverlayRemoval(
            recorded.policy(),
            recorded.applied(),
            recorded.scenario(),
            new TreeSet<>(Set.of(unbound))));
  }

  private static CaseOutcome outcome(String name, String... unbound) {
    StoredTrace stored = stored(name);
    Oracle oracle = oracle(stored, unbound);
    List<Verdict> verdicts = List.of(oracle.judge(stored.trace()));
    return oracle.outcome(verdicts, stored.trace(), "explain");
  }

  @DataProvider
  static Object[][] words() {
    return new Object[][] {
      {"cycle-relax-leak", Status.FAILED, "not probed"},
      {"syscon-leftovers", Status.SKIPPED, "untested"},
      {"graph-bridge", Status.PASSED, "clean 1/3 bound"},
      {"graph-bridge-none", Status.PASSED, "leaks 1/1"},
    };
  }

  @Test(dataProvider = "words")
  public void tellWhatWasExercised(String trace, Status status, String word) {
    CaseOutcome outcome = outcome(trace);
    assertEquals(outcome.status(), status, outcome.headline());
    assertEquals(outcome.word().toString(), word);
  }

  @Test
  public void tellsWhoWaitsForWhom() {
    CaseOutcome outcome = outcome("cycle-relax-leak");
    assertEquals(
        outcome.headline(),
        "/lr-gpio did not probe: it waits for lr-reg, of which is said: can't get GPIO;"
            + " all that was taken came back in time");
    assertTrue(
        outcome.detail().contains("/lr-io: it waits for lr-gpio, which waits for lr-reg"),
        outcome.detail());
  }

  @Test
  public void whatNoDriverTookIsNamedWithWhatItIsCompatibleWith() {
    String headline = outcome("syscon-leftovers").headline();
    assertTrue(headline.contains("/lr-syscon@b000000 (syscon)"), headline);
    assertTrue(headline.contains("/lr-reboot (syscon-reboot)"), headline);
  }

  /** As it was recorded: its header has what was expected. */
  @Test
  public void devicesThatAreExpectedToWaitAreNoFinding() {
    CaseOutcome outcome = outcome("cycle-relax-leak-expected", "/lr-gpio", "/lr-reg", "/lr-io");
    assertEquals(outcome.status(), Status.PASSED, outcome.headline());
    assertEquals(outcome.word().toString(), "clean 0/3 bound");
    assertTrue(
        outcome.headline().contains("; not bound, as expected: /lr-gpio ("), outcome.headline());
  }

  @Test
  public void oneThatIsNotExpectedToWaitBesideThemIsOne() {
    CaseOutcome outcome = outcome("cycle-relax-leak-expected", "/lr-gpio", "/lr-reg");
    assertEquals(outcome.word().toString(), "not probed");
    assertTrue(outcome.headline().startsWith("/lr-io did not probe: "), outcome.headline());
  }

  @Test
  public void whatIsExpectedStandsInTheTrace() {
    OverlayRemoval removal =
        TraceHeaders.removal(
            Objects.requireNonNull(stored("cycle-relax-leak-expected").header()), FOLDER);
    assertEquals(removal.unbound(), Set.of("/lr-gpio", "/lr-reg", "/lr-io"));
  }

  @Test
  public void aDriverThatIsExpectedNotToComeIsAFindingIfItDoes() {
    CaseOutcome outcome = outcome("graph-bridge", "/lr-vdd");
    assertEquals(outcome.status(), Status.FAILED, outcome.headline());
    assertEquals(outcome.word().toString(), "probed");
    assertEquals(
        outcome.headline(),
        "/lr-vdd got a driver, and was expected to get none; all that was taken came back in time");
  }

  @Test
  public void whereNoDriverCameItIsUntestedUnlessThatWasExpectedOfEach() {
    assertEquals("" + outcome("syscon-leftovers", "/lr-reboot").word(), "untested");
    CaseOutcome outcome = outcome("syscon-leftovers", "/lr-reboot", "/lr-syscon@b000000");
    assertEquals("" + outcome.word(), "clean 0/2 bound", outcome.headline());
    assertEquals(outcome.status(), Status.PASSED);
  }

  @Test
  public void noOtherReferenceWouldHaveKeptADriverFromComing() {
    StoredTrace stored = stored("graph-bridge");
    Explanation explanation = oracle(stored, "/lr-vdd").explain(stored.trace(), 500_000);
    assertEquals(explanation.findings().size(), 1);
    assertEquals(explanation.repairs(), List.of());
  }

  /** The regulator's driver, if the model did not know it. */
  private static AppliedOverlay unknown(AppliedOverlay overlay) {
    return new AppliedOverlay(
        overlay.nodes(),
        List.of(),
        List.of(),
        List.of(),
        overlay.wanting().stream()
            .map(
                each ->
                    new AppliedOverlay.Wanting(
                        each.path(), each.compatible(), AppliedOverlay.Known.NOT, each.bus()))
            .toList());
  }

  @Test
  public void whatTheModelDoesNotKnowIsTold() {
    StoredTrace stored = stored("graph-bridge");
    OverlayRemoval recorded = TraceHeaders.removal(Objects.requireNonNull(stored.header()), FOLDER);
    Map<String, AppliedOverlay> applied = new LinkedHashMap<>();
    recorded.applied().forEach((name, overlay) -> applied.put(name, unknown(overlay)));
    Oracle oracle =
        RemovalOracle.of(new OverlayRemoval(recorded.policy(), applied, recorded.scenario()));
    CaseOutcome outcome =
        oracle.outcome(List.of(oracle.judge(stored.trace())), stored.trace(), "explain");
    assertEquals(outcome.status(), Status.PASSED, outcome.headline());
    assertTrue(
        outcome
            .detail()
            .contains(
                "the model does not know the driver of /lr-vdd (regulator-fixed): what it takes"
                    + " must come back, in whatever order\n"),
        outcome.detail());
  }

  @Test
  public void namesWhoKeepsAModule() {
    CaseOutcome outcome = outcome("keeper");
    assertEquals(
        outcome.facts().kept(),
        List.of(
            new KeptModule("test_keeper", 1, List.of(), List.of("platform/test-keeper")),
            new KeptModule("test_kept", 1, List.of("test_keeper"), List.of())));
    assertEquals(
        outcome.headline(),
        "the promise is broken: in cycle 1, module test_keeper cannot be unloaded:"
            + " 1 reference is out that no module has: an open file's, or one that was taken and"
            + " not put; its drivers still have platform/test-keeper");
    assertTrue(
        outcome
            .detail()
            .contains("module test_kept cannot be unloaded: it is used by module test_keeper\n"),
        outcome.detail());
  }

  @Test
  public void whatProbedOnceHasToProbeAgain() {
    StoredTrace stored = stored("graph-bridge");
    Oracle oracle = oracle(stored);
    assertTrue(oracle.judge(stored.trace()).conforms());
    List<Event> unbound =
        stored.trace().events().stream()
            .map(
                event ->
                    event instanceof Event.Called called && called.event().equals("bound")
                        ? new Event.Called(called.at(), "probing", called.arguments())
                        : event)
            .toList();
    Verdict again = oracle.judge(new Trace("again", stored.trace().watching(), unbound));
    assertEquals(
        again.findings().stream()
            .filter(each -> each.type() == Finding.Type.APPLY)
            .map(Finding::seen)
            .toList(),
        List.of("did not probe again: no driver took it"));
  }
}
