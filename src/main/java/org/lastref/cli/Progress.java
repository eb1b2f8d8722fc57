package org.lastref.cli;

import java.time.Duration;
import java.time.Instant;
import org.lastref.report.CaseResult;
import org.lastref.report.Status;

/**
 * Says on standard error how far a run is: one line that changes on a terminal, a line for each
 * tenth and for each case that did not pass elsewhere.
 */
final class Progress {

  private final boolean terminal = Boolean.getBoolean("lastref.terminal");
  private final Instant started = Instant.now();
  private final int total;
  private int done;

  Progress(int total) {
    this.total = total;
  }

  void ended(CaseResult result) {
    done++;
    String line =
        "lastref: %d of %d, %s: %s"
            .formatted(done, total, result.name(), result.properties().get("verdict"));
    if (terminal) {
      System.err.print("\r\u001b[K" + line);
      if (done == total) {
        System.err.println();
      }
    } else if (result.status() != Status.PASSED || done * 10 / total != (done - 1) * 10 / total) {
      Duration took = Duration.between(started, Instant.now());
      System.err.printf("%s (%d:%02d)%n", line, took.toMinutes(), took.toSecondsPart());
    }
  }
}
