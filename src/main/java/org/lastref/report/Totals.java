package org.lastref.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * How many cases ended how.
 *
 * @param cases all of them, each once, however often it was tried: the sum of the five below
 * @param skipped begun or ruled out, and skipped for a reason of their own
 * @param notRun planned, but the run has not come to them
 * @param retried how many of those that passed did so only after a fault of the lab and a retry
 * @param took the sum of what each took
 * @param lasted from the beginning of the first to the end of the last: less than that sum where
 *     boards share them, more where kernels are built between them
 */
public record Totals(
    int cases,
    int passed,
    int failed,
    int errors,
    int skipped,
    int notRun,
    int retried,
    @JsonProperty("took_s") Duration took,
    @JsonProperty("lasted_s") Duration lasted) {

  /** Counts the cases. */
  public static Totals of(List<CaseResult> cases) {
    return new Totals(
        cases.size(),
        count(cases, Status.PASSED),
        count(cases, Status.FAILED),
        count(cases, Status.ERROR),
        (int) cases.stream().filter(c -> c.status() == Status.SKIPPED && !c.notRun()).count(),
        (int) cases.stream().filter(CaseResult::notRun).count(),
        (int) cases.stream().filter(CaseResult::passedAfterRetry).count(),
        cases.stream().map(CaseResult::took).reduce(Duration.ZERO, Duration::plus),
        lasted(cases));
  }

  private static Duration lasted(List<CaseResult> cases) {
    Instant first = null;
    Instant last = null;
    for (CaseResult each : cases) {
      Instant began = each.started();
      if (began != null) {
        Instant ended = began.plus(each.took());
        first = first == null || began.isBefore(first) ? began : first;
        last = last == null || ended.isAfter(last) ? ended : last;
      }
    }
    return first == null || last == null ? Duration.ZERO : Duration.between(first, last);
  }

  /**
   * The exit code of a run with these totals: 0 if every case passed, 1 if any failed, 3 if the lab
   * kept any from a verdict: an error, a skipped case, a case not run, or no case at all.
   */
  public int exitCode() {
    if (failed > 0) {
      return 1;
    }
    return cases > 0 && passed == cases ? 0 : 3;
  }

  /** For example {@code 24 cases: 20 passed, 3 failed, 1 error, 12 min 3 s}. */
  @Override
  public String toString() {
    var line =
        new StringBuilder(cases == 1 ? "1 case: " : cases + " cases: ")
            .append(passed)
            .append(" passed");
    if (retried > 0) {
      line.append(" (").append(retried).append(" only after a retry)");
    }
    append(line, failed, "failed");
    append(line, errors, errors == 1 ? "error" : "errors");
    append(line, skipped, "skipped");
    append(line, notRun, "not run");
    return line.append(", ").append(inWords(lasted)).toString();
  }

  private static void append(StringBuilder line, int count, String what) {
    if (count > 0) {
      line.append(", ").append(count).append(' ').append(what);
    }
  }

  private static String inWords(Duration time) {
    if (time.compareTo(Duration.ofMinutes(1)) < 0) {
      return Json.seconds(Duration.ofMillis(time.toMillis())).toPlainString() + " s";
    }
    return time.toHours() == 0
        ? time.toMinutes() + " min " + time.toSecondsPart() + " s"
        : time.toHours() + " h " + time.toMinutesPart() + " min";
  }

  private static int count(List<CaseResult> cases, Status status) {
    return (int) cases.stream().filter(c -> c.status() == status).count();
  }
}
