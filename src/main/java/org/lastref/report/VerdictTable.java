package org.lastref.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The verdicts of a run for a terminal: tables, then every case that did not pass with what it
 * takes to look into it, then the totals. With row {@code overlay} and columns {@code timing,
 * release, fix}:
 *
 * <pre>
 * timing=delayed
 *         | call-srcu                        | system-wq
 *         |        srcu-    sync-    wait-   |        srcu-    sync-    wait-
 * overlay | none   barrier  overlay  removal | none   barrier  overlay  removal
 * --------+----------------------------------+---------------------------------
 * simple  | leaks  clean    clean    clean   | leaks  clean    clean    clean
 * diamond | leaks  clean    clean    error   | leaks  clean    LEAKS    -
 *
 * lower case: as expected   CAPITALS: not as expected   error: the lab failed, ...
 *
 * FAILED  diamond/system-wq/sync-overlay/delayed
 *         3 nodes were reported after the overlay was removed, and the model allows none
 *         ...
 *         run again: ./lastref run --case diamond/system-wq/sync-overlay/delayed
 *
 * 16 cases: 13 passed, 1 failed, 1 error, 1 not run, 2 min 5 s
 * coverage: 57 of 96 possible outcomes, 812 of 830 steps seen
 * Results: results/20260131-120000-qemu-virt
 * </pre>
 *
 * <p>The word of a cell is the case's verdict, else {@code pass} or {@code FAIL}. Text of the
 * board's is escaped and cut at {@value #MAX_COLUMNS} columns; commands never are.
 *
 * @param axes what may stand where; a case is in the tables of the first that it has all properties
 *     of
 * @param ansi whether to colour the words
 */
public record VerdictTable(List<Axes> axes, boolean ansi) {

  /**
   * The properties that place a case.
   *
   * @param rowKey the property whose values are the rows
   * @param columnKeys the properties whose values are the columns: the last two make the lines of
   *     the header, each combination of those before has a table of its own
   */
  public record Axes(String rowKey, List<String> columnKeys) {

    public Axes {
      if (columnKeys.isEmpty()) {
        throw new IllegalArgumentException("a table needs a property for its columns");
      }
      columnKeys = List.copyOf(columnKeys);
    }

    private boolean hold(CaseResult result) {
      var have = result.properties();
      return have.containsKey(rowKey) && have.keySet().containsAll(columnKeys);
    }
  }

  /** Where the cases of all suites stand. */
  public static final List<Axes> PLACES =
      List.of(
          new Axes("overlay", List.of("kernel", "situation", "grace", "release", "fix")),
          new Axes("overlay", List.of("kernel", "situation", "grace")),
          new Axes("scenario", List.of("suite", "kernel", "variant")));

  static final int MAX_COLUMNS = 200;

  private static final int MAX_WORD = 15;
  private static final String RETRIED = " (retried)";

  public VerdictTable {
    axes = List.copyOf(axes);
  }

  /**
   * Tables, explanations and totals, ending in a newline.
   *
   * @param where the run's folder, as the reader would type it
   */
  public String render(List<CaseResult> cases, Path where) {
    return render(cases) + "Results: " + where + "\n";
  }

  /** All that is known of some cases, one after the other. */
  public String details(List<CaseResult> cases) {
    var out = new StringBuilder();
    for (var each : cases) {
      out.append(paint(colour(each), Text.padded(word(each), 8)))
          .append(Text.line(each.id() + Findings.atTry(each)))
          .append('\n');
      var lines = new ArrayList<>(List.of(each.headline()));
      each.detail().lines().forEach(lines::add);
      each.properties().forEach((name, value) -> lines.add(name + ": " + value));
      each.last().attachments().forEach(lines::add);
      if (!each.last().console().isEmpty()) {
        lines.add("console:");
        each.last().console().forEach(line -> lines.add("  " + line));
      }
      if (!each.rerun().isEmpty()) {
        lines.add("run again: " + each.rerun());
      }
      lines.forEach(line -> out.append("        ").append(Text.line(line)).append('\n'));
    }
    return out.toString();
  }

  /** The same without the folder. */
  public String render(List<CaseResult> cases) {
    var out = new StringBuilder();
    tables(out, cases);
    new Findings(this).write(out, cases);
    out.append(Totals.of(cases)).append('\n');
    var coverage = Coverage.of(cases);
    if (!coverage.equals(Coverage.NOTHING)) {
      out.append("coverage: ").append(coverage).append('\n');
    }
    return out.toString();
  }

  /** The same tables, of the cases that have a place in one. */
  public List<Matrix> matrices(List<CaseResult> cases) {
    var matrices = new ArrayList<Matrix>();
    grids(cases, new ArrayList<>())
        .forEach((title, grid) -> matrices.add(grid.matrix(title, VerdictTable::cell)));
    return matrices;
  }

  /** By their titles; what has no place goes to the others. */
  private Map<String, Grid> grids(List<CaseResult> cases, List<CaseResult> outside) {
    var grids = new LinkedHashMap<String, Grid>();
    for (var each : cases) {
      axes.stream()
          .filter(possible -> possible.hold(each))
          .findFirst()
          .ifPresentOrElse(found -> place(each, found, grids), () -> outside.add(each));
    }
    return grids;
  }

  private void tables(StringBuilder out, List<CaseResult> cases) {
    var outside = new ArrayList<CaseResult>();
    var grids = grids(cases, outside);
    grids.forEach(
        (title, grid) -> {
          if (!title.isEmpty()) {
            out.append(title).append('\n');
          }
          grid.render(out, MAX_COLUMNS, VerdictTable::cell, this::paint);
          out.append('\n');
        });
    if (!grids.isEmpty()) {
      out.append(legend(cases)).append("\n\n");
    }
    outside.forEach(
        c ->
            out.append(paint(colour(c), Text.padded(word(c), 6)))
                .append("  ")
                .append(
                    Text.line(c.id() + ": " + c.headline() + Findings.atTry(c), MAX_COLUMNS - 8))
                .append('\n'));
    if (!outside.isEmpty()) {
      out.append('\n');
    }
  }

  private static void place(CaseResult result, Axes axes, Map<String, Grid> grids) {
    var have = result.properties();
    var keys = axes.columnKeys();
    int split = Math.max(0, keys.size() - 2);
    var title = new ArrayList<String>();
    keys.subList(0, split).forEach(k -> title.add(k + "=" + label(have, k)));
    var header = keys.subList(split, keys.size());
    grids
        .computeIfAbsent(
            String.join("  ", title), t -> new Grid(Text.line(axes.rowKey(), Grid.MAX_LABEL)))
        .add(
            label(have, axes.rowKey()),
            new Grid.Column(
                header.size() == 1 ? "" : label(have, header.get(0)),
                label(have, header.get(header.size() - 1))),
            result);
  }

  private static String label(Map<String, String> properties, String key) {
    return Text.line(properties.getOrDefault(key, ""), Grid.MAX_LABEL);
  }

  /** The worst of the cases in the cell, and of how many it is true. */
  private static Grid.Cell cell(List<CaseResult> cases) {
    var worst = cases.stream().min(CaseResult.BY_WEIGHT).orElseThrow();
    var word = word(worst);
    if (worst.status() != Status.PASSED && cases.size() > 1) {
      long same = cases.stream().filter(c -> c.status() == worst.status()).count();
      word += " " + same + "/" + cases.size();
    } else if (cases.stream().anyMatch(CaseResult::passedAfterRetry)) {
      word += RETRIED;
    }
    return new Grid.Cell(word, colour(worst));
  }

  private static String word(CaseResult result) {
    var verdict = Text.line(result.verdict(), MAX_WORD);
    return switch (result.status()) {
      case PASSED -> verdict.isEmpty() ? "pass" : verdict.toLowerCase(Locale.ROOT);
      case FAILED -> verdict.isEmpty() ? "FAIL" : verdict.toUpperCase(Locale.ROOT);
      case ERROR -> "error";
      case SKIPPED -> result.notRun() ? "-" : verdict.isEmpty() ? "skip" : verdict;
    };
  }

  private static String legend(List<CaseResult> cases) {
    var totals = Totals.of(cases);
    var marks = new ArrayList<String>();
    if (totals.passed() > 0) {
      marks.add("lower case: as expected");
    }
    if (totals.failed() > 0) {
      marks.add("CAPITALS: not as expected");
    }
    if (totals.errors() > 0) {
      marks.add("error: the lab or the input failed, nothing is said of the kernel");
    }
    if (totals.retried() > 0) {
      marks.add(RETRIED.strip() + ": passed after the lab had failed");
    }
    if (totals.skipped() > 0) {
      marks.add("skip: skipped");
    }
    if (totals.notRun() > 0) {
      marks.add("-: not run");
    }
    return String.join("   ", marks);
  }

  static String colour(CaseResult result) {
    return switch (result.status()) {
      case PASSED -> "32";
      case FAILED -> "1;31";
      case ERROR -> "33";
      case SKIPPED -> "2";
    };
  }

  String paint(String colour, String text) {
    return ansi ? "\u001b[" + colour + "m" + text + "\u001b[0m" : text;
  }
}
