package org.lastref.offline;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.lastref.Recorded;
import org.lastref.cases.Suites;
import org.lastref.model.Policy;
import org.lastref.report.CaseOutcome;
import org.lastref.report.CaseResult;
import org.lastref.report.Status;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.lastref.trace.TraceReader;
import org.lastref.verify.OverlayRemoval;
import org.lastref.verify.Verdict;
import org.testng.annotations.Test;

/** A kernel of the user's own is judged by its promise, and told by what it is like. */
public class OwnKernelOracleTest {

  private static final Recorded CLEAN = new Recorded("pair", Recorded.WAITED);
  private static final Recorded LEAK = new Recorded("pair", Recorded.LEAKING);

  private static CaseOutcome tale(OverlayRemoval removal, Trace... cycles) {
    Oracle oracle = OwnKernelOracle.of(removal);
    List<Verdict> verdicts = new ArrayList<>();
    for (Trace cycle : cycles) {
      verdicts.add(oracle.judge(cycle));
    }
    return oracle.outcome(verdicts, cycles[cycles.length - 1], "./lastref explain it");
  }

  @Test
  public void passesAKernelThatKeepsItsPromise() {
    CaseOutcome tale = tale(CLEAN.removal(Policy.UPSTREAM.with(Policy.Grace.SLOW)), CLEAN.trace());
    assertEquals(tale.status(), Status.PASSED);
    assertEquals("" + tale.word(), "clean");
    assertEquals(tale.facts().properties().get("like"), "dedicated-wq+wait-removal");
  }

  @Test
  public void failsAKernelThatReportsANodeInSomeCycles() {
    CaseOutcome tale = tale(LEAK.removal(), LEAK.trace(), LEAK.trace());
    assertEquals(tale.status(), Status.FAILED);
    assertEquals("" + tale.word(), "leaks 2/2");
    assertEquals(
        tale.headline(), "the promise is broken: in 2 of 2 cycles it reports /lr-div /lr-osc");
    assertEquals(
        tale.facts().properties().get("like"),
        "system-wq+none system-wq+wait-removal dedicated-wq+none");
  }

  /** What one cycle leaves, the next may rule out. */
  @Test
  public void isLikeWhatExplainsEveryCycle() {
    CaseOutcome tale = tale(LEAK.removal(), LEAK.trace(), CLEAN.trace());
    assertEquals("" + tale.word(), "leaks 1/2");
    assertEquals(tale.facts().properties().get("like"), "");
    assertTrue(tale.detail().startsWith("like no known policy\nnearest is "), tale.detail());
  }

  @Test
  public void passesAKernelThatKeepsItsPromiseLikeNoOther() {
    String other = CLEAN.text().replace("device_link_release_fn", "my_own_release_fn");
    Trace trace = TraceReader.read(other.replace("device_link_free", "my_own_free"), "other");
    CaseOutcome tale = tale(CLEAN.removal(), trace);
    assertEquals(tale.status(), Status.PASSED, tale.headline());
    assertEquals("" + tale.word(), "clean, new");
    assertTrue(tale.detail().contains("why: ./lastref explain it\n"), tale.detail());
  }

  @Test
  public void failsAKernelWhoseRemovalIsRefused() {
    String refused = CLEAN.text().replace("end remove=pair removed", "end remove=pair refused");
    CaseOutcome tale = tale(CLEAN.removal(), TraceReader.read(refused, "refused"));
    assertEquals(tale.status(), Status.FAILED);
    assertEquals("" + tale.word(), "stuck");
  }

  /** Recorded on a kernel that lacks the drivers. */
  @Test
  public void isNotCleanWhereNoDriverCame() {
    Path file = Path.of("src/test/resources/traces/applied/syscon-leftovers.trace.gz");
    StoredTrace stored = StoredTrace.read(file);
    CaseOutcome tale =
        tale(TraceHeaders.removal(Objects.requireNonNull(stored.header()), file), stored.trace());
    assertEquals(tale.status(), Status.SKIPPED, tale.headline());
    assertEquals("" + tale.word(), "untested");
  }

  private static CaseResult replayed(String name) {
    Path file = Path.of("src/test/resources/traces/own", name + ".trace.gz");
    List<CaseResult> results = new ArrayList<>();
    Replay.of(
            List.of(file),
            each -> {
              throw new AssertionError(each + " says itself what it is of");
            },
            Suites.CATALOGUE)
        .forEach(replay -> replay.run(results::add));
    assertEquals(results.size(), 1);
    return results.get(0);
  }

  /** Recorded on kernels with the patches of the same names. */
  @Test
  public void judgesStoredTracesAgain() {
    CaseResult bad = replayed("do-not-wait-pair-slow");
    assertEquals(bad.id(), "pair/own/slow");
    assertEquals(bad.status(), Status.FAILED);
    assertEquals(bad.properties().get("verdict"), "leaks 1/1");
    assertEquals(bad.properties().get("like"), "system-wq+none dedicated-wq+none");
    CaseResult good = replayed("release-at-once-pair-slow");
    assertEquals(good.status(), Status.PASSED);
    assertEquals(
        good.properties().get("like"),
        "call-srcu+sync-overlay call-srcu+flag-overlay system-wq+sync-overlay"
            + " system-wq+flag-overlay dedicated-wq+sync-overlay dedicated-wq+flag-overlay");
  }
}
