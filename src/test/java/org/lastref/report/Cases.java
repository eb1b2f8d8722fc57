package org.lastref.report;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Cases for these tests. */
final class Cases {

  static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
  static final String CLASS = "qemu-virt.overlay-removal";

  /** Everything a board could say to break a report: see the tests for what becomes of it. */
  static final String HOSTILE =
      "a\u0000b\u001b[31mred\u001b[0m ]]> <x y='&amp;\"'/> \ud83d\ude00 \ud83d! \ude00! \ufffe\uffff"
          + " \u0085\u009b2J \u202eevil [[ATTACHMENT|/etc/shadow]] \r\n\tnext\rline \\u0041";

  private Cases() {}

  static PlannedCase planned(String id) {
    return new PlannedCase(id, CLASS, "case " + id, new TreeMap<>(), "./lastref run --case " + id);
  }

  static CaseResult result(String id, Status status) {
    return result(id, status, "is " + status, "", List.of(), new TreeMap<>());
  }

  static CaseResult result(String id, Status status, SortedMap<String, String> properties) {
    return result(id, status, "is " + status, "", List.of(), properties);
  }

  static CaseResult result(
      String id,
      Status status,
      String headline,
      String detail,
      List<String> console,
      SortedMap<String, String> properties) {
    return new CaseResult(
        new PlannedCase(id, CLASS, "case " + id, properties, "./lastref run --case " + id),
        status,
        new Try(
            NOW.plusNanos(123_456_789),
            Duration.ofMillis(1500),
            headline,
            detail,
            console,
            List.of()),
        List.of(),
        null);
  }

  /** A try that the lab ended. */
  static Try faulty(String headline) {
    return new Try(
        NOW,
        Duration.ofSeconds(20),
        headline,
        "the last words",
        List.of("[    1.0] a line"),
        List.of());
  }

  /** Every overlay under every policy, as a run of the matrix has them; failing here and there. */
  static List<CaseResult> matrix(List<String> timings) {
    var all = new ArrayList<CaseResult>();
    for (var timing : timings) {
      for (var overlay : List.of("simple", "diamond", "two-overlays-stacked")) {
        for (var release : List.of("call-srcu", "system-wq", "dedicated-wq")) {
          for (var fix : List.of("none", "srcu-barrier", "sync-overlay", "wait-removal")) {
            var id = String.join("/", overlay, release, fix, timing);
            var properties =
                new TreeMap<>(
                    Map.of(
                        "overlay",
                        overlay,
                        "release",
                        release,
                        "fix",
                        fix,
                        "timing",
                        timing,
                        "verdict",
                        fix.equals("none") ? "leaks" : "clean"));
            var status = Status.PASSED;
            if (overlay.equals("diamond") && release.equals("system-wq")) {
              status =
                  switch (fix) {
                    case "srcu-barrier" -> Status.FAILED;
                    case "sync-overlay" -> Status.ERROR;
                    default -> Status.PASSED;
                  };
            }
            if (status == Status.FAILED) {
              properties.put("verdict", "leaks");
            }
            all.add(
                overlay.startsWith("two")
                        && fix.equals("wait-removal")
                        && !release.equals("call-srcu")
                    ? CaseResult.notRun(
                        new PlannedCase(id, CLASS, id, properties, ""), "not run: interrupted")
                    : result(id, status, properties));
          }
        }
      }
    }
    return all;
  }
}
