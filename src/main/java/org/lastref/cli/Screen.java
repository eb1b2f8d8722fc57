package org.lastref.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The last lines of a terminal, one a board, written again in their place; what is to stay is said
 * above them. For any thread.
 */
final class Screen {

  private final PrintStream out;
  private final int columns;
  private final List<String> lines = new ArrayList<>();
  private int drawn;

  /**
   * @param columns of the terminal: a longer line would take two
   */
  Screen(PrintStream out, int columns) {
    this.out = out;
    this.columns = columns;
  }

  /** Takes a line more; what it is called from then on. */
  synchronized int add() {
    lines.add("");
    return lines.size() - 1;
  }

  /** A line is another one now. */
  synchronized void show(int line, String text) {
    lines.set(line, text);
    draw("");
  }

  /** Says what stays, above the lines. */
  synchronized void say(String text) {
    draw(text + "\n");
  }

  private void draw(String above) {
    StringBuilder all = new StringBuilder("\r");
    if (drawn > 1) {
      all.append("\u001b[").append(drawn - 1).append('A');
    }
    all.append("\u001b[J").append(above);
    List<String> shown =
        lines.stream()
            .filter(line -> !line.isEmpty())
            .map(line -> line.length() < columns ? line : line.substring(0, columns - 1))
            .toList();
    all.append(String.join("\n", shown));
    drawn = shown.size();
    out.print(all);
    out.flush();
  }

  /** No line changes any more; what comes then begins a line of its own. */
  synchronized void end() {
    if (drawn > 0) {
      out.println();
      drawn = 0;
      lines.replaceAll(line -> "");
    }
  }
}
