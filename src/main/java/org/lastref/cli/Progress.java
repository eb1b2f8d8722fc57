package org.lastref.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.lastref.report.CaseResult;
import org.lastref.report.Status;
import org.lastref.report.Text;

/**
 * Says on standard error how far a run is. On a terminal that is a line a board, with what is done
 * of how many, the time left and what came of it so far, and above it whatever did not pass; else a
 * line for each tenth and for each case that did not pass.
 */
final class Progress {

  /** Shared by the boards of this program. */
  private static final Screen SCREEN = new Screen(System.err, columns());

  /** As harness/lib.sh has it in progress(). */
  private static final String PROGRESS = " of about ";

  private final boolean terminal = Boolean.getBoolean("lastref.terminal");
  private final long started = System.nanoTime();
  private final String board;
  private final int total;
  private final int line;
  private final Map<Status, Integer> counts = new TreeMap<>();
  private int done;

  /**
   * @param board named at the head of each line; empty if it is the only one
   */
  Progress(String board, int total) {
    this.board = board;
    this.total = total;
    line = terminal ? SCREEN.add() : 0;
  }

  private static int columns() {
    try {
      return Math.max(20, Integer.parseInt(System.getProperty("lastref.columns", "80")));
    } catch (NumberFormatException e) {
      return 80;
    }
  }

  /**
   * Takes what a build says: on a terminal how far it is stands in a line of its own as long as it
   * goes on, below what else it says.
   */
  static Consumer<String> building() {
    return Boolean.getBoolean("lastref.terminal") ? building(SCREEN) : Progress::plain;
  }

  private static void plain(String said) {
    if (!said.isEmpty()) {
      System.err.println(said);
    }
  }

  static Consumer<String> building(Screen screen) {
    int line = screen.add();
    return said -> {
      if (said.isEmpty() || said.contains(PROGRESS)) {
        screen.show(line, Text.line(said));
      } else {
        screen.say(Text.printable(said));
      }
    };
  }

  void ended(CaseResult result) {
    done += result.isBetween() ? 0 : 1;
    counts.merge(result.status(), 1, Integer::sum);
    Duration took = Duration.ofNanos(System.nanoTime() - started);
    String what =
        "%s%d of %d, %s: %s".formatted(head(board), done, total, result.name(), result.verdict());
    if (terminal) {
      if (result.status() != Status.PASSED) {
        SCREEN.say("lastref: " + head(board) + Text.line(result.id() + ": " + result.headline()));
      }
      SCREEN.show(line, "lastref: " + state(took) + ", " + Text.line(result.name()));
      if (done == total) {
        SCREEN.end();
      }
    } else if (result.status() != Status.PASSED || done * 10 / total != (done - 1) * 10 / total) {
      System.err.println("lastref: %s (%s)".formatted(what, clock(took)));
    }
  }

  private String state(Duration took) {
    StringBuilder state = new StringBuilder(head(board));
    state.append("%d of %d, %s".formatted(done, total, clock(took)));
    if (done > 0 && done < total) {
      state.append(
          ", about %s left".formatted(clock(took.multipliedBy(total - done).dividedBy(done))));
    }
    counts.forEach(
        (status, count) ->
            state.append(", %d %s".formatted(count, status.name().toLowerCase(Locale.ROOT))));
    return state.toString();
  }

  private static String clock(Duration time) {
    return "%d:%02d".formatted(time.toMinutes(), time.toSecondsPart());
  }

  /** What stands before a line of a board's, nothing if it is the only one. */
  static String head(String board) {
    return board.isEmpty() ? "" : board + ": ";
  }
}
