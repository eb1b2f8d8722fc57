package org.lastref.report;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.OptBoolean;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lastref.machine.Engine.Taken;
import org.lastref.machine.Exploration;
import org.lastref.machine.Explorer;
import org.lastref.machine.Label;
import org.lastref.machine.Machine;
import org.lastref.machine.Outcome;
import org.lastref.verify.Allowed;
import org.lastref.verify.Model;
import org.lastref.verify.Verdict;

/**
 * What the model says may become of a case, and how much of that its cycles showed.
 *
 * @param possible what may be, in words: a line an overlay
 * @param covered how much of it was seen
 * @param unseenOutcomes the others, by their words
 * @param ways a shortest way to each of those, in their order: who does what, as far as it shows
 * @param unseenSteps the visible steps that some way takes and that never showed
 * @param allowed what counts may be in the last cycle
 */
public record CaseCoverage(
    String possible,
    Coverage covered,
    List<String> unseenOutcomes,
    @JacksonInject(value = NO_WAYS, useInput = OptBoolean.TRUE) List<String> ways,
    List<String> unseenSteps,
    @JacksonInject(value = NO_COUNTS, useInput = OptBoolean.TRUE) List<Allowed> allowed) {

  /** Of an older Lastref, which kept none. */
  static final String NO_COUNTS = "no counts";

  /** The same. */
  static final String NO_WAYS = "no ways";

  /** What a search may take: some two million states. */
  private static final long MAX_BYTES = 64L << 20;

  private static final int MAX_NAMED = 3;
  private static final int MAX_LISTED = 64;

  /** In characters. */
  private static final int MAX_WAY = 600;

  /** Of one overlay: more of them nobody reads. */
  private static final int MAX_WAYS = 8;

  private static final CaseCoverage NONE =
      new CaseCoverage("", Coverage.NOTHING, List.of(), List.of(), List.of(), List.of());

  /** Searches all that a machine can do, as far as there is memory for it. */
  public static Exploration search(Machine machine) {
    return Explorer.search(machine, MAX_BYTES, (states, open) -> {});
  }

  /**
   * Compares with what a model allows.
   *
   * @param searched all that a machine can do
   */
  public static CaseCoverage of(
      Model model, Function<Machine, Exploration> searched, List<Verdict> verdicts) {
    List<Model.Part> parts = model.parts();
    return parts.stream()
        .map(
            part ->
                of(
                    part,
                    searched.apply(part.machine()),
                    parts.size() > 1 ? " of " + part.what() : "",
                    verdicts))
        .reduce(NONE, CaseCoverage::plus);
  }

  /**
   * @param of is said behind what was not seen
   */
  private static CaseCoverage of(
      Model.Part part, Exploration found, String of, List<Verdict> verdicts) {
    Set<Set<String>> shown = new HashSet<>();
    Set<Label> left = new HashSet<>(found.labels());
    verdicts.stream()
        .flatMap(verdict -> verdict.seen().stream())
        .filter(each -> each.what().equals(part.what()))
        .forEach(
            seen -> {
              shown.add(seen.shown());
              left.removeAll(seen.steps());
            });
    List<Outcome> outcomes =
        found.outcomes().stream()
            .filter(o -> o.grade() == Outcome.Grade.FORBIDDEN || !shown.contains(o.shown()))
            .toList();
    int possible = found.outcomes().size();
    int steps = found.labels().size();
    return new CaseCoverage(
        "%s, %s\n".formatted(part.title(), found.describe()),
        new Coverage(
            possible - outcomes.size(), possible, steps - left.size(), steps, !found.complete()),
        outcomes.stream().map(outcome -> outcome + of).toList(),
        IntStream.range(0, outcomes.size())
            .mapToObj(i -> i < MAX_WAYS ? way(found.way(outcomes.get(i))) : "")
            .toList(),
        left.stream().map(label -> label + of).distinct().sorted().toList(),
        List.of());
  }

  private static String way(List<Taken> steps) {
    List<Taken> shown = steps.stream().filter(each -> each.step().label() != null).toList();
    StringBuilder way = new StringBuilder();
    String agent = "";
    for (int i = 0; i < shown.size(); ) {
      Taken each = shown.get(i);
      int from = i;
      while (i < shown.size() && isSame(each, shown.get(i))) {
        i++;
      }
      boolean other = !each.agent().name().equals(agent);
      agent = each.agent().name();
      way.append(way.isEmpty() ? "" : other ? "; " : ", ")
          .append(other ? agent + ": " : "")
          .append(Lanes.times(i - from, requireNonNull(each.step().label()).call()));
    }
    return Text.line(way.toString(), MAX_WAY);
  }

  private static boolean isSame(Taken one, Taken other) {
    return one.agent().equals(other.agent())
        && Objects.equals(one.step().label(), other.step().label());
  }

  private CaseCoverage plus(CaseCoverage other) {
    return new CaseCoverage(
        possible + other.possible,
        covered.plus(other.covered),
        both(unseenOutcomes, other.unseenOutcomes),
        both(ways, other.ways),
        both(unseenSteps, other.unseenSteps),
        both(allowed, other.allowed));
  }

  private static <T> List<T> both(List<T> one, List<T> other) {
    return Stream.concat(one.stream(), other.stream()).toList();
  }

  /** The same with what counts may be. */
  public CaseCoverage with(List<Allowed> counts) {
    return new CaseCoverage(possible, covered, unseenOutcomes, ways, unseenSteps, counts);
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
    return new CaseCoverage(
        possible, covered, first(unseenOutcomes), first(ways), first(unseenSteps), first(allowed));
  }

  private static <T> List<T> first(List<T> all) {
    return all.subList(0, Math.min(MAX_LISTED, all.size()));
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
