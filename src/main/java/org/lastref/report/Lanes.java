package org.lastref.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lastref.report.Prediction.Move;

/**
 * An interleaving as a table: a column an agent, a row a step, or the same step some times over.
 */
final class Lanes {

  private static final int MIN_LANE = 14;
  private static final int MAX_LANE = 60;
  private static final String GAP = "  ";
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
    Map<String, Integer> widths = new LinkedHashMap<>();
    for (var agent : agents) {
      rows.stream()
          .filter(row -> row.agent().equals(agent))
          .mapToInt(row -> Text.width(row.words()))
          .max()
          .ifPresent(most -> widths.put(agent, Math.max(most, Text.width(Text.line(agent)))));
    }
    int share = (columns - NO_MARK.length()) / Math.max(1, widths.size()) - GAP.length();
    int lane = Math.min(MAX_LANE, Math.max(MIN_LANE, share));
    widths.replaceAll((agent, natural) -> Math.min(natural, lane));
    var head = new ArrayList<String>();
    var rule = new ArrayList<String>();
    widths.forEach(
        (agent, width) -> {
          head.add(Text.padded(Text.line(agent, width), width));
          rule.add("-".repeat(width));
        });
    line(out, NO_MARK, head);
    line(out, NO_MARK, rule);
    for (var row : rows) {
      var cells = new ArrayList<String>();
      widths.forEach(
          (agent, width) ->
              cells.add(
                  Text.padded(
                      agent.equals(row.agent()) ? Text.line(row.words(), width) : "", width)));
      line(out, row.marked() ? MARK : NO_MARK, cells);
    }
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

  private static void line(StringBuilder out, String mark, List<String> cells) {
    out.append((mark + String.join(GAP, cells)).stripTrailing()).append('\n');
  }
}
