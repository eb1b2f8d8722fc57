package org.lastref.cli;

import org.lastref.machine.Explorer;
import org.lastref.report.Prediction;

/**
 * Says on standard error how far the searches are: one line that changes on a terminal; elsewhere a
 * line for each tenth of many and for each million of states.
 */
final class SearchProgress {

  private static final int MANY = 100;

  private final boolean terminal = Boolean.getBoolean("lastref.terminal");
  private final int total;
  private int done;

  SearchProgress(int total) {
    this.total = total;
  }

  /** For the search of one configuration. */
  Explorer.Progress of(String what) {
    String line = "lastref: %d of %d, %s".formatted(done + 1, total, what);
    if (terminal) {
      System.err.print("\r\u001b[K" + line);
    }
    return (states, open) -> {
      String far = "%s: %.1f million states, %.1f million open";
      String now = far.formatted(line, states / 1e6, open / 1e6);
      if (terminal) {
        System.err.print("\r\u001b[K" + now);
      } else {
        System.err.println(now);
      }
    };
  }

  void ended(Prediction prediction) {
    done++;
    if (terminal) {
      System.err.print("\r\u001b[K");
    } else if (total >= MANY && done * 10 / total != (done - 1) * 10 / total) {
      System.err.printf(
          "lastref: %d of %d, %s%n", done, total, prediction.configuration().overlay());
    }
  }
}
