package org.lastref.report;

import java.util.ArrayList;
import java.util.List;

/** Texts in columns, each as wide as its widest, cut where that is more than a bound. */
public final class TextTable {

  static final String GAP = "  ";

  private record Row(String head, List<String> cells) {}

  private final int most;
  private final List<Row> rows = new ArrayList<>();

  /** An empty table. */
  public TextTable(int most) {
    this.most = most;
  }

  /**
   * Adds a row.
   *
   * @param head what stands before its first cell
   * @param cells as many as in every row; what a terminal would act upon becomes visible
   */
  public void add(String head, List<String> cells) {
    rows.add(
        new Row(
            head,
            cells.stream().map(c -> Text.line(c.replaceAll("[\\n\\t]+", " "), most)).toList()));
  }

  /** A line below what is there, as wide as its columns are in the end. */
  void rule(String head) {
    rows.add(new Row(head, List.of()));
  }

  @Override
  public String toString() {
    List<Integer> widths = new ArrayList<>();
    for (Row row : rows) {
      for (int i = 0; i < row.cells().size(); i++) {
        int width = Text.width(row.cells().get(i));
        if (i == widths.size()) {
          widths.add(width);
        } else {
          widths.set(i, Math.max(width, widths.get(i)));
        }
      }
    }
    StringBuilder out = new StringBuilder();
    for (Row row : rows) {
      List<String> cells = new ArrayList<>();
      for (int i = 0; i < widths.size(); i++) {
        cells.add(
            row.cells().isEmpty()
                ? "-".repeat(widths.get(i))
                : Text.padded(row.cells().get(i), widths.get(i)));
      }
      line(out, row.head() + String.join(GAP, cells));
    }
    return out.toString();
  }

  /** Writes a line, without blanks at its end. */
  static void line(StringBuilder out, CharSequence text) {
    out.append(text.toString().stripTrailing()).append('\n');
  }
}
