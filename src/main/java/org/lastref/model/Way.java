package org.lastref.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.lastref.machine.Act;
import org.lastref.machine.Agent;
import org.lastref.machine.Condition;
import org.lastref.machine.Engine.Taken;
import org.lastref.machine.Exploration;
import org.lastref.machine.Label;
import org.lastref.machine.Machine;
import org.lastref.machine.Outcome;
import org.lastref.machine.Step;
import org.lastref.machine.Variable;

/**
 * A shortest way to an outcome, and which of its steps decides it.
 *
 * @param outcome how it ends
 * @param steps from the first to the last
 * @param decisive the index of the step that decides it; -1 if none does, because it cannot end
 *     otherwise
 * @param because why that step, in a sentence that begins with it
 */
public record Way(Outcome outcome, List<Taken> steps, int decisive, String because) {

  public Way {
    steps = List.copyOf(steps);
  }

  /** A shortest way to an outcome that a search of a machine found. */
  public static Way to(Outcome outcome, Exploration found, Machine machine) {
    List<Taken> steps = found.way(outcome);
    if (!outcome.wrong().isEmpty()) {
      return happened(outcome, outcome.wrong().first(), steps, machine);
    }
    if (!outcome.stuck().isEmpty()) {
      return stuck(outcome, steps, machine);
    }
    if (!outcome.broken().isEmpty()) {
      return happened(outcome, outcome.broken().first(), steps, machine);
    }
    return outcome.reported().isEmpty() ? clean(outcome, steps) : reports(outcome, steps);
  }

  /** The step decides that made a fact true. */
  private static Way happened(Outcome outcome, String what, List<Taken> steps, Machine machine) {
    int decisive =
        first(
            steps,
            0,
            taken ->
                machine.facts().stream()
                    .filter(fact -> fact.what().equals(what))
                    .anyMatch(fact -> changes(taken.step(), fact.flag())));
    return new Way(outcome, steps, decisive, said(steps.get(decisive)) + ": " + what);
  }

  private static boolean changes(Step step, Variable variable) {
    return step.effects().stream().anyMatch(effect -> effect.variable().equals(variable));
  }

  private static Way stuck(Outcome outcome, List<Taken> steps, Machine machine) {
    List<String> waits = new ArrayList<>();
    for (Agent agent : machine.agents()) {
      if (outcome.stuck().contains(agent.name())) {
        int at =
            steps.stream()
                .filter(taken -> taken.agent().equals(agent))
                .mapToInt(taken -> taken.step().to())
                .reduce(agent.position().initial(), (before, after) -> after);
        waits.add(
            agent.steps().stream()
                .filter(step -> step.from() == at)
                .flatMap(step -> step.guard().stream())
                .map(Condition::text)
                .distinct()
                .collect(Collectors.joining(", or ", agent.name() + " waits for ever: ", "")));
      }
    }
    int last = steps.size() - 1;
    String after = last < 0 ? "" : "after " + said(steps.get(last)) + " ";
    return new Way(outcome, steps, last, after + String.join("; ", waits));
  }

  private static Way reports(Outcome outcome, List<Taken> steps) {
    int decisive = first(steps, 0, taken -> acts(taken, Set.of(OfCore.REPORT_NODE)));
    String path = object(steps.get(decisive));
    int late =
        first(
            steps,
            decisive,
            taken -> acts(taken, Removal.OTHERS_PUT_NODE) && object(taken).equals(path));
    StringBuilder because = new StringBuilder(said(steps.get(decisive)));
    if (late >= 0) {
      because.append(" comes before ").append(said(steps.get(late)));
    }
    if (outcome.reported().size() > 1) {
      because.append(
          outcome.reported().stream()
              .filter(other -> !other.equals(path))
              .collect(Collectors.joining(" ", ", and so for ", "")));
    }
    return new Way(outcome, steps, decisive, because.toString());
  }

  private static Way clean(Outcome outcome, List<Taken> steps) {
    int last =
        IntStream.range(0, steps.size())
            .filter(i -> acts(steps.get(i), Removal.OTHERS_PUT_NODE))
            .reduce(-1, (before, after) -> after);
    String because =
        last < 0
            ? "nothing but the changeset holds a node"
            : said(steps.get(last)) + " returns the last reference of another holder in time";
    return new Way(outcome, steps, last, because);
  }

  private static int first(List<Taken> steps, int from, Predicate<Taken> wanted) {
    return IntStream.range(from, steps.size())
        .filter(i -> wanted.test(steps.get(i)))
        .findFirst()
        .orElse(-1);
  }

  private static boolean acts(Taken taken, Set<Act> acts) {
    Label label = taken.step().label();
    return label != null && acts.contains(label.act());
  }

  private static String object(Taken taken) {
    Label label = taken.step().label();
    return label == null ? "" : label.object();
  }

  private static String said(Taken taken) {
    return taken.step().does() + " by " + taken.agent().name();
  }
}
