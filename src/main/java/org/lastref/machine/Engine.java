package org.lastref.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A {@link Machine} made ready to run: states are packed into a few longs, a variable of a highest
 * value of 5 taking three bits, and steps into masks and sums. Immutable.
 */
public final class Engine {

  private final Machine machine;
  private final Packing packing;
  private final int words;
  private final Plans plans;

  /** Each agent's position: its first bit, counted from that of the first word, and its mask. */
  private final int[] bit;

  private final long[] bits;

  /** Where in {@link #first} each agent's part begins. */
  private final int[] part;

  /**
   * By agent and position, the first of the numbers of the steps from there; the next one ends it.
   */
  private final int[] first;

  private final List<Taken> steps = new ArrayList<>();

  /** A step and whose it is. */
  public record Taken(Agent agent, Step step) {}

  /** Prepares a machine. */
  public Engine(Machine machine) {
    this.machine = machine;
    packing = new Packing(machine.variables());
    words = packing.words();
    int agents = machine.agents().size();
    bit = new int[agents];
    bits = new long[agents];
    part = new int[agents];
    List<Integer> firsts = new ArrayList<>();
    for (int a = 0; a < agents; a++) {
      Agent agent = machine.agents().get(a);
      bit[a] = packing.bit(agent.position());
      bits[a] = packing.mask(agent.position());
      part[a] = firsts.size();
      for (int here = 0; here <= agent.position().max(); here++) {
        firsts.add(steps.size());
        for (Step step : agent.steps()) {
          if (step.from() == here) {
            steps.add(new Taken(agent, step));
          }
        }
      }
    }
    firsts.add(steps.size());
    first = firsts.stream().mapToInt(Integer::intValue).toArray();
    plans = new Plans(machine.name(), packing, steps);
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
    return packing.initial();
  }

  /** What a variable is in a state. */
  public int value(long[] state, Variable variable) {
    return value(state, 0, variable);
  }

  int value(long[] states, int at, Variable variable) {
    return packing.value(states, at, variable);
  }

  /** The step of a number that {@link #expand} gave. */
  public Taken step(int number) {
    return steps.get(number);
  }

  /** How many steps there can be from one state at most. */
  public int maxSteps() {
    int most = 0;
    for (int a = 0; a < part.length; a++) {
      int end = a + 1 < part.length ? part[a + 1] : first.length - 1;
      most +=
          IntStream.range(part[a], end).map(each -> first[each + 1] - first[each]).max().orElse(0);
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
    return expand(states, at, next, numbers, 0);
  }

  /** The same where {@code next} and {@code numbers} have some steps of other states already. */
  int expand(long[] states, int at, long[] next, int[] numbers, int already) {
    int found = already;
    for (int a = 0; a < part.length; a++) {
      int here = part[a] + (int) ((states[at + (bit[a] >>> 6)] >>> bit[a]) & bits[a]);
      int end = first[here + 1];
      for (int number = first[here]; number < end; number++) {
        if (words == 2
            ? plans.take2(number, states, at, next, found * 2)
            : plans.take(number, states, at, next, found * words)) {
          numbers[found++] = number;
        }
      }
    }
    return found - already;
  }

  /** How a state in which no step is possible ends it all. */
  public Outcome outcome(long[] state) {
    Outcome outcome = Outcome.none();
    for (Machine.Fact fact : machine.facts()) {
      if (value(state, fact.flag()) != 0) {
        outcome.add(fact);
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
