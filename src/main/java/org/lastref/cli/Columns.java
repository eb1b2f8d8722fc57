package org.lastref.cli;

import java.util.ArrayList;
import java.util.List;
import org.lastref.report.Text;

/** A table of texts, each column as wide as its widest, the last ones cut where they are long. */
final class Columns {

  private static final int WIDEST = 100;
  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();

  Columns(String... header) {
    add(header);
  }

  /** Adds a row; what a terminal would act upon becomes visible. */
  void add(String... cells) {
    List<String> row = new ArrayList<>();
    for (String cell : cells) {
      String line = Text.printable(cell).replaceAll("[\\n\\t]+", " ");
      row.add(line.length() <= WIDEST ? line : line.substring(0, WIDEST - 3) + "...");
    }
    rows.add(row);
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        line.append(row.get(i)).append(" ".repeat(width(i) - row.get(i).length())).append(GAP);
      }
      out.append(line.toString().stripTrailing()).append('\n');
    }
    return out.toString();
  }

  private int width(int column) {
    return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
  }
}
