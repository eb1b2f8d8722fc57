package org.lastref.model;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lastref.machine.Doer;
import org.lastref.machine.Exploration;
import org.lastref.machine.Explorer;
import org.lastref.machine.Label;
import org.lastref.machine.Outcome;
import org.lastref.model.AppliedOverlay.Link;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** In which ways a removal may end. */
public class RemovalTest {

  /** All but those that have some 100,000 states and more. */
  private static final List<String> SMALL =
      List.of(
          "base-supplier",
          "chain",
          "consumer-first",
          "cycle",
          "diamond",
          "disabled",
          "leds",
          "nested",
          "one-node",
          "pair",
          "properties",
          "stacked-upper",
          "supply");

  private static final long MEMORY = 256 << 20;

  private static final Set<String> OSC = Set.of("/lr-osc");
  private static final Set<String> DIV = Set.of("/lr-div");
  private static final Set<String> BOTH = Set.of("/lr-osc", "/lr-div");
  private static final Set<String> CLEAN = Set.of();

  private final Map<String, AppliedOverlay> populations = new HashMap<>();
  private final Map<String, Exploration> explored = new HashMap<>();

  private AppliedOverlay populated(String overlay) {
    return populations.computeIfAbsent(overlay, OverlayApplierTest::populated);
  }

  private Exploration explored(String overlay, Release release, Fix fix, Grace grace) {
    return explored(overlay, new Policy(release, fix, grace), Situation.REMOVE);
  }

  private Exploration explored(String overlay, Policy policy, Situation situation) {
    return explored.computeIfAbsent(
        overlay + " " + policy + " " + situation,
        id ->
            Explorer.search(
                Removal.of(populated(overlay), policy, situation), MEMORY, (states, open) -> {}));
  }

  /** What may be reported, if all goes well otherwise. */
  private Set<Set<String>> reported(String overlay, Release release, Fix fix, Grace grace) {
    return reported(overlay, new Policy(release, fix, grace), Situation.REMOVE);
  }

  private Set<Set<String>> reported(String overlay, Policy policy, Situation situation) {
    Exploration found = explored(overlay, policy, situation);
    assertTrue(found.complete());
    Set<Set<String>> reported = new HashSet<>();
    for (Outcome outcome : found.outcomes()) {
      assertTrue(outcome.grade() != Outcome.Grade.FORBIDDEN, outcome.toString());
      reported.add(outcome.reported());
    }
    return reported;
  }

  /** Whether a released link has let go before the changeset is destroyed, whatever the timing. */
  private static boolean waits(Policy policy) {
    return switch (policy.fix()) {
      case NONE, WAIT_BEFORE_LOCK -> false;
      case SRCU_BARRIER -> policy.release() == Release.CALL_SRCU;
      case SYNC_OVERLAY, FLAG_OVERLAY -> true;
      case WAIT_REMOVAL, WAIT_UNLOCKED -> policy.release() == Release.DEDICATED_WQ;
    };
  }

  @DataProvider
  public Object[][] releases() {
    return new Object[][] {{Release.CALL_SRCU}, {Release.SYSTEM_WQ}, {Release.DEDICATED_WQ}};
  }

  @DataProvider
  public Object[][] workQueues() {
    return new Object[][] {{Release.SYSTEM_WQ}, {Release.DEDICATED_WQ}};
  }

  @DataProvider
  public Object[][] policies() {
    return Policy.all().stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  @DataProvider
  public Object[][] cases() {
    List<Object[]> cases = new ArrayList<>();
    for (String overlay : SMALL) {
      for (Policy policy : Policy.all()) {
        cases.add(new Object[] {overlay, policy});
      }
    }
    return cases.toArray(Object[][]::new);
  }

  /**
   * The link returns the consumer's node, then the supplier's; each is checked once, in between.
   */
  @Test(dataProvider = "releases")
  public void aPairMayEndInEveryWayIfNobodyWaits(Release release) {
    assertEquals(reported("pair", release, Fix.NONE, Grace.ANY), Set.of(CLEAN, OSC, DIV, BOTH));
  }

  @Test(dataProvider = "releases")
  public void aPairLeaksBothNodesIfNobodyWaitsAndGracePeriodsAreSlow(Release release) {
    assertEquals(reported("pair", release, Fix.NONE, Grace.SLOW), Set.of(BOTH));
  }

  /** The supplier's node is checked first, and by the time it is free the consumer's is too. */
  @Test(dataProvider = "releases")
  public void aConsumerThatComesFirstNeverLeaksAlone(Release release) {
    assertEquals(
        reported("consumer-first", release, Fix.NONE, Grace.ANY), Set.of(CLEAN, OSC, BOTH));
  }

  @Test(dataProvider = "releases")
  public void aSupplierOutsideOfTheOverlayNeverLeaks(Release release) {
    assertEquals(
        reported("base-supplier", release, Fix.NONE, Grace.ANY), Set.of(CLEAN, Set.of("/lr-io")));
  }

  /** The barrier does not wait for what a work item does after its grace period. */
  @Test(dataProvider = "workQueues")
  public void aBarrierPromisesNothingOfWorkItems(Release release) {
    assertEquals(
        reported("pair", release, Fix.SRCU_BARRIER, Grace.SLOW), Set.of(CLEAN, OSC, DIV, BOTH));
  }

  @DataProvider
  public Object[][] othersReleases() {
    return new Object[][] {{Release.CALL_SRCU}, {Release.SYSTEM_WQ}};
  }

  @Test(dataProvider = "othersReleases")
  public void flushingTheDedicatedQueueDoesNothingForOtherReleases(Release release) {
    for (Grace grace : Grace.values()) {
      assertEquals(
          reported("chain", release, Fix.WAIT_REMOVAL, grace),
          reported("chain", release, Fix.NONE, grace));
    }
  }

  @DataProvider
  public Object[][] numbersOfEnds() {
    return new Object[][] {
      {"chain", 8}, {"diamond", 16}, {"disabled", 4}, {"nested", 4}, {"supply", 4},
    };
  }

  /** Every node at an end of a link may be reported or not, whatever becomes of the others. */
  @Test(dataProvider = "numbersOfEnds")
  public void nodesLeakIndependentlyIfNobodyWaits(String overlay, int ends) {
    assertEquals(reported(overlay, Release.SYSTEM_WQ, Fix.NONE, Grace.ANY).size(), ends);
  }

  @Test(dataProvider = "cases")
  public void isAlwaysCleanJustWhereThereIsNoLinkOrSomebodyWaits(String overlay, Policy policy) {
    boolean noLink = populated(overlay).links().isEmpty();
    assertEquals(
        explored(overlay, policy, Situation.REMOVE).alwaysClean(), noLink || waits(policy));
  }

  @DataProvider
  public Object[][] slowAndNotWaitedFor() {
    return new Object[][] {
      {Release.CALL_SRCU, Fix.NONE},
      {Release.SYSTEM_WQ, Fix.NONE},
      {Release.DEDICATED_WQ, Fix.NONE},
      {Release.CALL_SRCU, Fix.WAIT_REMOVAL},
      {Release.SYSTEM_WQ, Fix.WAIT_REMOVAL},
    };
  }

  @Test(dataProvider = "slowAndNotWaitedFor")
  public void reportsEveryNodeThatALinkHoldsIfGracePeriodsAreSlow(Release release, Fix fix) {
    for (String overlay : SMALL) {
      assertEquals(
          reported(overlay, release, fix, Grace.SLOW), Set.of(linked(populated(overlay))), overlay);
    }
  }

  @DataProvider
  public Object[][] waiting() {
    return Policy.all().stream()
        .filter(RemovalTest::waits)
        .map(each -> new Object[] {each})
        .toArray(Object[][]::new);
  }

  @Test
  public void somebodyWaitsUnderEightOfTheFifteenKernels() {
    // Twice three releases at once, the barrier for callbacks, the flush of the dedicated queue.
    assertEquals(waiting().length, 2 * (3 + 3 + 1 + 1));
  }

  @Test(dataProvider = "waiting")
  public void sixLinksOfOneSupplierAreWaitedForToo(Policy policy) {
    assertTrue(explored("fan-out", policy.release(), policy.fix(), Grace.SLOW).alwaysClean());
  }

  @Test(dataProvider = "cases")
  public void everyEndOfASmallOverlaysRemovalIsFoundAndNoneIsForbidden(
      String overlay, Policy policy) {
    assertFalse(reported(overlay, policy, Situation.REMOVE).isEmpty());
  }

  @DataProvider
  public Object[][] situations() {
    List<Object[]> cases = new ArrayList<>();
    for (Situation situation : Situation.modelled()) {
      for (Policy policy : Policy.all()) {
        cases.add(new Object[] {situation, policy});
      }
    }
    return cases.toArray(Object[][]::new);
  }

  @Test(dataProvider = "situations")
  public void noSituationLeadsAKernelOfABoardToADeadlock(Situation situation, Policy policy) {
    for (String overlay : List.of("chain", "devlink/autoremove-pair")) {
      assertFalse(reported(overlay, policy, situation).isEmpty());
    }
  }

  /** The links are queued inside of the removal, so there is nothing to wait for yet. */
  @Test
  public void waitingBeforeTheLockWaitsForNothing() {
    assertEquals(
        reported("chain", Release.DEDICATED_WQ, Fix.WAIT_BEFORE_LOCK, Grace.ANY),
        reported("chain", Release.DEDICATED_WQ, Fix.NONE, Grace.ANY));
  }

  @Test
  public void waitingUnlockedIsCleanForOneThread() {
    assertEquals(
        reported("chain", Release.DEDICATED_WQ, Fix.WAIT_UNLOCKED, Grace.ANY), Set.of(CLEAN));
  }

  /** While the lock is let go, the changeset is reverted but can still be found. */
  @Test
  public void waitingUnlockedLetsASecondThreadRevertWhatIsReverted() {
    Policy policy = new Policy(Release.DEDICATED_WQ, Fix.WAIT_UNLOCKED, Grace.ANY);
    assertTrue(
        explored("pair", policy, Situation.TWICE).outcomes().stream()
            .anyMatch(outcome -> outcome.grade() == Outcome.Grade.FORBIDDEN));
  }

  @Test
  public void twoThreadsThatRemoveAreAsGoodAsOneIfTheLockIsHeld() {
    for (Policy policy : Policy.all()) {
      assertEquals(
          reported("pair", policy, Situation.TWICE), reported("pair", policy, Situation.REMOVE));
    }
  }

  private static final Policy SYNC = new Policy(Release.DEDICATED_WQ, Fix.SYNC_OVERLAY, Grace.ANY);
  private static final Set<String> SOURCE = Set.of("/lr-source");
  private static final Set<String> SINK = Set.of("/lr-sink");
  private static final Set<String> EITHER = Set.of("/lr-source", "/lr-sink");

  /** Thread 000: the node is not detached yet when the link goes, so its release is queued. */
  @Test
  public void unbindingFirstDefeatsTheSynchronousReleaseOfADriversLinks() {
    for (Release release : Release.values()) {
      for (Grace grace : Grace.values()) {
        Policy policy = new Policy(release, Fix.SYNC_OVERLAY, grace);
        assertEquals(
            reported("devlink/autoremove-pair", policy, Situation.UNBIND),
            Set.of(CLEAN, SOURCE, SINK, EITHER));
        assertEquals(reported("devlink/autoremove-pair", policy, Situation.REMOVE), Set.of(CLEAN));
      }
    }
  }

  /** Links that were inferred stay until the devices go, whoever was unbound. */
  @Test
  public void unbindingFirstChangesNothingForInferredLinks() {
    assertEquals(reported("pair", SYNC, Situation.UNBIND), Set.of(CLEAN));
    for (Policy policy : Policy.all()) {
      assertEquals(
          reported("consumer-first", policy, Situation.UNBIND),
          reported("consumer-first", policy, Situation.REMOVE));
    }
  }

  /** Thread 000, the alternative named there; and what waits for all that was released before. */
  @Test
  public void whatWaitsButForTheSynchronousReleaseWaitsAfterAnUnbindingToo() {
    for (Policy policy : Policy.all()) {
      boolean clean = waits(policy) && policy.fix() != Fix.SYNC_OVERLAY;
      assertEquals(
          explored("devlink/autoremove-pair", policy, Situation.UNBIND).alwaysClean(), clean);
      assertEquals(
          explored("devlink/autoremove-fan", policy, Situation.UNBIND).alwaysClean(), clean);
    }
  }

  /** The cost of the flag: whoever unbinds does what a work item would have done. */
  @Test
  public void aFlaggedLinkIsReleasedByWhoUnbinds() {
    Policy flag = new Policy(Release.DEDICATED_WQ, Fix.FLAG_OVERLAY, Grace.ANY);
    Set<Label> labels = explored("devlink/autoremove-pair", flag, Situation.UNBIND).labels();
    assertTrue(labels.contains(putBy(Doers.UNBINDER)));
    assertFalse(labels.contains(putBy(Doers.WORK)));
    Set<Label> queued = explored("devlink/autoremove-pair", SYNC, Situation.UNBIND).labels();
    assertTrue(queued.contains(putBy(Doers.WORK)));
    assertFalse(queued.contains(putBy(Doers.UNBINDER)));
  }

  /** Commit 80dd33cf72d1: whoever puts a device last has to be allowed to sleep. */
  @Test
  public void onlyAnSrcuCallbackMayNotReleaseADeviceThatSleeps() {
    for (Policy policy : Policy.all()) {
      for (Situation situation : List.of(Situation.REMOVE, Situation.UNBIND)) {
        Exploration found = explored("devlink/sleepy-release", policy, situation);
        boolean last = policy.release() == Release.CALL_SRCU && !found.alwaysClean();
        assertEquals(
            found.outcomes().stream().anyMatch(outcome -> !outcome.broken().isEmpty()),
            last,
            policy + " " + situation);
      }
    }
  }

  private static Label putBy(Doer doer) {
    return new Label(Removal.LINK_PUTS_DEVICE, "lr-source", doer);
  }

  @Test
  public void aReaderMayBeTheOneThatStillHoldsANode() {
    assertEquals(reported("pair", SYNC, Situation.READ), Set.of(CLEAN, OSC, DIV));
  }

  /** Threads 000 and 001: then no fix helps. */
  @Test(dataProvider = "policies")
  public void delayedReleaseReportsEveryDevicesNode(Policy policy) {
    for (String overlay : List.of("pair", "chain", "one-node")) {
      Set<String> paths = new HashSet<>();
      populated(overlay).devices().forEach(device -> paths.add(device.path()));
      assertEquals(
          reported(overlay, policy.withDelayedRelease(), Situation.REMOVE), Set.of(paths), overlay);
    }
  }

  @Test(dataProvider = "policies")
  public void slowGracePeriodsAllowNothingThatAnyDoNot(Policy policy) {
    for (String overlay : SMALL) {
      assertTrue(
          reported(overlay, policy.release(), policy.fix(), Grace.ANY)
              .containsAll(reported(overlay, policy.release(), policy.fix(), Grace.SLOW)),
          overlay);
    }
  }

  @Test
  public void allowsOnlyWhatMayBeReported() {
    Set<Set<String>> reported = reported("consumer-first", Release.SYSTEM_WQ, Fix.NONE, Grace.ANY);
    assertTrue(reported.contains(OSC));
    assertFalse(reported.contains(DIV));
  }

  private static Set<String> linked(AppliedOverlay population) {
    Set<String> paths = new HashSet<>();
    for (Link link : population.links()) {
      population.devices().stream()
          .filter(device -> link.touches(device.name()))
          .forEach(device -> paths.add(device.path()));
    }
    return paths;
  }
}
