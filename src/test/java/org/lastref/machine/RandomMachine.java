package org.lastref.machine;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Small machines at random: two to four agents that lock, count, wait for each other, choose, go
 * back, and get stuck. Some have variables of many values, so that states take up to four longs.
 */
public final class RandomMachine {

  private final Random random;
  private final String name;
  private final List<Variable> variables = new ArrayList<>();
  private final List<Variable> mutexes = new ArrayList<>();
  private final List<Variable> counters = new ArrayList<>();
  private final List<Variable> wide = new ArrayList<>();
  private final List<Variable> positions = new ArrayList<>();

  private RandomMachine(long seed) {
    random = new Random(seed);
    name = "random machine " + seed;
  }

  public static Machine of(long seed) {
    return new RandomMachine(seed).machine();
  }

  private Machine machine() {
    int agents = 2 + random.nextInt(3);
    some(mutexes, "mutex", 1 + random.nextInt(2), 1);
    some(counters, "counter", 1 + random.nextInt(2), 1 + random.nextInt(4));
    some(wide, "wide", random.nextInt(18), random.nextInt(16) == 0 ? 70_000 : 700);
    for (int a = 0; a < agents; a++) {
      some(positions, "position", 1, 3 + random.nextInt(4));
    }
    List<Agent> all = new ArrayList<>();
    for (Variable position : positions) {
      all.add(agent(position));
    }
    List<Machine.Fact> facts = new ArrayList<>();
    facts.add(new Machine.Fact(any(counters), Machine.Kind.REPORT, "/counted"));
    facts.add(new Machine.Fact(any(mutexes), Machine.Kind.WRONG, "a lock is held"));
    facts.add(new Machine.Fact(any(positions), Machine.Kind.BREACH, "moved"));
    return new Machine(name, variables, all, facts);
  }

  private void some(List<Variable> kind, String word, int count, int max) {
    for (int i = 0; i < count; i++) {
      int initial = word.equals("counter") ? random.nextInt(max + 1) : 0;
      Variable variable = new Variable(variables.size(), word + " " + i, initial, max);
      variables.add(variable);
      kind.add(variable);
    }
  }

  private Agent agent(Variable position) {
    List<Step> steps = new ArrayList<>();
    int last = position.max();
    for (int from = 0; from < last; from++) {
      int ways = random.nextInt(4) == 0 ? 2 : 1;
      for (int way = 0; way < ways; way++) {
        steps.add(step(from, random.nextInt(8) == 0 ? random.nextInt(last + 1) : from + 1));
      }
    }
    Set<Integer> rests = new HashSet<>(Set.of(last));
    if (random.nextInt(3) == 0) {
      rests.add(0);
    }
    return new Agent("agent " + position.index(), position, steps, rests);
  }

  private Step step(int from, int to) {
    List<Condition> guard = new ArrayList<>();
    List<Effect> effects = new ArrayList<>();
    switch (random.nextInt(6)) {
      case 0, 1 -> {
        Variable mutex = any(mutexes);
        guard.add(mutex.is(0));
        effects.add(mutex.becomes(1));
      }
      case 2 -> effects.add(any(mutexes).becomes(0));
      case 3 -> {
        Variable counter = any(counters);
        guard.add(counter.atLeast(1));
        effects.add(counter.plus(-1));
      }
      case 4 -> {
        Variable counter = any(counters);
        guard.add(new Condition(counter, 0, counter.max() - 1));
        effects.add(counter.plus(1));
      }
      default -> effects.add(any(counters).becomes(0));
    }
    if (!wide.isEmpty() && random.nextInt(2) == 0) {
      Variable one = any(wide);
      effects.add(one.becomes(random.nextBoolean() ? one.max() : random.nextInt(one.max())));
    }
    if (random.nextInt(3) == 0) {
      guard.add(set(any(random.nextBoolean() ? positions : counters)));
    } else if (!wide.isEmpty() && random.nextInt(6) == 0) {
      guard.add(any(wide).atLeast(random.nextInt(100)));
    }
    return new Step(from, to, guard, effects, null, "step", "nowhere");
  }

  private Condition set(Variable variable) {
    List<Integer> allowed =
        IntStream.rangeClosed(0, variable.max())
            .filter(v -> random.nextInt(4) > 0)
            .boxed()
            .toList();
    return new Condition(variable, allowed, variable.name() + " is one of some");
  }

  private Variable any(List<Variable> kind) {
    return kind.get(random.nextInt(kind.size()));
  }
}
