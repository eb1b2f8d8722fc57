package org.lastref.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One table with grouped columns. Rows, groups and columns stand in the order they first came in;
 * long column names break after a dash, so that twelve fit on a screen.
 */
final class Grid {

  /** A column of a group; the group is empty if there are none. */
  record Column(String group, String name) {}

  /** What a cell shows. */
  record Cell(String word, String colour) {}

  private record Sized(Column column, List<String> header, int width) {
    Sized widened(int by) {
      return new Sized(column, header, width + by);
    }
  }

  static final int MAX_LABEL = 40;

  /** As wide as the words of a cell commonly are: a shorter piece of a name gains nothing. */
  private static final int PIECE = 7;

  private static final String RULE = " | ";

  private final String corner;
  private final Map<String, Map<Column, List<CaseResult>>> rows = new LinkedHashMap<>();
  private final Map<String, TreeSet<String>> groups = new LinkedHashMap<>();

  /** Of all groups: where one lacks a column, the others keep their order. */
  private final List<String> names = new ArrayList<>();

  Grid(String corner) {
    this.corner = corner;
  }

  void add(String row, Column column, CaseResult result) {
    if (!names.contains(column.name())) {
      names.add(column.name());
    }
    groups
        .computeIfAbsent(column.group(), g -> new TreeSet<>(Comparator.comparing(names::indexOf)))
        .add(column.name());
    rows.computeIfAbsent(row, r -> new LinkedHashMap<>())
        .computeIfAbsent(column, c -> new ArrayList<>())
        .add(result);
  }

  /** What stands where, for whoever draws it otherwise. */
  Matrix matrix(String title, Function<List<CaseResult>, Cell> cell) {
    List<Matrix.Group> heads = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    groups.forEach(
        (group, there) -> {
          heads.add(new Matrix.Group(group, List.copyOf(there)));
          there.forEach(name -> columns.add(new Column(group, name)));
        });
    List<Matrix.Row> lines = new ArrayList<>();
    rows.forEach(
        (row, there) ->
            lines.add(
                new Matrix.Row(
                    row, columns.stream().map(each -> cell(there.get(each), cell)).toList())));
    return new Matrix(title, corner, heads, lines);
  }

  private static Matrix.Cell cell(
      @Nullable List<CaseResult> cases, Function<List<CaseResult>, Cell> cell) {
    if (cases == null) {
      return Matrix.Cell.NONE;
    }
    CaseResult worst = cases.stream().min(CaseResult.BY_WEIGHT).orElseThrow();
    return new Matrix.Cell(cell.apply(cases).word(), worst.status(), worst.id());
  }

  /**
   * Renders in as many blocks, one below the other, as {@code maxColumns} asks for.
   *
   * @param cell what to show for the cases of a cell
   * @param paint gives a text (second) a colour (first)
   */
  void render(
      StringBuilder out,
      int maxColumns,
      Function<List<CaseResult>, Cell> cell,
      BinaryOperator<String> paint) {
    var cells = new LinkedHashMap<String, Map<Column, Cell>>();
    rows.forEach(
        (row, there) -> {
          var shown = new LinkedHashMap<Column, Cell>();
          there.forEach((column, cases) -> shown.put(column, cell.apply(cases)));
          cells.put(row, shown);
        });
    int label = cells.keySet().stream().mapToInt(Text::width).reduce(Text.width(corner), Math::max);
    var block = new ArrayList<List<Sized>>();
    int used = label;
    for (var group : groups.keySet()) {
      for (var part : parts(sized(group, cells.values()), maxColumns - label)) {
        int needed = width(part);
        if (!block.isEmpty() && used + needed > maxColumns) {
          block(out, label, block, cells, paint);
          out.append('\n');
          block.clear();
          used = label;
        }
        block.add(part);
        used += needed;
      }
    }
    block(out, label, block, cells, paint);
  }

  private List<Sized> sized(String group, Iterable<Map<Column, Cell>> cells) {
    var sized = new ArrayList<Sized>();
    for (var name : groups.getOrDefault(group, new TreeSet<>())) {
      var column = new Column(group, name);
      var header = pieces(name);
      int width = header.stream().mapToInt(Text::width).reduce(0, Math::max);
      for (var row : cells) {
        var cell = row.get(column);
        width = Math.max(width, cell == null ? 0 : Text.width(cell.word()));
      }
      sized.add(new Sized(column, header, width));
    }
    return sized;
  }

  /** The group whole, or in parts that fit; the last column of each makes room for its name. */
  private static List<List<Sized>> parts(List<Sized> group, int maxWidth) {
    var parts = new ArrayList<List<Sized>>();
    var part = new ArrayList<Sized>();
    for (var column : group) {
      part.add(column);
      if (part.size() > 1 && width(part) > maxWidth) {
        part.remove(part.size() - 1);
        parts.add(part);
        part = new ArrayList<>(List.of(column));
      }
    }
    parts.add(part);
    for (var each : parts) {
      int last = each.size() - 1;
      int missing = Text.width(each.get(last).column().group()) - (width(each) - RULE.length());
      each.set(last, each.get(last).widened(Math.max(0, missing)));
    }
    return parts;
  }

  private static int width(List<Sized> part) {
    return RULE.length()
        + part.stream().mapToInt(Sized::width).sum()
        + TextTable.GAP.length() * (part.size() - 1);
  }

  private void block(
      StringBuilder out,
      int label,
      List<List<Sized>> parts,
      Map<String, Map<Column, Cell>> cells,
      BinaryOperator<String> paint) {
    if (!groups.keySet().equals(Set.of(""))) {
      var line = new StringBuilder(" ".repeat(label));
      for (var part : parts) {
        line.append(RULE)
            .append(Text.padded(part.get(0).column().group(), width(part) - RULE.length()));
      }
      TextTable.line(out, line);
    }
    int deep =
        parts.stream().flatMap(List::stream).mapToInt(c -> c.header().size()).max().orElse(0);
    for (int i = deep; i > 0; i--) {
      int fromBottom = i;
      line(out, Text.padded(i == 1 ? corner : "", label), parts, c -> headerLine(c, fromBottom));
    }
    var rule = new StringBuilder("-".repeat(label));
    parts.forEach(p -> rule.append("-+-").append("-".repeat(width(p) - RULE.length())));
    TextTable.line(out, rule);
    cells.forEach(
        (row, there) ->
            line(
                out,
                Text.padded(row, label),
                parts,
                c -> {
                  var cell = there.get(c.column());
                  return cell == null
                      ? " ".repeat(c.width())
                      : paint.apply(cell.colour(), Text.padded(cell.word(), c.width()));
                }));
  }

  private static String headerLine(Sized column, int fromBottom) {
    int piece = column.header().size() - fromBottom;
    return Text.padded(piece < 0 ? "" : column.header().get(piece), column.width());
  }

  private static void line(
      StringBuilder out, String label, List<List<Sized>> parts, Function<Sized, String> cell) {
    var line = new StringBuilder(label);
    for (var part : parts) {
      line.append(RULE).append(String.join(TextTable.GAP, part.stream().map(cell).toList()));
    }
    TextTable.line(out, line);
  }

  /** {@code dedicated-wq} in pieces no longer than need be: {@code dedicated-}, {@code wq}. */
  static List<String> pieces(String name) {
    var pieces = new ArrayList<String>();
    for (var part : name.split("(?<=-)", -1)) {
      int last = pieces.size() - 1;
      if (last >= 0 && Text.width(pieces.get(last) + part) <= PIECE) {
        pieces.set(last, pieces.get(last) + part);
      } else {
        pieces.add(part);
      }
    }
    return pieces;
  }
}
