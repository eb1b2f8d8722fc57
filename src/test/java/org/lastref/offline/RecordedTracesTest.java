package org.lastref.offline;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lastref.Recorded;
import org.lastref.model.Policy;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.lastref.model.Situation;
import org.lastref.trace.TraceReader;
import org.lastref.verify.Finding;
import org.lastref.verify.Verdict;
import org.lastref.verify.Verifier;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What a kernel did conforms to the model of that kernel and to no model that excludes it. */
public class RecordedTracesTest {

  /** What was reported by the kernel that nobody's fix made wait. */
  private static final Map<String, Set<String>> LEAKED =
      Map.of(
          "pair", Set.of("/lr-osc", "/lr-div"),
          "chain", Set.of("/lr-osc", "/lr-div", "/lr-reg"),
          "diamond", Set.of("/lr-osc", "/lr-left", "/lr-right", "/lr-reg"),
          "consumer-first", Set.of("/lr-osc", "/lr-div"),
          "stacked-upper", Set.of("/lr-osc", "/lr-div", "/lr-osc2", "/lr-div2"));

  @DataProvider
  public Object[][] recorded() {
    return Recorded.all().stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  @Test(dataProvider = "recorded")
  public void conformsToTheModelOfItsKernel(Recorded recorded) {
    assertEquals(Verifier.judge(recorded.exercise(), recorded.trace()).findings(), List.of());
  }

  @Test(dataProvider = "recorded")
  public void tellsWhatTheKernelReported(Recorded recorded) {
    Set<String> leaked =
        recorded.policy().equals(Recorded.LEAKING)
            ? LEAKED.getOrDefault(recorded.shape(), Set.of())
            : Set.of();
    assertEquals(Verifier.judge(recorded.exercise(), recorded.trace()).leaked(), leaked);
  }

  @Test(dataProvider = "recorded")
  public void countsWhatItJudged(Recorded recorded) {
    Verdict verdict = Verifier.judge(recorded.exercise(), recorded.trace());
    assertEquals(verdict.events(), recorded.trace().events().size());
  }

  /** One cycle of some 16,000: a count read before two puts of another processor, stamped after. */
  @Test
  public void aCountMayBeOlderThanItsEvent() {
    Recorded early =
        new Recorded("pair", new Policy(Release.DEDICATED_WQ, Fix.SRCU_BARRIER, Grace.SLOW));
    assertEquals(Verifier.judge(early.exercise(), early.trace()).findings(), List.of());
  }

  /** Recorded on a busy machine: two callbacks ran between reading a count and reporting it. */
  @Test
  public void aCountMayBeReportedLongAfterItWasRead() {
    Recorded late = new Recorded("fan-in", new Policy(Release.CALL_SRCU, Fix.NONE, Grace.SLOW));
    assertEquals(Verifier.judge(late.exercise(), late.trace()).findings(), List.of());
  }

  @DataProvider
  public Object[][] unbound() {
    return Recorded.allUnbound().stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  @Test(dataProvider = "unbound")
  public void anUnbindingBeforeTheRemovalConformsToTheModelOfItsKernel(Recorded recorded) {
    assertEquals(Verifier.judge(recorded.exercise(), recorded.trace()).findings(), List.of());
  }

  /** Thread 000: the synchronous release comes too early, the flag does not. */
  @Test
  public void anUnbindingDefeatsTheSynchronousReleaseButNotTheFlag() {
    assertEquals(unbound(Recorded.TOO_EARLY).leaked(), Set.of("/lr-source", "/lr-sink"));
    assertEquals(unbound(Recorded.FLAGGED).leaked(), Set.of());
    assertEquals(unbound(Recorded.WAITED).leaked(), Set.of());
  }

  /** A grace period of some jiffies, which the flag makes the one wait for who unbinds. */
  @Test
  public void theFlagsPriceIsAnUnbindingThatWaits() {
    long flagged = unbound(Recorded.FLAGGED).seen().get(0).unbinding();
    assertTrue(flagged > 20_000);
    assertTrue(flagged > 2 * unbound(Recorded.TOO_EARLY).seen().get(0).unbinding());
  }

  private static Verdict unbound(Policy policy) {
    Recorded recorded = new Recorded("devlink/autoremove-pair", policy, Situation.UNBIND, false);
    return Verifier.judge(recorded.exercise(), recorded.trace());
  }

  @DataProvider
  public Object[][] mistakenUnbindings() {
    return new Object[][] {
      {Recorded.TOO_EARLY, Recorded.FLAGGED},
      {Recorded.FLAGGED, Recorded.TOO_EARLY},
      {Recorded.TOO_EARLY, Recorded.WAITED},
      {Recorded.FLAGGED, Recorded.WAITED},
      {Recorded.LEAKING, Recorded.FLAGGED},
      {Recorded.LEAKING, Recorded.WAITED},
    };
  }

  @Test(dataProvider = "mistakenUnbindings")
  public void anUnbindingDiffersFromThatOfAnotherKernel(Policy policy, Policy other) {
    Recorded recorded = new Recorded("devlink/autoremove-pair", policy, Situation.UNBIND, false);
    assertFalse(Verifier.judge(recorded.exercise(other), recorded.trace()).conforms());
  }

  /** The known-bad: commit 80dd33cf72d1 made it a work item for that. */
  @Test
  public void anSrcuCallbackMayNotReleaseADeviceThatSleeps() {
    Recorded slept = Recorded.SLEPT;
    Verdict verdict = Verifier.judge(slept.exercise(), slept.trace());
    assertEquals(verdict.findings(), List.of());
    assertEquals(verdict.broken(), Set.of("the release of lr-source sleeps in an SRCU callback"));
    Policy queued = new Policy(Release.SYSTEM_WQ, Fix.NONE, Grace.SLOW);
    assertTrue(
        Verifier.judge(slept.exercise(queued), slept.trace()).findings().stream()
            .anyMatch(finding -> finding.seen().contains("sleeping function called")));
  }

  @DataProvider
  public Object[][] delayed() {
    return Recorded.allDelayed().stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  @Test(dataProvider = "delayed")
  public void aLateReleaseConformsToTheModelWithTheDelaysThatWereDrawn(Recorded recorded) {
    assertEquals(Verifier.judge(recorded.exercise(), recorded.trace()).findings(), List.of());
  }

  @Test(dataProvider = "delayed")
  public void aLateReleaseDiffersFromAKernelThatReleasesAtOnce(Recorded recorded) {
    Policy policy = recorded.policy();
    Policy prompt = new Policy(policy.release(), policy.fix(), policy.grace());
    assertFalse(Verifier.judge(recorded.exercise(prompt), recorded.trace()).conforms());
  }

  @DataProvider
  public Object[][] leaking() {
    List<Policy> clean =
        List.of(
            Recorded.WAITED,
            Recorded.BARRIER,
            Recorded.AT_ONCE,
            new Policy(Release.SYSTEM_WQ, Fix.SYNC_OVERLAY, Grace.SLOW),
            new Policy(Release.DEDICATED_WQ, Fix.WAIT_REMOVAL, Grace.ANY));
    return pairs(Recorded.LEAKING, clean);
  }

  @Test(dataProvider = "leaking")
  public void aLeakDiffersFromAKernelThatWaits(Recorded recorded, Policy policy) {
    assertFalse(Verifier.judge(recorded.exercise(policy), recorded.trace()).conforms());
  }

  @DataProvider
  public Object[][] waited() {
    List<Policy> leaking =
        List.of(
            Recorded.LEAKING,
            new Policy(Release.DEDICATED_WQ, Fix.NONE, Grace.SLOW),
            new Policy(Release.CALL_SRCU, Fix.WAIT_REMOVAL, Grace.SLOW));
    List<Object[]> pairs = new ArrayList<>();
    for (Policy clean : List.of(Recorded.WAITED, Recorded.BARRIER, Recorded.AT_ONCE)) {
      pairs.addAll(List.of(pairs(clean, leaking)));
    }
    return pairs.toArray(Object[][]::new);
  }

  @Test(dataProvider = "waited")
  public void aWaitDiffersFromAKernelWhoseSlowGracePeriodsNobodyWaitsFor(
      Recorded recorded, Policy policy) {
    assertFalse(Verifier.judge(recorded.exercise(policy), recorded.trace()).conforms());
  }

  /** Each trace of a shape that can leak, with each of these policies. */
  private static Object[][] pairs(Policy recorded, List<Policy> others) {
    return LEAKED.keySet().stream()
        .sorted()
        .flatMap(shape -> others.stream().map(p -> new Object[] {new Recorded(shape, recorded), p}))
        .toArray(Object[][]::new);
  }

  @DataProvider
  public Object[][] shapes() {
    return Recorded.SHAPES.stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  /** Which interleaving a kernel shows is in the model of any timing, if nobody waits. */
  @Test(dataProvider = "shapes")
  public void aSlowLeakIsAmongWhatAnyTimingMayShow(String shape) {
    Recorded recorded = new Recorded(shape, Recorded.LEAKING);
    Policy any = new Policy(Release.SYSTEM_WQ, Fix.NONE, Grace.ANY);
    assertEquals(Verifier.judge(recorded.exercise(any), recorded.trace()).findings(), List.of());
  }

  @DataProvider
  public Object[][] otherMechanisms() {
    return new Object[][] {
      {Recorded.LEAKING, new Policy(Release.CALL_SRCU, Fix.NONE, Grace.SLOW)},
      {Recorded.BARRIER, new Policy(Release.SYSTEM_WQ, Fix.SYNC_OVERLAY, Grace.SLOW)},
      {Recorded.AT_ONCE, new Policy(Release.DEDICATED_WQ, Fix.WAIT_REMOVAL, Grace.ANY)},
    };
  }

  /** Even where the references go the same way. */
  @Test(dataProvider = "otherMechanisms")
  public void aReleaseByAnotherMechanismDiffers(Policy recorded, Policy claimed) {
    Recorded pair = new Recorded("pair", recorded);
    assertFalse(Verifier.judge(pair.exercise(claimed), pair.trace()).conforms());
  }

  @Test
  public void anotherOverlaysTraceDiffers() {
    Recorded pair = new Recorded("pair", Recorded.LEAKING);
    Recorded chain = new Recorded("chain", Recorded.LEAKING);
    assertFalse(Verifier.judge(pair.exercise(), chain.trace()).conforms());
  }

  @DataProvider
  public Object[][] edits() {
    return new Object[][] {
      {"end remove=pair removed", "end remove=pair refused No such device", Finding.Type.RESULT},
      {"end bound=lr-osc,lr-div bound", "end bound=lr-osc,lr-div waiting", Finding.Type.RESULT},
      {"name=\"platform:lr-osc--", "name=\"platform:lr-oscar--", Finding.Type.ORDER},
      {"console: OF: ERROR: memory leak, e", "console: OF: ok, e", Finding.Type.ORDER},
      {"before free overlay changeset,  /lr-osc", "is gone", Finding.Type.LOG},
      {
        "before free overlay changeset,  /lr-osc",
        "before free overlay changeset,  /lr-x",
        Finding.Type.LOG
      },
      {
        "console: OF: ERROR: memory leak before",
        "console: WARNING: CPU: 0 PID: 1 at lib/refcount.c",
        Finding.Type.LOG
      },
      {"attach overlay node /lr-div", "attach overlay node /lr-x", Finding.Type.ORDER},
    };
  }

  @Test(dataProvider = "edits")
  public void findsWhatDiffers(String seen, String instead, Finding.Type type) {
    Recorded pair = new Recorded("pair", Recorded.LEAKING);
    String edited = pair.text().replace(seen, instead);
    List<Finding> findings =
        Verifier.judge(pair.exercise(), TraceReader.read(edited, "edited")).findings();
    assertEquals(findings.stream().anyMatch(each -> each.type() == type), true, "" + findings);
  }
}
