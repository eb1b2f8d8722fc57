package org.lastref.report;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.annotation.OptBoolean;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How one case ended, and why.
 *
 * @param planned the case; its properties are completed by what the facts say
 * @param status the verdict
 * @param last the try that counts; one that never began if the case was not run
 * @param tries those before, each ended by a fault of the lab
 * @param facts what was found out; null if it was not run, nobody planned it, or an older Lastref
 *     wrote it down
 */
public record CaseResult(
    @JsonUnwrapped PlannedCase planned,
    Status status,
    @JsonUnwrapped Try last,
    @JacksonInject(value = NO_TRIES, useInput = OptBoolean.TRUE) List<Try> tries,
    @JacksonInject(value = NO_FACTS, useInput = OptBoolean.TRUE) @Nullable Facts facts) {

  /** The worst first. */
  public static final Comparator<CaseResult> BY_WEIGHT =
      Comparator.comparing(
          c ->
              List.of(Status.FAILED, Status.ERROR, Status.SKIPPED, Status.PASSED)
                  .indexOf(c.status()));

  /** How the ids of cases begin that nobody planned: what happened while none ran. */
  private static final String BETWEEN = "between/";

  private static final String VERDICT = "verdict";

  /** Files of an older Lastref know no tries: {@link Json} gives their cases none. */
  static final String NO_TRIES = "no tries";

  /** The same of facts. */
  static final String NO_FACTS = "no facts";

  /**
   * @throws IllegalArgumentException if a case that says anything but skipped never began
   */
  public CaseResult {
    requireNonNull(status, "status");
    if (last.notRun() && status != Status.SKIPPED) {
      throw new IllegalArgumentException(planned.id() + " is " + status + " but never began");
    }
    planned = facts == null ? planned : planned.with(facts.properties());
    tries = List.copyOf(tries);
    if (!tries.isEmpty() && Stream.concat(tries.stream(), Stream.of(last)).anyMatch(Try::notRun)) {
      throw new IllegalArgumentException(planned.id() + " was tried but never began");
    }
  }

  /**
   * What a kernel complained of while no case ran.
   *
   * @param number counts these in a run, from 1
   * @param complaint in a few words
   * @param console the lines about it
   */
  public static CaseResult between(
      int number, String className, String complaint, List<String> console) {
    return new CaseResult(
        new PlannedCase(
            BETWEEN + number,
            className + ".between",
            "between the cases, " + number,
            new TreeMap<>(Map.of(VERDICT, CaseWord.Kind.BUG.toString())),
            ""),
        Status.FAILED,
        new Try(
            Instant.now(),
            Duration.ZERO,
            "while no case ran the kernel's log says: " + complaint,
            "",
            console,
            List.of()),
        List.of(),
        null);
  }

  /** Whether this is of {@link #between} the cases that were planned. */
  @JsonIgnore
  public boolean isBetween() {
    return id().startsWith(BETWEEN);
  }

  /** Whether something was found out about the kernel, which the lab's faults tell nothing of. */
  @JsonIgnore
  public boolean isVerdict() {
    return status == Status.PASSED || status == Status.FAILED;
  }

  /** The planned case, which has not begun. */
  static CaseResult notRun(PlannedCase planned, String headline) {
    return new CaseResult(
        planned,
        Status.SKIPPED,
        new Try(null, Duration.ZERO, headline, "", List.of(), List.of()),
        List.of(),
        null);
  }

  /** Whether the case never began. It may also have begun and been skipped from inside. */
  public boolean notRun() {
    return last.notRun();
  }

  /** Whether it passed, but not at the first try. */
  public boolean passedAfterRetry() {
    return status == Status.PASSED && !tries.isEmpty();
  }

  /** The verdict in a word, as a table shows it; empty if there is none. */
  public String verdict() {
    return facts == null ? properties().getOrDefault(VERDICT, "") : facts.word().toString();
  }

  /** How much was seen of what its model allows. */
  Coverage covered() {
    if (facts == null) {
      return Coverage.older(properties());
    }
    return facts.coverage() == null ? Coverage.NOTHING : facts.coverage().covered();
  }

  /** The same as the last of several tries. */
  public CaseResult withTries(List<Try> before) {
    return new CaseResult(planned, status, last, before, facts);
  }

  /** The same with no more text than a CI server keeps of it: a run of hours stays readable. */
  CaseResult bounded() {
    return new CaseResult(
        planned,
        status,
        last.bounded(Excerpt.around(status)),
        tries.stream().map(each -> each.bounded(Excerpt.TRY)).toList(),
        facts == null ? null : facts.bounded());
  }

  /** Unique in a run. */
  public String id() {
    return planned.id();
  }

  /** JUnit's class name. */
  public String className() {
    return planned.className();
  }

  /** JUnit's case name. */
  public String name() {
    return planned.name();
  }

  /** What places it in a table, and what was found out. */
  public SortedMap<String, String> properties() {
    return planned.properties();
  }

  /** The command that runs this case alone again, or empty. */
  public String rerun() {
    return planned.rerun();
  }

  /** When it began; null if it did not. */
  public @Nullable Instant started() {
    return last.started();
  }

  /** How long it ran, zero if it did not. */
  public Duration took() {
    return last.took();
  }

  /** The verdict in one sentence. */
  public String headline() {
    return last.headline();
  }

  /** The explanation, several lines, or empty. */
  public String detail() {
    return last.detail();
  }
}
