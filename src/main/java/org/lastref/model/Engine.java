package org.lastref.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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

  /**
   * What each step needs and does, {@link #stride} longs each: {@link #WORD} for each word, then
   * {@link #SET} for a condition that allows some values of a variable, and as many for a sum that
   * may leave its range.
   */
  private final long[] plans;

  private final int stride;

  /**
   * Which bits of a word are looked at, what they have to be, which stay, what is added to them.
   */
  private static final int WORD = 4;

  /**
   * A variable's first bit, counted from that of the first word; its mask; a bit for each value.
   */
  private static final int SET = 3;

  /** For each step the conditions and sums beyond that, which few have. */
  private final Test[][] tests;

  private final Test[][] checks;
  private final boolean[] more;

  /** A step and whose it is. */
  public record Taken(Agent agent, Step step) {}

  /** One bit a value that is allowed. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Test(int word, int shift, long mask, long[] allowed) {
    boolean passes(long[] states, int at) {
      long value = (states[at + word] >>> shift) & mask;
      return ((allowed[(int) (value >>> 6)] >>> value) & 1) != 0;
    }
  }

  /** Prepares a machine. */
  public Engine(Machine machine) {
    this.machine = machine;
    int variables = machine.variables().size();
    word = new int[variables];
    shift = new int[variables];
    mask = new long[variables];
    int used = 0;
    int current = 0;
    for (Variable variable : machine.variables()) {
      int width = 32 - Integer.numberOfLeadingZeros(variable.max());
      if (used + width > Long.SIZE) {
        current++;
        used = 0;
      }
      word[variable.index()] = current;
      shift[variable.index()] = used & (Long.SIZE - 1);
      mask[variable.index()] = (1L << width) - 1;
      used += width;
    }
    words = current + 1;
    int agents = machine.agents().size();
    bit = new int[agents];
    bits = new long[agents];
    part = new int[agents];
    List<Integer> firsts = new ArrayList<>();
    for (int a = 0; a < agents; a++) {
      Agent agent = machine.agents().get(a);
      int position = agent.position().index();
      bit[a] = word[position] * Long.SIZE + shift[position];
      bits[a] = mask[position];
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
      int i = condition.variable().index();
      int at = plan + WORD * word[i];
      boolean one = condition.allowed().size() == 1;
      if (one && (plans[at] & mask[i] << shift[i]) == 0) {
        plans[at] |= mask[i] << shift[i];
        plans[at + 1] |= (long) condition.allowed().get(0) << shift[i];
      } else {
        sets.add(test(condition));
      }
    }
    List<Test> ranges = new ArrayList<>();
    List<Effect> effects = new ArrayList<>(step.effects());
    effects.add(steps.get(number).agent().position().becomes(step.to()));
    for (Effect effect : effects) {
      int i = effect.variable().index();
      int at = plan + WORD * word[i];
      plans[at + 3] += (long) effect.value() << shift[i];
      if (!effect.relative()) {
        plans[at + 2] &= ~(mask[i] << shift[i]);
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
          plans[at] = (long) test.word * Long.SIZE + test.shift;
          plans[at + 1] = test.mask;
          plans[at + 2] = test.allowed[0];
        });
    return all.stream().filter(test -> !fits.equals(Optional.of(test))).toArray(Test[]::new);
  }

  private Test test(Condition condition) {
    Variable variable = condition.variable();
    long[] allowed = new long[(int) (mask[variable.index()] >>> 6) + 1];
    condition.allowed().forEach(value -> allowed[value / Long.SIZE] |= 1L << value);
    int i = variable.index();
    return new Test(word[i], shift[i], mask[i], allowed);
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
            ? step2(number, states, at, next, found * 2)
            : step(number, states, at, next, found * words)) {
          numbers[found++] = number;
        }
      }
    }
    return found - already;
  }

  /** Whether a step is possible; then what it leads to is written down. */
  private boolean step(int number, long[] states, int at, long[] next, int to) {
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
  private boolean step2(int number, long[] states, int at, long[] next, int to) {
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
    Taken taken = steps.get(number);
    String what =
        taken.step().effects().stream()
            .filter(Effect::relative)
            .filter(effect -> !inRange(effect).allows(value(states, at, effect.variable())))
            .map(
                effect ->
                    "%s becomes %d"
                        .formatted(
                            effect.variable().name(),
                            value(states, at, effect.variable()) + effect.value()))
            .collect(Collectors.joining(", "));
    return new IllegalStateException(
        "%s: %s by %s of %s"
            .formatted(machine.name(), what, taken.step().does(), taken.agent().name()));
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
