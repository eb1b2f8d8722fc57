package org.lastref.suite;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.lastref.model.Exploration;
import org.lastref.model.Explorer;
import org.lastref.model.Label;
import org.lastref.model.Machine;
import org.lastref.model.Outcome;
import org.lastref.model.Population;
import org.lastref.model.Removal;
import org.lastref.report.Coverage;
import org.lastref.verify.Exercise;
import org.lastref.verify.Scenario;
import org.lastref.verify.Seen;
import org.lastref.verify.Verdict;

/**
 * What the model says may become of a case, and how much of that its cycles showed.
 *
 * @param possible what may be, in words: a line an overlay
 * @param covered how much of it was seen
 * @param unseenOutcomes the others, by their words
 * @param unseenSteps the visible steps that some way takes and that never showed
 */
record CaseCoverage(
    String possible, Coverage covered, List<String> unseenOutcomes, List<String> unseenSteps) {

  /** What a search may take: some two million states. */
  private static final long MAX_BYTES = 64L << 20;

  private static final int MAX_NAMED = 3;
  private static final int MAX_LISTED = 64;

  /** Of what has no model. */
  static final CaseCoverage NONE = new CaseCoverage("", Coverage.NOTHING, List.of(), List.of());

  /** Searches what the scenario allows, and compares. */
  static CaseCoverage of(Scenario scenario, List<Verdict> verdicts) {
    Gathered gathered = new Gathered(verdicts);
    boolean stacked = scenario.populations().size() > 1;
    for (Map.Entry<String, Population> each : scenario.populations().entrySet()) {
      Population population = each.getValue();
      gathered.add(
          Removal.of(population, scenario.policy(), scenario.situation()),
          each.getKey(),
          "%s: %d nodes, %d devices, %d links"
              .formatted(
                  each.getKey(),
                  population.nodes().size(),
                  population.devices().size(),
                  population.links().size()),
          stacked ? " of " + each.getKey() : "");
    }
    return gathered.all();
  }

  /** Searches what the exercise allows, and compares. */
  static CaseCoverage of(Exercise exercise, List<Verdict> verdicts) {
    Gathered gathered = new Gathered(verdicts);
    gathered.add(exercise.machine(), exercise.id(), exercise.scenario(), "");
    return gathered.all();
  }

  /** What is known of one machine after the other. */
  private static final class Gathered {
    private final List<Verdict> verdicts;
    private final StringBuilder possible = new StringBuilder();
    private final List<String> outcomes = new ArrayList<>();
    private final List<String> steps = new ArrayList<>();
    private Coverage covered = Coverage.NOTHING;

    Gathered(List<Verdict> verdicts) {
      this.verdicts = verdicts;
    }

    /**
     * @param what is seen of it under that name
     * @param title what is said of it before what may come of it
     * @param of is said behind what was not seen
     */
    void add(Machine machine, String what, String title, String of) {
      Exploration found = Explorer.search(machine, MAX_BYTES, (states, open) -> {});
      possible.append("%s, %s\n".formatted(title, found.describe()));
      List<Seen> seen =
          verdicts.stream()
              .flatMap(verdict -> verdict.seen().stream())
              .filter(each -> each.what().equals(what))
              .toList();
      covered =
          covered.plus(outcomes(found, seen, of, outcomes)).plus(steps(found, seen, of, steps));
    }

    CaseCoverage all() {
      return new CaseCoverage(possible.toString(), covered, outcomes, steps);
    }
  }

  private static Coverage outcomes(
      Exploration found, List<Seen> removals, String of, List<String> unseen) {
    Set<Set<String>> seen = new HashSet<>();
    removals.forEach(removal -> seen.add(removal.shown()));
    int shown = 0;
    for (Outcome outcome : found.outcomes()) {
      if (outcome.grade() != Outcome.Grade.FORBIDDEN && seen.contains(outcome.shown())) {
        shown++;
      } else {
        unseen.add(outcome + of);
      }
    }
    return new Coverage(shown, found.outcomes().size(), 0, 0, !found.complete());
  }

  private static Coverage steps(
      Exploration found, List<Seen> removals, String of, List<String> unseen) {
    Set<Label> possible = found.labels();
    Set<Label> left = new HashSet<>(possible);
    removals.forEach(removal -> left.removeAll(removal.steps()));
    Set<String> words = new TreeSet<>();
    left.forEach(label -> words.add(label + of));
    unseen.addAll(words);
    return new Coverage(0, 0, possible.size() - left.size(), possible.size(), !found.complete());
  }

  /** In words, a few of what was not seen named; beside other things there is room for no more. */
  String describe() {
    return "%s%s\n".formatted(possible, covered)
        + named("outcomes never seen: ", unseenOutcomes)
        + named("steps never seen: ", unseenSteps);
  }

  private static String named(String what, List<String> unseen) {
    if (unseen.isEmpty()) {
      return "";
    }
    String more =
        unseen.size() > MAX_NAMED ? "; and %d more".formatted(unseen.size() - MAX_NAMED) : "";
    return what
        + String.join("; ", unseen.subList(0, Math.min(MAX_NAMED, unseen.size())))
        + more
        + "\n";
  }

  /** For the case's result: what {@link Coverage#of} counts, and what was not seen. */
  SortedMap<String, String> properties() {
    SortedMap<String, String> properties = new TreeMap<>(covered.properties());
    list(properties, "outcomes_unseen", unseenOutcomes);
    list(properties, "steps_unseen", unseenSteps);
    return properties;
  }

  private static void list(SortedMap<String, String> properties, String name, List<String> unseen) {
    if (!unseen.isEmpty()) {
      properties.put(
          name, String.join("; ", unseen.subList(0, Math.min(MAX_LISTED, unseen.size()))));
    }
  }
}
