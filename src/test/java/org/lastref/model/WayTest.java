package org.lastref.model;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.lastref.machine.Agent;
import org.lastref.machine.Engine;
import org.lastref.machine.Engine.Taken;
import org.lastref.machine.Exploration;
import org.lastref.machine.Explorer;
import org.lastref.machine.Label;
import org.lastref.machine.Machine;
import org.lastref.machine.Outcome;
import org.lastref.machine.Step;
import org.lastref.machine.Variable;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** How an outcome is explained, and how counts go over time. */
public class WayTest {

  private static final long MEMORY = 64 << 20;

  private static final Policy QUEUED = new Policy(Release.SYSTEM_WQ, Fix.NONE, Grace.ANY);
  private static final Policy WAITED =
      new Policy(Release.DEDICATED_WQ, Fix.WAIT_REMOVAL, Grace.ANY);
  private static final Policy UNLOCKED =
      new Policy(Release.DEDICATED_WQ, Fix.WAIT_UNLOCKED, Grace.ANY);

  private static Machine machine(String overlay, Policy policy, Situation situation) {
    return Removal.of(OverlayApplierTest.populated(overlay), policy, situation);
  }

  private static Exploration explored(Machine machine) {
    return Explorer.search(machine, MEMORY, (states, open) -> {});
  }

  private static Way way(Machine machine, String outcome) {
    Exploration found = explored(machine);
    return found.outcomes().stream()
        .filter(each -> each.toString().equals(outcome))
        .findFirst()
        .map(each -> Way.to(each, found, machine))
        .orElseThrow();
  }

  @DataProvider
  public Object[][] machines() {
    return new Object[][] {
      {machine("pair", QUEUED, Situation.REMOVE)},
      {machine("chain", QUEUED, Situation.REMOVE)},
      {machine("chain", QUEUED.withDelayedRelease(), Situation.REMOVE)},
      {machine("devlink/autoremove-pair", WAITED, Situation.UNBIND)},
      {machine("pair", WAITED, Situation.PROBE)},
      {machine("pair", WAITED, Situation.READ)},
      {machine("pair", UNLOCKED, Situation.TWICE)},
      {machine("properties", QUEUED, Situation.REMOVE)},
    };
  }

  /** Step by step through an engine, which is not how the search finds them. */
  @Test(dataProvider = "machines")
  public void leadsToItsOutcome(Machine machine) {
    Exploration found = explored(machine);
    Engine engine = new Engine(machine);
    for (Outcome outcome : found.outcomes()) {
      long[] state = engine.initial();
      for (Taken taken : Way.to(outcome, found, machine).steps()) {
        state = after(engine, state, taken);
      }
      assertEquals(engine.outcome(state), outcome);
    }
  }

  private static long[] after(Engine engine, long[] state, Taken taken) {
    long[] next = new long[engine.maxSteps() * engine.words()];
    int[] numbers = new int[engine.maxSteps()];
    int count = engine.expand(state, 0, next, numbers);
    for (int i = 0; i < count; i++) {
      if (engine.step(numbers[i]).equals(taken)) {
        return Arrays.copyOfRange(next, i * engine.words(), (i + 1) * engine.words());
      }
    }
    throw new AssertionError("cannot be taken: " + taken);
  }

  @Test(dataProvider = "machines")
  public void saysWhy(Machine machine) {
    Exploration found = explored(machine);
    for (Outcome outcome : found.outcomes()) {
      Way way = Way.to(outcome, found, machine);
      assertTrue(way.decisive() >= -1 && way.decisive() < way.steps().size(), "" + outcome);
      assertTrue(!way.because().isBlank(), "" + outcome);
    }
  }

  private static Label decisive(Way way) {
    return Objects.requireNonNull(way.steps().get(way.decisive()).step().label());
  }

  @Test
  public void isDecidedByTheReportThatComesBeforeThePut() {
    Way way = way(machine("pair", QUEUED, Situation.REMOVE), "reports /lr-div");
    assertEquals(decisive(way).act(), OfCore.REPORT_NODE);
    assertEquals(
        way.because(),
        "report(/lr-div) by remover comes before of_node_put(/lr-div) by link lr-osc--lr-div");
  }

  @Test
  public void namesTheOtherNodesThatAreReported() {
    Way way = way(machine("pair", QUEUED, Situation.REMOVE), "reports /lr-div /lr-osc");
    assertTrue(way.because().endsWith(", and so for /lr-osc"), way.because());
  }

  @Test
  public void isCleanByTheLastPutOfAnother() {
    Way way = way(machine("pair", QUEUED, Situation.REMOVE), "clean");
    assertEquals(decisive(way).act(), Bus.PLATFORM.putsNode());
    assertEquals(
        way.because(),
        "of_node_put(/lr-osc) by link lr-osc--lr-div returns the last reference of another holder"
            + " in time");
  }

  @Test
  public void isDecidedByNothingIfOnlyTheChangesetHoldsNodes() {
    Way way = way(machine("properties", QUEUED, Situation.REMOVE), "clean");
    assertEquals(way.decisive(), -1);
    assertEquals(way.because(), "nothing but the changeset holds a node");
  }

  @Test
  public void isForbiddenByTheStepThatNoKernelMayTake() {
    Machine machine = machine("pair", UNLOCKED, Situation.TWICE);
    Way way = way(machine, "a changeset is reverted while it is destroyed");
    assertTrue(
        way.because()
            .startsWith("mutex_lock(&of_mutex); idr_find() finds the changeset once more by"),
        way.because());
  }

  /** A machine of two that take two locks in opposite orders. */
  @Test
  public void saysWhatEachWaitsForInADeadlock() {
    Variable first = new Variable(0, "first", 0, 1);
    Variable second = new Variable(1, "second", 0, 1);
    Agent one = locks("one", new Variable(2, "one at", 0, 2), first, second);
    Agent two = locks("two", new Variable(3, "two at", 0, 2), second, first);
    Machine machine =
        new Machine(
            "locks",
            List.of(first, second, one.position(), two.position()),
            List.of(one, two),
            List.of());
    Way way = way(machine, "deadlock: one never goes on; deadlock: two never goes on");
    assertTrue(
        way.because().endsWith("one waits for ever: second is 0; two waits for ever: first is 0"),
        way.because());
  }

  private static Agent locks(String name, Variable at, Variable former, Variable latter) {
    return new Agent(
        name,
        at,
        List.of(
            new Step(
                0, 1, List.of(former.is(0)), List.of(former.becomes(1)), null, "locks", "lock()"),
            new Step(
                1, 2, List.of(latter.is(0)), List.of(latter.becomes(1)), null, "locks", "lock()")),
        Set.of(2));
  }

  @Test
  public void countsBeginWithEveryHoldAndEndWithNoneIfTheRemovalWaits() {
    AppliedOverlay pair = OverlayApplierTest.populated("pair");
    Machine machine = machine("pair", WAITED, Situation.REMOVE);
    List<Phase> phases = Phase.of(explored(machine), machine, pair);
    assertEquals(phases.get(0).after(), "");
    pair.nodes()
        .forEach(
            node -> {
              int holds = Refcounts.of(node, pair).size();
              assertEquals(
                  phases.get(0).counts().get(node.path()), new Exploration.Band(holds, holds));
            });
    phases.get(phases.size() - 1).counts().values().forEach(b -> assertEquals(b.high(), 0));
  }

  @Test
  public void noPhaseHasTheCountsOfTheOneBefore() {
    Machine machine = machine("chain", QUEUED, Situation.REMOVE);
    List<Phase> phases =
        Phase.of(explored(machine), machine, OverlayApplierTest.populated("chain"));
    for (int i = 1; i < phases.size(); i++) {
      assertTrue(!phases.get(i).counts().equals(phases.get(i - 1).counts()), "" + i);
    }
  }

  @Test
  public void aNodeIsHeldAtTheEndInSomeWayOnlyIfItMayBeReported() {
    Machine machine = machine("pair", QUEUED, Situation.REMOVE);
    List<Phase> phases = Phase.of(explored(machine), machine, OverlayApplierTest.populated("pair"));
    assertEquals(
        Set.copyOf(phases.get(phases.size() - 1).counts().values()),
        Set.of(new Exploration.Band(0, 1)));
  }

  @Test
  public void aReportIsAmongThePossibleStepsOnlyIfSomeWayHasIt() {
    assertTrue(mayReport(QUEUED));
    assertTrue(!mayReport(WAITED));
  }

  private static boolean mayReport(Policy policy) {
    return explored(machine("pair", policy, Situation.REMOVE)).labels().stream()
        .anyMatch(label -> label.act() == OfCore.REPORT_NODE);
  }
}
