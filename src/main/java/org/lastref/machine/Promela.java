package org.lastref.machine;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Writes a {@link Machine} down in Promela, the language of the model checker Spin, state for state
 * and step for step: an agent becomes a process that stands at a label for each position and never
 * ends, a step one indivisible statement. Spin stores as many states as {@link Explorer} finds.
 *
 * <p>A last process, left out if {@code NOENDS} is defined, acts only when no other can. It changes
 * nothing, so it adds no state and one transition for each end, and prints a line {@code end:} with
 * {@code f}N for each fact that is true and {@code s}N for each agent that is stuck, by their
 * numbers in the machine.
 */
public final class Promela {

  private static final String HEAD =
      """
      /* %s
       *
       * spin -a -o2 -o3 FILE && gcc -O2 -DSAFETY -DNOREDUCE -DPRINTF -o pan pan.c
       * ./pan -n -m1000000 | sort | uniq -c
       *
       * -o2: variables that are only written stay; -o3: no two steps are merged into one.
       * What the lines "end:" say:
      %s */

      """;

  private final Machine machine;
  private final Map<Integer, Integer> agentAt = new LinkedHashMap<>();

  /** Where an agent has to stand for somebody's condition to be true, and the bit that says so. */
  private final Map<Condition, String> places = new LinkedHashMap<>();

  private Promela(Machine machine) {
    this.machine = machine;
    for (int a = 0; a < machine.agents().size(); a++) {
      agentAt.put(machine.agents().get(a).position().index(), a);
    }
    machine.agents().stream()
        .flatMap(agent -> agent.steps().stream())
        .flatMap(step -> step.guard().stream())
        .forEach(this::place);
    machine.facts().forEach(fact -> place(truth(fact)));
  }

  /**
   * The whole model.
   *
   * @throws IllegalArgumentException if a step moves another agent than its own
   */
  public static String of(Machine machine) {
    return new Promela(machine).text();
  }

  private void place(Condition condition) {
    if (agentAt.containsKey(condition.variable().index())) {
      places.computeIfAbsent(unnamed(condition), key -> "place" + places.size());
    }
  }

  private static Condition truth(Machine.Fact fact) {
    return new Condition(fact.flag(), 1, Math.max(1, fact.flag().max()));
  }

  private static Condition unnamed(Condition condition) {
    return condition.as("");
  }

  private String text() {
    StringBuilder text =
        new StringBuilder(HEAD.formatted(comment(machine.name()), legend().indent(1)));
    for (Variable variable : machine.variables()) {
      if (!agentAt.containsKey(variable.index())) {
        text.append("%s %s = %d;\n".formatted(type(variable), name(variable), variable.initial()));
      }
    }
    places.forEach(
        (condition, bit) -> {
          Variable position = condition.variable();
          int initially = condition.allows(position.initial()) ? 1 : 0;
          text.append("bit %s = %d; ".formatted(bit, initially));
          text.append("/* %s: %s */\n".formatted(comment(position.name()), condition.allowed()));
        });
    for (int a = 0; a < machine.agents().size(); a++) {
      process(text, a);
    }
    ends(text);
    return text.toString();
  }

  private static String word(Machine.Kind kind) {
    return switch (kind) {
      case REPORT -> "reported";
      case BREACH -> "broken";
      case WRONG -> "wrong";
    };
  }

  private String legend() {
    List<String> lines = new ArrayList<>();
    for (int f = 0; f < machine.facts().size(); f++) {
      Machine.Fact fact = machine.facts().get(f);
      lines.add("* f%d %s: %s".formatted(f, word(fact.kind()), comment(fact.what())));
    }
    for (int a = 0; a < machine.agents().size(); a++) {
      lines.add("* s%d stuck: %s".formatted(a, comment(machine.agents().get(a).name())));
    }
    return String.join("\n", lines);
  }

  private void process(StringBuilder text, int number) {
    Agent agent = machine.agents().get(number);
    text.append("\n/* %s */\n".formatted(comment(agent.name())));
    text.append("active proctype %s() {\n".formatted(process(number)));
    Set<Integer> positions = new TreeSet<>();
    agent.steps().forEach(step -> positions.addAll(List.of(step.from(), step.to())));
    int first = agent.position().initial();
    positions.remove(first);
    at(text, agent, first);
    positions.forEach(position -> at(text, agent, position));
    text.append("}\n");
  }

  private void at(StringBuilder text, Agent agent, int position) {
    List<Step> steps = agent.steps().stream().filter(step -> step.from() == position).toList();
    text.append(label(agent, position)).append(":\n");
    if (steps.isEmpty()) {
      text.append("  false;\n");
    } else {
      text.append("  if\n");
      steps.forEach(step -> text.append("  :: %s\n".formatted(statement(agent, step))));
      text.append("  fi;\n");
    }
  }

  private String statement(Agent agent, Step step) {
    String guard = step.guard().stream().map(this::promela).collect(Collectors.joining(" && "));
    List<String> effects = new ArrayList<>();
    for (Effect effect : step.effects()) {
      if (agentAt.containsKey(effect.variable().index())) {
        throw new IllegalArgumentException(step.does() + " moves " + effect.variable().name());
      }
      effects.add(assignment(effect));
    }
    places.forEach(
        (condition, bit) -> {
          if (condition.variable().equals(agent.position())) {
            boolean after = condition.allows(step.to());
            if (after != condition.allows(step.from())) {
              effects.add(bit + " = " + (after ? 1 : 0));
            }
          }
        });
    String does =
        effects.isEmpty()
            ? (guard.isEmpty() ? "true" : guard)
            : guard.isEmpty() && effects.size() == 1
                ? effects.get(0)
                : "d_step { %s%s }"
                    .formatted(guard.isEmpty() ? "" : guard + " -> ", String.join("; ", effects));
    return "%s; /* %s, %s */ goto %s"
        .formatted(does, comment(step.does()), comment(step.where()), label(agent, step.to()));
  }

  private String promela(Condition condition) {
    String place = places.get(unnamed(condition));
    return place == null ? test(condition) : place;
  }

  /** Ranges joined by "or". */
  private static String test(Condition condition) {
    String name = name(condition.variable());
    List<Integer> allowed = condition.allowed();
    List<String> ranges = new ArrayList<>();
    int low = 0;
    for (int i = 0; i < allowed.size(); i++) {
      if (i + 1 == allowed.size() || allowed.get(i + 1) > allowed.get(i) + 1) {
        ranges.add(range(name, allowed.get(low), allowed.get(i), condition.variable().max()));
        low = i + 1;
      }
    }
    return ranges.isEmpty()
        ? "false"
        : ranges.size() == 1 ? ranges.get(0) : "(" + String.join(" || ", ranges) + ")";
  }

  private static String range(String name, int low, int high, int max) {
    if (low == high) {
      return "%s == %d".formatted(name, low);
    }
    return high >= max
        ? "%s >= %d".formatted(name, low)
        : "(%s >= %d && %s <= %d)".formatted(name, low, name, high);
  }

  private static String assignment(Effect effect) {
    String name = name(effect.variable());
    int value = effect.value();
    return effect.relative()
        ? "%s = %s %s %d".formatted(name, name, value < 0 ? "-" : "+", Math.abs(value))
        : "%s = %d".formatted(name, value);
  }

  private void ends(StringBuilder text) {
    text.append("\n#ifndef NOENDS\nactive proctype ends() {\nend:\n  do\n  :: atomic { timeout ->");
    text.append("\n    printf(\"end:\");\n");
    for (int f = 0; f < machine.facts().size(); f++) {
      text.append(told(promela(truth(machine.facts().get(f))), "f" + f, ""));
    }
    for (int a = 0; a < machine.agents().size(); a++) {
      int number = a;
      Agent agent = machine.agents().get(a);
      Set<Integer> positions = new HashSet<>(Set.of(agent.position().initial()));
      agent.steps().forEach(step -> positions.addAll(List.of(step.from(), step.to())));
      String rests =
          IntStream.rangeClosed(0, agent.position().max())
              .filter(position -> positions.contains(position))
              .filter(agent.rests()::contains)
              .mapToObj(position -> process(number) + "@" + label(agent, position))
              .collect(Collectors.joining(" || "));
      text.append(told(rests.isEmpty() ? "false" : rests, "", "s" + a));
    }
    text.append("    printf(\"\\n\") }\n  od\n}\n#endif\n");
  }

  private static String told(String condition, String then, String otherwise) {
    return "    if :: %s -> %s :: else -> %s fi;\n"
        .formatted(condition, printed(then), printed(otherwise));
  }

  private static String printed(String word) {
    return word.isEmpty() ? "skip" : "printf(\" %s\")".formatted(word);
  }

  private static String type(Variable variable) {
    return variable.max() <= 1
        ? "bit"
        : variable.max() <= 0xff ? "byte" : variable.max() <= Short.MAX_VALUE ? "short" : "int";
  }

  private static String name(Variable variable) {
    return "v" + variable.index() + "_" + safe(variable.name());
  }

  private String process(int agent) {
    return "p" + agent + "_" + safe(machine.agents().get(agent).name());
  }

  private static String label(Agent agent, int position) {
    return (agent.rests().contains(position) ? "end_at" : "at") + position;
  }

  private static String safe(String name) {
    String safe = name.replaceAll("[^A-Za-z0-9]+", "_");
    return safe.substring(0, Math.min(40, safe.length()));
  }

  /** Text that stays inside of its comment. */
  private static String comment(String text) {
    return text.replaceAll("[^ -~]", "?").replace("*/", "* /").replace("/*", "/ *");
  }
}
