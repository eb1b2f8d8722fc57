package org.lastref.report;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A run with a case of every kind, and of everything a board could say. */
final class EveryKind {

  static final String BOARD = "rpi3-bench1";

  /** 1 MB, a line each 80 characters, none of which XML can hold as it is. */
  private static final List<String> BABBLE =
      java.util.Collections.nCopies(12_500, "\u0001<\u001b[5m]]>&\ud800[[ATTACHMENT|x]]".repeat(3));

  private EveryKind() {}

  static RunFolder write(Path results) {
    var folder = RunFolder.create(results, BOARD, Cases.NOW);
    folder.plan(List.of(planned("never"), planned("passed")));
    folder.require(MustRun.parse("list", "never\nelsewhere\npassed\n"));
    folder.addCase(quiet("passed", Status.PASSED));
    folder.addCase(quiet("failed", Status.FAILED));
    folder.addCase(quiet("error", Status.ERROR));
    folder.addCase(quiet("skipped", Status.SKIPPED));
    folder.addCase(quiet("flaky", Status.PASSED).withTries(List.of(Cases.faulty("hung"))));
    folder.addCase(
        quiet("rerun failed", Status.FAILED)
            .withTries(List.of(Cases.faulty("hung"), Cases.faulty(Cases.HOSTILE))));
    folder.addCase(quiet("rerun error", Status.ERROR).withTries(List.of(Cases.faulty("hung"))));
    for (var status : Status.values()) {
      folder.addCase(loud("loud " + status, status));
    }
    folder.close("the board was given up: " + Cases.HOSTILE);
    return folder;
  }

  private static PlannedCase planned(String name) {
    return new PlannedCase(name, BOARD + ".quiet", name, new TreeMap<>(), "./lastref run");
  }

  private static CaseResult quiet(String name, Status status) {
    return new CaseResult(
        new PlannedCase(
            name,
            BOARD + ".quiet",
            name,
            new TreeMap<>(Map.of("overlay", "pair", "verdict", "clean")),
            "./lastref run"),
        status,
        new Try(
            Cases.NOW,
            Duration.ofMillis(1500),
            name + " <&> it",
            "detail of " + name,
            List.of("[    1.000000] a line"),
            List.of("traces/" + name + ".trace.gz")),
        List.of(),
        null);
  }

  private static CaseResult loud(String name, Status status) {
    var before =
        new Try(
            Cases.NOW,
            Duration.ofMillis(1),
            Cases.HOSTILE,
            String.join("\n", BABBLE),
            BABBLE,
            List.of("traces/" + name + "-1.trace.gz"));
    return new CaseResult(
            new PlannedCase(
                name + Cases.HOSTILE,
                BOARD + ".loud/../../" + Cases.HOSTILE,
                name + Cases.HOSTILE,
                new TreeMap<>(Map.of(Cases.HOSTILE, Cases.HOSTILE)),
                "./lastref run --case '" + Cases.HOSTILE + "'"),
            status,
            new Try(
                Cases.NOW,
                Duration.ofMillis(1),
                String.join("", BABBLE),
                String.join("\n", BABBLE),
                BABBLE,
                List.of("traces/" + name + ".trace.gz")),
            List.of(),
            null)
        .withTries(List.of(before));
  }
}
