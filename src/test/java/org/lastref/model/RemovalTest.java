package org.lastref.model;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.lastref.model.Population.Link;
import org.lastref.model.Removal.State;
import org.lastref.model.Removal.Step;
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

  private static final Set<String> OSC = Set.of("/lr-osc");
  private static final Set<String> DIV = Set.of("/lr-div");
  private static final Set<String> BOTH = Set.of("/lr-osc", "/lr-div");
  private static final Set<String> CLEAN = Set.of();

  private final Map<String, Population> populations = new HashMap<>();
  private final Map<String, Outcomes> outcomes = new HashMap<>();

  private Population populated(String overlay) {
    return populations.computeIfAbsent(overlay, PopulatorTest::populated);
  }

  private Outcomes outcomes(String overlay, Release release, Fix fix, Grace grace) {
    return outcomes(overlay, new Policy(release, fix, grace));
  }

  private Outcomes outcomes(String overlay, Policy policy) {
    return outcomes.computeIfAbsent(
        overlay + " " + policy, id -> Outcomes.of(new Removal(populated(overlay), policy)));
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
    assertEquals(
        outcomes("pair", release, Fix.NONE, Grace.ANY).reported(), Set.of(CLEAN, OSC, DIV, BOTH));
  }

  @Test(dataProvider = "releases")
  public void aPairLeaksBothNodesIfNobodyWaitsAndGracePeriodsAreSlow(Release release) {
    assertEquals(outcomes("pair", release, Fix.NONE, Grace.SLOW).reported(), Set.of(BOTH));
  }

  /** The supplier's node is checked first, and by the time it is free the consumer's is too. */
  @Test(dataProvider = "releases")
  public void aConsumerThatComesFirstNeverLeaksAlone(Release release) {
    assertEquals(
        outcomes("consumer-first", release, Fix.NONE, Grace.ANY).reported(),
        Set.of(CLEAN, OSC, BOTH));
  }

  @Test(dataProvider = "releases")
  public void aSupplierOutsideOfTheOverlayNeverLeaks(Release release) {
    assertEquals(
        outcomes("base-supplier", release, Fix.NONE, Grace.ANY).reported(),
        Set.of(CLEAN, Set.of("/lr-io")));
  }

  /** The barrier does not wait for what a work item does after its grace period. */
  @Test(dataProvider = "workQueues")
  public void aBarrierPromisesNothingOfWorkItems(Release release) {
    assertEquals(
        outcomes("pair", release, Fix.SRCU_BARRIER, Grace.SLOW).reported(),
        Set.of(CLEAN, OSC, DIV, BOTH));
  }

  @DataProvider
  public Object[][] othersReleases() {
    return new Object[][] {{Release.CALL_SRCU}, {Release.SYSTEM_WQ}};
  }

  @Test(dataProvider = "othersReleases")
  public void flushingTheDedicatedQueueDoesNothingForOtherReleases(Release release) {
    for (Grace grace : Grace.values()) {
      assertEquals(
          outcomes("chain", release, Fix.WAIT_REMOVAL, grace),
          outcomes("chain", release, Fix.NONE, grace));
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
    assertEquals(outcomes(overlay, Release.SYSTEM_WQ, Fix.NONE, Grace.ANY).reported().size(), ends);
  }

  @Test(dataProvider = "cases")
  public void isAlwaysCleanJustWhereThereIsNoLinkOrSomebodyWaits(String overlay, Policy policy) {
    boolean noLink = populated(overlay).links().isEmpty();
    assertEquals(outcomes(overlay, policy).alwaysClean(), noLink || policy.waits());
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
          outcomes(overlay, release, fix, Grace.SLOW).reported(),
          Set.of(linked(populated(overlay))),
          overlay);
    }
  }

  @DataProvider
  public Object[][] waiting() {
    return Policy.all().stream()
        .filter(Policy::waits)
        .map(each -> new Object[] {each})
        .toArray(Object[][]::new);
  }

  @Test
  public void somebodyWaitsUnderFiveOfTheTwelveKernels() {
    // Three releases at once, the barrier for callbacks, the flush of the dedicated queue.
    assertEquals(waiting().length, 2 * (3 + 1 + 1));
  }

  @Test(dataProvider = "waiting")
  public void sixLinksOfOneSupplierAreWaitedForToo(Policy policy) {
    assertTrue(outcomes("fan-out", policy.release(), policy.fix(), Grace.SLOW).alwaysClean());
  }

  @Test(dataProvider = "cases")
  public void standsStillOnlyAtTheEnd(String overlay, Policy policy) {
    Removal removal = new Removal(populated(overlay), policy);
    for (State state : reachable(removal)) {
      assertEquals(removal.steps(state).isEmpty(), removal.isFinal(state));
    }
  }

  @Test(dataProvider = "cases")
  public void reportsNothingBeforeItsFirstStep(String overlay, Policy policy) {
    Removal removal = new Removal(populated(overlay), policy);
    assertEquals(removal.reported(removal.initial()), Set.of());
  }

  @Test(dataProvider = "cases")
  public void searchesEveryStateOfASmallOverlay(String overlay, Policy policy) {
    assertTrue(outcomes(overlay, policy).complete());
  }

  @Test(dataProvider = "policies")
  public void slowGracePeriodsAllowNothingThatAnyDoNot(Policy policy) {
    for (String overlay : SMALL) {
      Outcomes any = outcomes(overlay, policy.release(), policy.fix(), Grace.ANY);
      Outcomes slow = outcomes(overlay, policy.release(), policy.fix(), Grace.SLOW);
      assertTrue(any.reported().containsAll(slow.reported()), overlay);
    }
  }

  @Test
  public void allowsOnlyWhatMayBeReported() {
    Outcomes outcomes = outcomes("consumer-first", Release.SYSTEM_WQ, Fix.NONE, Grace.ANY);
    assertTrue(outcomes.reported().contains(OSC));
    assertFalse(outcomes.reported().contains(DIV));
  }

  private static Set<String> linked(Population population) {
    Set<String> paths = new HashSet<>();
    for (Link link : population.links()) {
      population.devices().stream()
          .filter(device -> link.touches(device.name()))
          .forEach(device -> paths.add(device.path()));
    }
    return paths;
  }

  private static Set<State> reachable(Removal removal) {
    Set<State> known = new HashSet<>(Set.of(removal.initial()));
    Deque<State> open = new ArrayDeque<>(known);
    while (!open.isEmpty()) {
      for (Step step : removal.steps(open.remove())) {
        if (known.add(step.next())) {
          open.add(step.next());
        }
      }
    }
    return known;
  }
}
