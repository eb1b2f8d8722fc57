package org.lastref.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Below the table: every case that did not pass, or not at the first try, with what it takes to
 * look into it; of cases that say the same, the first.
 *
 * @param table whose colours are used
 */
record Findings(VerdictTable table) {

  private static final int MAX_DETAIL_LINES = 20;
  private static final int MAX_EXPLAINED = 20;
  private static final int MAX_NAMED = 8;
  private static final String INDENT = " ".repeat(8);

  /** For example {@code (2nd try)}, or nothing at the first. */
  static String atTry(CaseResult result) {
    return result.tries().isEmpty() ? "" : " (" + Try.ordinal(result.tries().size() + 1) + ")";
  }

  void write(StringBuilder out, List<CaseResult> cases) {
    var bad =
        cases.stream()
            .filter(c -> c.status() != Status.PASSED && !c.notRun())
            .sorted(CaseResult.BY_WEIGHT)
            .toList();
    var alike =
        List.copyOf(
            bad.stream()
                .collect(
                    Collectors.groupingBy(Findings::said, LinkedHashMap::new, Collectors.toList()))
                .values());
    alike.stream().limit(MAX_EXPLAINED).forEach(each -> explain(out, each));
    if (alike.size() > MAX_EXPLAINED) {
      int left = alike.stream().skip(MAX_EXPLAINED).mapToInt(List::size).sum();
      out.append("... and ").append(left).append(" more: the report in JSON has all\n\n");
    }
    explainRetried(out, cases.stream().filter(CaseResult::passedAfterRetry).toList());
    var notRun = cases.stream().filter(CaseResult::notRun).toList();
    if (!notRun.isEmpty()) {
      var first = notRun.get(0);
      var rest = notRun.size() == 1 ? "" : " and " + (notRun.size() - 1) + " more";
      out.append(table.paint(VerdictTable.colour(first), Text.padded("NOT RUN", 8)))
          .append(
              Text.line(first.id() + rest + ": " + first.headline(), VerdictTable.MAX_COLUMNS - 8))
          .append("\n\n");
    }
  }

  /** What the lab did before they passed, so that it is not forgotten because they did. */
  private static void explainRetried(StringBuilder out, List<CaseResult> retried) {
    retried.stream()
        .limit(MAX_EXPLAINED)
        .forEach(
            each -> {
              out.append("RETRIED ")
                  .append(
                      Text.line(each.id() + ": passed" + atTry(each), VerdictTable.MAX_COLUMNS - 8))
                  .append('\n');
              tries(out, each);
              out.append('\n');
            });
    if (retried.size() > MAX_EXPLAINED) {
      out.append("... and ")
          .append(retried.size() - MAX_EXPLAINED)
          .append(" more that passed only after a retry\n\n");
    }
  }

  private static void tries(StringBuilder out, CaseResult result) {
    for (int i = 0; i < result.tries().size(); i++) {
      var what = Try.ordinal(i + 1) + ", the lab failed: " + result.tries().get(i).headline();
      indented(out, Text.line(what, VerdictTable.MAX_COLUMNS - 8));
    }
  }

  /** What a case says, without its numbers and what is added to it. */
  private static List<String> said(CaseResult bad) {
    return List.of(
        bad.status().name(), bad.headline().replaceFirst(";.*", "").replaceAll("\\d+", "N"));
  }

  private void explain(StringBuilder out, List<CaseResult> alike) {
    CaseResult bad = alike.get(0);
    out.append(table.paint(VerdictTable.colour(bad), Text.padded(bad.status().name(), 8)))
        .append(Text.line(bad.id() + atTry(bad), VerdictTable.MAX_COLUMNS - 8))
        .append('\n');
    tries(out, bad);
    indented(out, Text.line(bad.headline(), VerdictTable.MAX_COLUMNS - 8));
    var detail = Text.printable(bad.detail()).lines().toList();
    detail.stream()
        .limit(MAX_DETAIL_LINES)
        .forEach(line -> indented(out, Text.line(line, VerdictTable.MAX_COLUMNS - 8)));
    if (detail.size() > MAX_DETAIL_LINES) {
      indented(
          out, "... " + (detail.size() - MAX_DETAIL_LINES) + " more lines in the report in JSON");
    }
    if (!bad.rerun().isEmpty()) {
      indented(out, "run again: " + Text.line(bad.rerun()));
    }
    if (alike.size() > 1) {
      var others = alike.stream().skip(1).limit(MAX_NAMED).map(CaseResult::id).toList();
      int more = alike.size() - 1 - others.size();
      indented(
          out,
          Text.line(
              "%d more say the same: %s%s"
                  .formatted(alike.size() - 1, String.join(", ", others), more > 0 ? ", …" : "")));
    }
    out.append('\n');
  }

  private static void indented(StringBuilder out, String line) {
    TextTable.line(out, INDENT + line);
  }
}
