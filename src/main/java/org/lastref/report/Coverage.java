package org.lastref.report;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much of what the model allows was seen.
 *
 * @param outcomesSeen of how many possible outcomes of removals, each counted once a case
 * @param stepsSeen of how many visible steps, the same
 * @param atLeast whether a search was not finished, so that more may be possible
 */
public record Coverage(
    int outcomesSeen, int outcomesPossible, int stepsSeen, int stepsPossible, boolean atLeast) {

  /** Of nothing. */
  public static final Coverage NOTHING = new Coverage(0, 0, 0, 0, false);

  private static final String OUTCOMES = "outcomes";
  private static final String STEPS = "steps";

  /** Such as 4/6, or 4/6+ if more may be possible. */
  private static final Pattern SHARE = Pattern.compile("(\\d{1,9})/(\\d{1,9})(\\+?)");

  /** Both together. */
  public Coverage plus(Coverage other) {
    return new Coverage(
        outcomesSeen + other.outcomesSeen,
        outcomesPossible + other.outcomesPossible,
        stepsSeen + other.stepsSeen,
        stepsPossible + other.stepsPossible,
        atLeast || other.atLeast);
  }

  /** Of all cases. */
  public static Coverage of(List<CaseResult> cases) {
    return cases.stream().map(CaseResult::covered).reduce(NOTHING, Coverage::plus);
  }

  /** Of a case that an older Lastref wrote down, as its properties say it. */
  static Coverage older(Map<String, String> properties) {
    var outcomes = share(properties, OUTCOMES);
    var steps = share(properties, STEPS);
    return outcomes.matches() && steps.matches()
        ? new Coverage(
            Integer.parseInt(outcomes.group(1)),
            Integer.parseInt(outcomes.group(2)),
            Integer.parseInt(steps.group(1)),
            Integer.parseInt(steps.group(2)),
            !outcomes.group(3).isEmpty())
        : NOTHING;
  }

  private static Matcher share(Map<String, String> properties, String name) {
    return SHARE.matcher(properties.getOrDefault(name, ""));
  }

  /** As a case says it: {@code outcomes} and {@code steps}, such as 4/6. */
  public SortedMap<String, String> properties() {
    var more = atLeast ? "+" : "";
    return new TreeMap<>(
        Map.of(
            OUTCOMES, outcomesSeen + "/" + outcomesPossible + more,
            STEPS, stepsSeen + "/" + stepsPossible + more));
  }

  /** For example {@code 57 of 96 possible outcomes, 812 of 830 steps seen}. */
  @Override
  public String toString() {
    var of = atLeast ? "of at least" : "of";
    return "%d %s %d possible outcomes, %d %s %d steps seen"
        .formatted(outcomesSeen, of, outcomesPossible, stepsSeen, of, stepsPossible);
  }
}
