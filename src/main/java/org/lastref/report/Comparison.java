package org.lastref.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Cases judged again, against what a run said of them.
 *
 * @param same how many have the verdict that they had
 * @param compared of how many
 * @param differing those that have another
 * @param missing how many cases of the run were not judged again
 */
public record Comparison(int same, int compared, List<Difference> differing, int missing) {

  private static final int MAX_TOLD = 20;

  /** A case that was judged differently; each by the verdict's word and status. */
  public record Difference(String id, String was, String is) {}

  public Comparison {
    differing = List.copyOf(differing);
  }

  /**
   * Compares by the cases' ids.
   *
   * @param before what the run said; cases that it had not come to are left out
   * @param now what is said now
   */
  public static Comparison of(List<CaseResult> before, List<CaseResult> now) {
    Map<String, CaseResult> byId = new HashMap<>();
    before.stream().filter(c -> !c.notRun()).forEach(c -> byId.put(c.id(), c));
    var differing = new ArrayList<Difference>();
    int compared = 0;
    for (var each : now) {
      var was = byId.remove(each.id());
      if (was != null) {
        compared++;
        if (!said(was).equals(said(each))) {
          differing.add(new Difference(each.id(), said(was), said(each)));
        }
      }
    }
    return new Comparison(compared - differing.size(), compared, differing, byId.size());
  }

  private static String said(CaseResult result) {
    var status = Json.MAPPER.convertValue(result.status(), String.class);
    var verdict = result.verdict();
    return Text.line(verdict.isEmpty() ? status : "%s (%s)".formatted(verdict, status), 60);
  }

  /** For a terminal, ending in a newline. */
  public String render() {
    var out = new StringBuilder();
    out.append("Same verdict as in run.json in %d of %d cases\n".formatted(same, compared));
    differing.stream()
        .limit(MAX_TOLD)
        .forEach(
            each ->
                out.append(
                    "  %s: was %s, is %s\n"
                        .formatted(Text.line(each.id(), 100), each.was(), each.is())));
    if (differing.size() > MAX_TOLD) {
      out.append("  ... and %d more\n".formatted(differing.size() - MAX_TOLD));
    }
    if (missing > 0) {
      out.append(
          "Not judged again for want of a trace: %d of the run's cases\n".formatted(missing));
    }
    return out.toString();
  }
}
