package org.lastref.report;

import java.util.ArrayList;
import java.util.List;
import org.lastref.report.Prediction.Move;

/**
 * An interleaving as a table: a column an agent, a row a step, or the same step some times over.
 */
final class Lanes {

  private static final int MIN_LANE = 14;
  private static final int MAX_LANE = 60;
  private static final String MARK = "> ";
  private static final String NO_MARK = "  ";

  private record Row(String agent, String words, boolean marked) {}

  private Lanes() {}

  /**
   * Writes the table; steps that no trace shows are in parentheses.
   *
   * @param agents in the order of their columns; those that do nothing have none
   * @param decisive the index of the step to mark, or -1
   * @param columns how wide it may be, if its lanes can be cut so far
   */
  static void render(
      StringBuilder out, List<Move> way, List<String> agents, int decisive, int columns) {
    var rows = rows(way, decisive);
    var acting =
        agents.stream().filter(a -> rows.stream().anyMatch(row -> row.agent().equals(a))).toList();
    int share = (columns - NO_MARK.length()) / Math.max(1, acting.size()) - TextTable.GAP.length();
    var table = new TextTable(Math.min(MAX_LANE, Math.max(MIN_LANE, share)));
    table.add(NO_MARK, acting);
    table.rule(NO_MARK);
    for (var row : rows) {
      table.add(
          row.marked() ? MARK : NO_MARK,
          acting.stream().map(a -> a.equals(row.agent()) ? row.words() : "").toList());
    }
    out.append(table);
  }

  private static List<Row> rows(List<Move> way, int decisive) {
    var rows = new ArrayList<Row>();
    for (int i = 0; i < way.size(); ) {
      var move = way.get(i);
      int from = i++;
      while (from != decisive && i < way.size() && i != decisive && way.get(i).equals(move)) {
        i++;
      }
      rows.add(new Row(move.agent(), times(i - from, cell(move)), from == decisive));
    }
    return rows;
  }

  /** Said once. */
  static String times(int count, String what) {
    return count == 1 ? what : count + " times " + what;
  }

  private static String cell(Move move) {
    var does = Text.line(move.does()).replace("platform:", "");
    return move.visible() ? does : "(" + does + ")";
  }
}
