package org.lastref.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** A machine's steps as masks and sums on packed states, for each to be told and taken quickly. */
final class Plans {

  /**
   * Which bits of a word are looked at, what they have to be, which stay, what is added to them.
   */
  private static final int WORD = 4;

  /**
   * A variable's first bit, counted from that of the first word; its mask; a bit for each value.
   */
  private static final int SET = 3;

  private final String machine;
  private final Packing packing;
  private final List<Engine.Taken> steps;
  private final int words;

  /**
   * What each step needs and does, {@link #stride} longs each: {@link #WORD} for each word, then
   * {@link #SET} for a condition that allows some values of a variable, and as many for a sum that
   * may leave its range.
   */
  private final long[] plans;

  private final int stride;

  /** For each step the conditions and sums beyond that, which few have. */
  private final Test[][] tests;

  private final Test[][] checks;
  private final boolean[] more;

  /** One bit a value that is allowed. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Test(int bit, long mask, long[] allowed) {
    boolean passes(long[] states, int at) {
      long value = (states[at + (bit >>> 6)] >>> bit) & mask;
      return ((allowed[(int) (value >>> 6)] >>> value) & 1) != 0;
    }
  }

  Plans(String machine, Packing packing, List<Engine.Taken> steps) {
    this.machine = machine;
    this.packing = packing;
    this.steps = List.copyOf(steps);
    words = packing.words();
    stride = words * WORD + 2 * SET;
    plans = new long[steps.size() * stride];
    tests = new Test[steps.size()][];
    checks = new Test[steps.size()][];
    more = new boolean[steps.size()];
    for (int number = 0; number < steps.size(); number++) {
      plan(number);
    }
  }

  private void plan(int number) {
    Step step = steps.get(number).step();
    int plan = number * stride;
    for (int w = 0; w < words; w++) {
      plans[plan + WORD * w + 2] = -1;
    }
    List<Test> sets = new ArrayList<>();
    for (Condition condition : step.guard()) {
      int bit = packing.bit(condition.variable());
      long bits = packing.mask(condition.variable()) << bit;
      int at = plan + WORD * (bit / Long.SIZE);
      if (condition.allowed().size() == 1 && (plans[at] & bits) == 0) {
        plans[at] |= bits;
        plans[at + 1] |= (long) condition.allowed().get(0) << bit;
      } else {
        sets.add(test(condition));
      }
    }
    List<Test> ranges = new ArrayList<>();
    List<Effect> effects = new ArrayList<>(step.effects());
    effects.add(steps.get(number).agent().position().becomes(step.to()));
    for (Effect effect : effects) {
      int bit = packing.bit(effect.variable());
      int at = plan + WORD * (bit / Long.SIZE);
      plans[at + 3] += (long) effect.value() << bit;
      if (!effect.relative()) {
        plans[at + 2] &= ~(packing.mask(effect.variable()) << bit);
      } else if (!staysInRange(step, effect)) {
        ranges.add(test(inRange(effect)));
      }
    }
    tests[number] = rest(sets, plan + WORD * words);
    checks[number] = rest(ranges, plan + WORD * words + SET);
    more[number] = tests[number].length + checks[number].length > 0;
  }

  /** Puts one of these tests into the plan; the others are returned. */
  private Test[] rest(List<Test> all, int at) {
    Optional<Test> fits = all.stream().filter(test -> test.allowed.length == 1).findFirst();
    plans[at + 2] = 1;
    fits.ifPresent(
        test -> {
          plans[at] = test.bit;
          plans[at + 1] = test.mask;
          plans[at + 2] = test.allowed[0];
        });
    return all.stream().filter(test -> !fits.equals(Optional.of(test))).toArray(Test[]::new);
  }

  private Test test(Condition condition) {
    long mask = packing.mask(condition.variable());
    long[] allowed = new long[(int) (mask >>> 6) + 1];
    condition.allowed().forEach(value -> allowed[value / Long.SIZE] |= 1L << value);
    return new Test(packing.bit(condition.variable()), mask, allowed);
  }

  /** From which values a sum is still one. */
  private static Condition inRange(Effect effect) {
    int max = effect.variable().max();
    int difference = effect.value();
    return new Condition(
        effect.variable(), Math.max(0, -difference), Math.min(max, max - difference));
  }

  private static boolean staysInRange(Step step, Effect effect) {
    List<Integer> safe = inRange(effect).allowed();
    return step.guard().stream()
        .filter(condition -> condition.variable().equals(effect.variable()))
        .anyMatch(condition -> safe.containsAll(condition.allowed()));
  }

  /**
   * Whether a step is possible; then what it leads to is written down.
   *
   * @throws IllegalStateException if a variable leaves its range
   */
  boolean take(int number, long[] states, int at, long[] next, int to) {
    int plan = number * stride;
    int sets = plan + words * WORD;
    for (int w = 0, p = plan; w < words; w++, p += WORD) {
      if ((states[at + w] & plans[p]) != plans[p + 1]) {
        return false;
      }
    }
    if (!allows(sets, states[at + (int) (plans[sets] >>> 6)])
        || (more[number] && !passes(number, states, at))) {
      return false;
    }
    if (!allows(sets + SET, states[at + (int) (plans[sets + SET] >>> 6)])) {
      throw outOfRange(number, states, at);
    }
    for (int w = 0, p = plan; w < words; w++, p += WORD) {
      next[to + w] = (states[at + w] & plans[p + 2]) + plans[p + 3];
    }
    return true;
  }

  /** The same for two words, as most states have. */
  boolean take2(int number, long[] states, int at, long[] next, int to) {
    int p = number * stride;
    int sets = p + 2 * WORD;
    long low = states[at];
    long high = states[at + 1];
    if ((low & plans[p]) != plans[p + 1]
        || (high & plans[p + WORD]) != plans[p + WORD + 1]
        || !allows(sets, plans[sets] < Long.SIZE ? low : high)
        || (more[number] && !passes(number, states, at))) {
      return false;
    }
    if (!allows(sets + SET, plans[sets + SET] < Long.SIZE ? low : high)) {
      throw outOfRange(number, states, at);
    }
    next[to] = (low & plans[p + 2]) + plans[p + 3];
    next[to + 1] = (high & plans[p + WORD + 2]) + plans[p + WORD + 3];
    return true;
  }

  private boolean allows(int set, long state) {
    return (plans[set + 2] >>> ((state >>> plans[set]) & plans[set + 1]) & 1) != 0;
  }

  private boolean passes(int number, long[] states, int at) {
    for (Test test : tests[number]) {
      if (!test.passes(states, at)) {
        return false;
      }
    }
    for (Test check : checks[number]) {
      if (!check.passes(states, at)) {
        throw outOfRange(number, states, at);
      }
    }
    return true;
  }

  private IllegalStateException outOfRange(int number, long[] states, int at) {
    Engine.Taken taken = steps.get(number);
    String what =
        taken.step().effects().stream()
            .filter(Effect::relative)
            .filter(effect -> !inRange(effect).allows(packing.value(states, at, effect.variable())))
            .map(
                effect ->
                    "%s becomes %d"
                        .formatted(
                            effect.variable().name(),
                            packing.value(states, at, effect.variable()) + effect.value()))
            .collect(Collectors.joining(", "));
    return new IllegalStateException(
        "%s: %s by %s of %s".formatted(machine, what, taken.step().does(), taken.agent().name()));
  }
}
