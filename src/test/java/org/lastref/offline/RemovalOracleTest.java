package org.lastref.offline;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.lastref.report.CaseOutcome;
import org.lastref.report.Status;
import org.lastref.trace.Event;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
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

  private static RemovalOracle oracle(StoredTrace stored) {
    OverlayRemoval removal =
        TraceHeaders.removal(Objects.requireNonNull(stored.header()), FOLDER.resolve("a.trace"));
    return new RemovalOracle(removal);
  }

  private static CaseOutcome outcome(String name) {
    StoredTrace stored = stored(name);
    RemovalOracle oracle = oracle(stored);
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
    RemovalOracle oracle = oracle(stored);
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
        again.findings().stream().map(Finding::seen).toList(),
        List.of("did not probe again: no driver took it"));
  }
}
