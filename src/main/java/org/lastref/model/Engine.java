package org.lastref.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * A {@link Machine} made ready to run: states are packed into a few longs, a variable of a highest
 * value of 5 taking three bits, and steps into masks and sums. Immutable.
 */
public final class Engine {

  private final Machine machine;
  private final int words;
  private final int[] word;
  private final int[] shift;
  private final long[] mask;

  /** For each agent and position, the numbers of the steps from there. */
  private final int[][][] from;

  private final List<Taken> steps = new ArrayList<>();
  private final Compiled[] compiled;

  /** A step and whose it is. */
  public record Taken(Agent agent, Step step) {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Test(int word, int shift, long mask, long[] allowed) {}

  private record Sum(int word, int shift, long mask, int difference, Variable variable) {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Compiled(Test[] tests, Sum[] sums, long[] keep, long[] add) {}

  /** Prepares a machine. */
  public Engine(Machine machine) {
    this.machine = machine;
    int count = machine.variables().size();
    word = new int[count];
    shift = new int[count];
    mask = new long[count];
    int used = 0;
    int current = 0;
    for (Variable variable : machine.variables()) {
      int bits = 32 - Integer.numberOfLeadingZeros(variable.max());
      if (used + bits > Long.SIZE) {
        current++;
        used = 0;
      }
      word[variable.index()] = current;
      shift[variable.index()] = used & (Long.SIZE - 1);
      mask[variable.index()] = (1L << bits) - 1;
      used += bits;
    }
    words = current + 1;
    from = new int[machine.agents().size()][][];
    List<Compiled> all = new ArrayList<>();
    for (int a = 0; a < from.length; a++) {
      Agent agent = machine.agents().get(a);
      from[a] = new int[agent.position().max() + 1][];
      for (int position = 0; position < from[a].length; position++) {
        List<Integer> here = new ArrayList<>();
        for (Step step : agent.steps()) {
          if (step.from() == position) {
            here.add(all.size());
            steps.add(new Taken(agent, step));
            all.add(compiled(agent, step));
          }
        }
        from[a][position] = here.stream().mapToInt(Integer::intValue).toArray();
      }
    }
    compiled = all.toArray(Compiled[]::new);
  }

  private Compiled compiled(Agent agent, Step step) {
    List<Test> tests = new ArrayList<>();
    for (Condition condition : step.guard()) {
      Variable variable = condition.variable();
      long[] allowed = new long[variable.max() / Long.SIZE + 1];
      condition.allowed().forEach(value -> allowed[value / Long.SIZE] |= 1L << value);
      int i = variable.index();
      tests.add(new Test(word[i], shift[i], mask[i], allowed));
    }
    List<Sum> sums = new ArrayList<>();
    long[] keep = new long[words];
    long[] add = new long[words];
    Arrays.fill(keep, -1);
    List<Effect> effects = new ArrayList<>(step.effects());
    effects.add(agent.position().becomes(step.to()));
    for (Effect effect : effects) {
      Variable variable = effect.variable();
      int i = variable.index();
      if (effect.relative()) {
        sums.add(new Sum(word[i], shift[i], mask[i], effect.value(), variable));
        add[word[i]] += (long) effect.value() << shift[i];
      } else {
        keep[word[i]] &= ~(mask[i] << shift[i]);
        add[word[i]] += (long) effect.value() << shift[i];
      }
    }
    return new Compiled(tests.toArray(Test[]::new), sums.toArray(Sum[]::new), keep, add);
  }

  /** The machine. */
  public Machine machine() {
    return machine;
  }

  /** How many longs a state takes. */
  public int words() {
    return words;
  }

  /** The state before the first step. */
  public long[] initial() {
    long[] state = new long[words];
    for (Variable variable : machine.variables()) {
      int i = variable.index();
      state[word[i]] |= (long) variable.initial() << shift[i];
    }
    return state;
  }

  /** What a variable is in a state. */
  public int value(long[] state, Variable variable) {
    return value(state, 0, variable);
  }

  int value(long[] states, int at, Variable variable) {
    int i = variable.index();
    return (int) ((states[at + word[i]] >>> shift[i]) & mask[i]);
  }

  /** The step of a number that {@link #expand} gave. */
  public Taken step(int number) {
    return steps.get(number);
  }

  /** How many steps there can be from one state at most. */
  public int maxSteps() {
    int most = 0;
    for (int[][] positions : from) {
      int here = 0;
      for (int[] numbers : positions) {
        here = Math.max(here, numbers.length);
      }
      most += here;
    }
    return most;
  }

  /**
   * Every step that some agent can take.
   *
   * @param states where the state is
   * @param at at which index
   * @param next takes the states after each step, one behind the other
   * @param numbers takes the steps' numbers
   * @return how many
   */
  public int expand(long[] states, int at, long[] next, int[] numbers) {
    int found = 0;
    for (int a = 0; a < from.length; a++) {
      int position = machine.agents().get(a).position().index();
      int[] here =
          from[a][(int) ((states[at + word[position]] >>> shift[position]) & mask[position])];
      for (int number : here) {
        Compiled step = compiled[number];
        if (enabled(step, states, at)) {
          for (Sum sum : step.sums) {
            check(sum, states, at, number);
          }
          int to = found * words;
          for (int w = 0; w < words; w++) {
            next[to + w] = (states[at + w] & step.keep[w]) + step.add[w];
          }
          numbers[found++] = number;
        }
      }
    }
    return found;
  }

  private static boolean enabled(Compiled step, long[] states, int at) {
    for (Test test : step.tests) {
      long value = (states[at + test.word] >>> test.shift) & test.mask;
      if (((test.allowed[(int) (value >>> 6)] >>> value) & 1) == 0) {
        return false;
      }
    }
    return true;
  }

  private void check(Sum sum, long[] states, int at, int number) {
    long value = ((states[at + sum.word] >>> sum.shift) & sum.mask) + sum.difference;
    if (value < 0 || value > sum.variable.max()) {
      throw new IllegalStateException(
          "%s: %s becomes %d by %s of %s"
              .formatted(
                  machine.name(),
                  sum.variable.name(),
                  value,
                  steps.get(number).step().does(),
                  steps.get(number).agent().name()));
    }
  }

  /** How a state in which no step is possible ends it all. */
  public Outcome outcome(long[] state) {
    Outcome outcome = new Outcome(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
    for (Machine.Fact fact : machine.facts()) {
      if (value(state, fact.flag()) != 0) {
        (fact.wrong() ? outcome.wrong() : outcome.reported()).add(fact.what());
      }
    }
    for (Agent agent : machine.agents()) {
      if (!agent.rests().contains(value(state, agent.position()))) {
        outcome.stuck().add(agent.name());
      }
    }
    return outcome;
  }
}
