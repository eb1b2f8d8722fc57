package org.lastref.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Verdicts in rows and columns.
 *
 * @param title what all of them have in common; empty if there is nothing to say
 * @param corner what the rows are
 */
public record Matrix(String title, String corner, List<Group> groups, List<Row> rows) {

  /** Columns under one head, which is empty if there is none. */
  public record Group(String name, List<String> columns) {
    public Group {
      columns = List.copyOf(columns);
    }
  }

  /** A cell for each column. */
  public record Row(String name, List<Cell> cells) {
    public Row {
      cells = List.copyOf(cells);
    }
  }

  /**
   * The worst of its cases.
   *
   * @param word what a terminal shows
   * @param status null if there is no such case
   * @param id of that case
   */
  public record Cell(String word, @Nullable Status status, String id) {
    static final Cell NONE = new Cell("", null, "");
  }

  public Matrix {
    groups = List.copyOf(groups);
    rows = List.copyOf(rows);
  }
}
