package org.lastref.report;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.lastref.machine.Exploration;
import org.lastref.machine.Explorer;
import org.lastref.machine.Label;
import org.lastref.machine.Outcome;
import org.lastref.verify.Model;
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
public record CaseCoverage(
    String possible, Coverage covered, List<String> unseenOutcomes, List<String> unseenSteps) {

  /** What a search may take: some two million states. */
  private static final long MAX_BYTES = 64L << 20;

  private static final int MAX_NAMED = 3;
  private static final int MAX_LISTED = 64;

  /** Searches what a model allows, and compares. */
  public static CaseCoverage of(Model model, List<Verdict> verdicts) {
    Gathered gathered = new Gathered(verdicts);
    List<Model.Part> parts = model.parts();
    for (Model.Part part : parts) {
      gathered.add(part, parts.size() > 1 ? " of " + part.what() : "");
    }
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
     * @param of is said behind what was not seen
     */
    void add(Model.Part part, String of) {
      Exploration found = Explorer.search(part.machine(), MAX_BYTES, (states, open) -> {});
      possible.append("%s, %s\n".formatted(part.title(), found.describe()));
      List<Seen> seen =
          verdicts.stream()
              .flatMap(verdict -> verdict.seen().stream())
              .filter(each -> each.what().equals(part.what()))
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
  public String describe() {
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

  /** The same with no more listed than a reader takes. */
  CaseCoverage bounded() {
    return new CaseCoverage(possible, covered, first(unseenOutcomes), first(unseenSteps));
  }

  private static List<String> first(List<String> unseen) {
    return unseen.subList(0, Math.min(MAX_LISTED, unseen.size()));
  }

  /** For the case's result: what {@link Coverage#of} counts, and what was not seen. */
  public SortedMap<String, String> properties() {
    SortedMap<String, String> properties = new TreeMap<>(covered.properties());
    list(properties, "outcomes_unseen", unseenOutcomes);
    list(properties, "steps_unseen", unseenSteps);
    return properties;
  }

  private static void list(SortedMap<String, String> properties, String name, List<String> unseen) {
    if (!unseen.isEmpty()) {
      properties.put(name, String.join("; ", first(unseen)));
    }
  }
}
