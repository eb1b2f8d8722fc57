package org.lastref.machine;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The search against one that is as plain as can be, and at its limits. */
public class ExplorerTest {

  private static final long MEMORY = 256 << 20;

  private static Exploration explored(Machine machine) {
    return Explorer.search(machine, MEMORY, (states, open) -> {});
  }

  /** Finds every state by the machine's own words; shares nothing with {@link Engine}. */
  private static final class Plain {
    private final Machine machine;
    private final Set<List<Integer>> known = new HashSet<>();
    private final Set<Outcome> outcomes = new HashSet<>();
    private long transitions;

    Plain(Machine machine) {
      this.machine = machine;
      Deque<List<Integer>> open = new ArrayDeque<>();
      open.add(machine.variables().stream().map(Variable::initial).toList());
      known.addAll(open);
      while (!open.isEmpty()) {
        List<Integer> state = open.remove();
        List<List<Integer>> next = next(state);
        transitions += next.size();
        if (next.isEmpty()) {
          outcomes.add(outcome(state));
        }
        for (List<Integer> each : next) {
          if (known.add(each)) {
            open.add(each);
          }
        }
      }
    }

    private List<List<Integer>> next(List<Integer> state) {
      List<List<Integer>> all = new ArrayList<>();
      for (Agent agent : machine.agents()) {
        for (Step step : agent.steps()) {
          if (state.get(agent.position().index()) == step.from()
              && step.guard().stream().allMatch(c -> c.allows(state.get(c.variable().index())))) {
            List<Integer> to = new ArrayList<>(state);
            for (Effect effect : step.effects()) {
              int i = effect.variable().index();
              to.set(i, effect.value() + (effect.relative() ? state.get(i) : 0));
            }
            to.set(agent.position().index(), step.to());
            all.add(to);
          }
        }
      }
      return all;
    }

    private Outcome outcome(List<Integer> state) {
      Outcome outcome = Outcome.none();
      for (Machine.Fact fact : machine.facts()) {
        if (state.get(fact.flag().index()) > 0) {
          outcome.add(fact);
        }
      }
      machine.agents().stream()
          .filter(agent -> !agent.rests().contains(state.get(agent.position().index())))
          .forEach(agent -> outcome.stuck().add(agent.name()));
      return outcome;
    }
  }

  @Test
  public void findsWhatAPlainSearchFinds() {
    int deadlocks = 0;
    Set<Integer> words = new HashSet<>();
    for (int seed = 0; seed < 300; seed++) {
      Machine machine = RandomMachine.of(seed);
      Exploration found = explored(machine);
      Plain plain = new Plain(machine);
      assertTrue(found.complete());
      assertEquals(found.states(), plain.known.size(), machine.name());
      assertEquals(found.transitions(), plain.transitions, machine.name());
      assertEquals(new HashSet<>(found.outcomes()), plain.outcomes, machine.name());
      deadlocks += found.outcomes().stream().anyMatch(end -> !end.stuck().isEmpty()) ? 1 : 0;
      words.add(new Engine(machine).words());
    }
    assertTrue(deadlocks > 30, "deadlocks: " + deadlocks);
    assertTrue(words.containsAll(Set.of(1, 2, 3)), "words: " + words);
  }

  /** Each step of a way has to be possible, and no way may be longer than the search was deep. */
  @Test
  public void aWayLeadsToItsEnd() {
    for (int seed = 0; seed < 100; seed++) {
      Machine machine = RandomMachine.of(seed);
      Exploration found = explored(machine);
      Engine engine = new Engine(machine);
      long[] next = new long[engine.maxSteps() * engine.words()];
      int[] numbers = new int[engine.maxSteps()];
      for (Outcome outcome : found.outcomes()) {
        long[] state = engine.initial();
        for (Engine.Taken taken : found.way(outcome)) {
          int count = engine.expand(state, 0, next, numbers);
          int i = 0;
          while (i < count && !engine.step(numbers[i]).equals(taken)) {
            i++;
          }
          assertTrue(i < count, machine.name() + " cannot " + taken);
          state = Arrays.copyOfRange(next, i * engine.words(), (i + 1) * engine.words());
        }
        assertEquals(engine.expand(state, 0, next, numbers), 0);
        assertEquals(engine.outcome(state), outcome);
        assertTrue(found.way(outcome).size() <= found.depth());
      }
    }
  }

  private static Agent locker(int position, Variable one, Variable other) {
    Variable at = new Variable(position, "at " + position, 0, 4);
    List<Step> steps =
        List.of(
            step(0, List.of(one.is(0)), one.becomes(1), "locks " + one.name()),
            step(1, List.of(other.is(0)), other.becomes(1), "locks " + other.name()),
            step(2, List.of(), other.becomes(0), "unlocks " + other.name()),
            step(3, List.of(), one.becomes(0), "unlocks " + one.name()));
    return new Agent("locker " + position, at, steps, Set.of(4));
  }

  private static Step step(int from, List<Condition> guard, Effect effect, String does) {
    return new Step(from, from + 1, guard, List.of(effect), null, does, "nowhere");
  }

  @DataProvider
  public Object[][] orders() {
    return new Object[][] {{true}, {false}};
  }

  @Test(dataProvider = "orders")
  public void twoLocksDeadlockIfTakenInOppositeOrder(boolean opposite) {
    Variable a = new Variable(0, "a", 0, 1);
    Variable b = new Variable(1, "b", 0, 1);
    Agent first = locker(2, a, b);
    Agent second = opposite ? locker(3, b, a) : locker(3, a, b);
    Machine machine =
        new Machine(
            "two locks",
            List.of(a, b, first.position(), second.position()),
            List.of(first, second),
            List.of());
    Exploration found = explored(machine);
    Outcome good = Outcome.none();
    if (!opposite) {
      assertEquals(found.outcomes(), Set.of(good));
      return;
    }
    Outcome deadlock = Outcome.none();
    deadlock.stuck().addAll(List.of("locker 2", "locker 3"));
    assertEquals(found.outcomes(), new TreeSet<>(Set.of(good, deadlock)));
    assertEquals(deadlock.grade(), Outcome.Grade.FORBIDDEN);
    assertEquals(
        new TreeSet<>(found.way(deadlock).stream().map(taken -> taken.step().does()).toList()),
        new TreeSet<>(Set.of("locks a", "locks b")));
  }

  /** Of this many agents that count to 7 each, there are 8 to their power of states. */
  private static Machine counting(int agents) {
    List<Variable> variables = new ArrayList<>();
    List<Agent> all = new ArrayList<>();
    for (int a = 0; a < agents; a++) {
      Variable at = new Variable(a, "at " + a, 0, 7);
      variables.add(at);
      List<Step> steps = new ArrayList<>();
      for (int from = 0; from < 7; from++) {
        steps.add(new Step(from, from + 1, List.of(), List.of(), null, "counts", "nowhere"));
      }
      all.add(new Agent("agent " + a, at, steps, Set.of(7)));
    }
    return new Machine("counting", variables, all, List.of());
  }

  @Test
  public void keepsToItsMemoryAndSaysThatItIsNotFinished() {
    Exploration found = Explorer.search(counting(8), 16 << 20, (states, open) -> {});
    assertFalse(found.complete());
    assertTrue(found.states() > 100_000, "" + found.states());
    assertFalse(found.alwaysClean());
  }

  @Test
  public void findsTwoMillionStates() {
    Exploration found = explored(counting(7));
    assertEquals(found.states(), 1 << 21);
    assertEquals(found.transitions(), 7L * 7 * (1 << 18));
    assertEquals(found.depth(), 49);
  }

  @Test
  public void namesTheStepThatLeavesAVariablesRange() {
    Variable refs = new Variable(0, "refs(x)", 0, 3);
    Variable at = new Variable(1, "at", 0, 1);
    Step step = new Step(0, 1, List.of(), List.of(refs.plus(-1)), null, "puts x", "nowhere");
    Machine machine =
        new Machine(
            "one put too many",
            List.of(refs, at),
            List.of(new Agent("putter", at, List.of(step), Set.of(1))),
            List.of());
    assertEquals(
        expectThrows(IllegalStateException.class, () -> explored(machine)).getMessage(),
        "one put too many: refs(x) becomes -1 by puts x of putter");
    assertThrows(IllegalStateException.class, () -> explored(machine));
  }
}
