package org.lastref.cli;

import java.time.Duration;
import org.lastref.report.CaseResult;
import org.lastref.report.Status;

/**
 * Says on standard error how far a run is: one line that changes on a terminal, a line for each
 * tenth and for each case that did not pass elsewhere, or where several boards have something to
 * say.
 */
final class Progress {

  private final boolean terminal = Boolean.getBoolean("lastref.terminal");
  private final long started = System.nanoTime();
  private final String board;
  private final int total;
  private int done;

  /**
   * @param board named at the head of each line; empty if it is the only one
   */
  Progress(String board, int total) {
    this.board = board;
    this.total = total;
  }

  void ended(CaseResult result) {
    done += result.isBetween() ? 0 : 1;
    String line =
        "lastref: %s%d of %d, %s: %s"
            .formatted(head(board), done, total, result.name(), result.verdict());
    if (terminal && board.isEmpty()) {
      System.err.print("\r\u001b[K" + line);
      if (done == total) {
        System.err.println();
      }
    } else if (result.status() != Status.PASSED || done * 10 / total != (done - 1) * 10 / total) {
      Duration took = Duration.ofNanos(System.nanoTime() - started);
      System.err.println("%s (%d:%02d)".formatted(line, took.toMinutes(), took.toSecondsPart()));
    }
  }

  /** What stands before a line of a board's, nothing if it is the only one. */
  static String head(String board) {
    return board.isEmpty() ? "" : board + ": ";
  }
}
