package org.lastref.machine;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** What a search found. */
public final class Exploration {

  private final Explorer explorer;
  private final SortedMap<Outcome, Integer> ends;
  private final int states;
  private final long transitions;
  private final int depth;
  private final boolean complete;
  private final Duration took;

  Exploration(
      Explorer explorer,
      SortedMap<Outcome, Integer> ends,
      int states,
      long transitions,
      int depth,
      boolean complete,
      long nanos) {
    this.explorer = explorer;
    this.ends = ends;
    this.states = states;
    this.transitions = transitions;
    this.depth = depth;
    this.complete = complete;
    took = Duration.ofNanos(nanos);
  }

  /** The lowest and the highest value that a variable has. */
  public record Band(int low, int high) {

    /** Whether there is such a value. */
    public boolean exists() {
      return low <= high;
    }

    @Override
    public String toString() {
      return low == high ? "" + low : low + ".." + high;
    }
  }

  /** Every way in which all may end, the best first; some may lack if it is not complete. */
  public SortedSet<Outcome> outcomes() {
    return new TreeSet<>(ends.keySet());
  }

  /** A shortest way to an outcome. */
  public List<Engine.Taken> way(Outcome outcome) {
    Integer end = ends.get(outcome);
    if (end == null) {
      throw new IllegalArgumentException("no way ends so: " + outcome);
    }
    return explorer.way(end);
  }

  /** How many distinct states there are. */
  public int states() {
    return states;
  }

  /** How many steps there are between them. */
  public long transitions() {
    return transitions;
  }

  /** How many steps the longest of the shortest ways has. */
  public int depth() {
    return depth;
  }

  /** False if the search was given up at its memory bound. */
  public boolean complete() {
    return complete;
  }

  /** How much memory the states take. */
  public long bytes() {
    return explorer.bytes();
  }

  /** How long the search took. */
  public Duration took() {
    return took;
  }

  /** Every way in which some step of the machine can show in a trace. */
  public Set<Label> labels() {
    Engine engine = explorer.engine();
    long[] next = new long[engine.maxSteps() * engine.words()];
    int[] numbers = new int[engine.maxSteps()];
    Set<Integer> seen = new HashSet<>();
    Set<Label> labels = new HashSet<>();
    for (int state = 0; state < explorer.known(); state++) {
      int found = engine.expand(explorer.state(state), 0, next, numbers);
      for (int i = 0; i < found; i++) {
        Label label = seen.add(numbers[i]) ? engine.step(numbers[i]).step().label() : null;
        if (label != null) {
          labels.add(label);
        }
      }
    }
    return labels;
  }

  /**
   * What a variable can be while an agent stands at each of its positions; where it never stands,
   * the band's lowest value is above its highest.
   */
  public List<Band> bands(Agent agent, Variable variable) {
    int[] low = new int[agent.position().max() + 1];
    int[] high = new int[low.length];
    Arrays.fill(low, Integer.MAX_VALUE);
    for (int state = 0; state < explorer.known(); state++) {
      int position = explorer.value(state, agent.position());
      int value = explorer.value(state, variable);
      low[position] = Math.min(low[position], value);
      high[position] = Math.max(high[position], value);
    }
    return IntStream.range(0, low.length)
        .mapToObj(position -> new Band(low[position], high[position]))
        .toList();
  }

  /** Whether every possible end is clean. */
  public boolean alwaysClean() {
    return complete && ends.keySet().stream().allMatch(Exploration::clean);
  }

  /** Whether no possible end is clean. */
  public boolean neverClean() {
    return complete && ends.keySet().stream().noneMatch(Exploration::clean);
  }

  private static boolean clean(Outcome outcome) {
    return outcome.grade() == Outcome.Grade.ACCEPTABLE;
  }

  /** In words, such as {@code 16 possible outcomes, 13370 states}. */
  public String describe() {
    String which = alwaysClean() ? " (always clean)" : neverClean() ? " (never clean)" : "";
    String count = ends.size() == 1 ? "1 possible outcome" : ends.size() + " possible outcomes";
    return complete
        ? "%s%s, %d states".formatted(count, which, states)
        : "not finished: %s found when the search was given up at %d states"
            .formatted(count, states);
  }
}
