package org.lastref.report;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.OptBoolean;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How one case ended, and why.
 *
 * @param id unique in a run, for example {@code diamond/system-wq/none/delayed}
 * @param className JUnit's class name, for example {@code qemu-virt.overlay-removal}
 * @param name JUnit's case name, for example {@code diamond release=system-wq fix=none}
 * @param status the verdict
 * @param started when it began; null if it did not
 * @param took how long it ran, zero if it did not
 * @param headline the verdict in one sentence
 * @param detail the explanation, several lines, or empty
 * @param properties overlay, release, fix, timing, cycles, leaked nodes and so on; {@code verdict}
 *     is the word for {@link VerdictTable}
 * @param rerun command that runs this case alone again, or empty
 * @param console lines of the console log worth showing beside the verdict
 * @param attachments files inside the run's folder, relative to it. Jenkins stores attachments of a
 *     class by their last name: keep that unique too.
 * @param tries those before, each ended by a fault of the lab; all else here is of the last one
 */
public record CaseResult(
    String id,
    String className,
    String name,
    Status status,
    @Nullable Instant started,
    @JsonProperty("took_s") Duration took,
    String headline,
    String detail,
    SortedMap<String, String> properties,
    String rerun,
    List<String> console,
    List<String> attachments,
    @JacksonInject(value = NO_TRIES, useInput = OptBoolean.TRUE) List<Try> tries) {

  /** How the ids of cases begin that nobody planned: what happened while none ran. */
  private static final String BETWEEN = "between/";

  /** Files of an older Lastref know no tries: {@link Json} gives their cases none. */
  static final String NO_TRIES = "no tries";

  /**
   * @throws IllegalArgumentException if a name is blank, an attachment leaves the run's folder, or
   *     a case that says anything but skipped never began
   */
  public CaseResult {
    PlannedCase.requireText("id", id);
    PlannedCase.requireText("className", className);
    PlannedCase.requireText("name", name);
    requireNonNull(status, "status");
    if (started == null && status != Status.SKIPPED) {
      throw new IllegalArgumentException(id + " is " + status + " but never began");
    }
    if (requireNonNull(took, "took").isNegative()) {
      throw new IllegalArgumentException(id + " took " + took);
    }
    requireNonNull(headline, "headline");
    requireNonNull(detail, "detail");
    properties = PlannedCase.sortedCopy(properties);
    requireNonNull(rerun, "rerun");
    console = List.copyOf(console);
    attachments = List.copyOf(attachments);
    attachments.forEach(CaseResult::requireInside);
    tries = List.copyOf(tries);
    if (started == null && !tries.isEmpty()) {
      throw new IllegalArgumentException(id + " was tried but never began");
    }
  }

  /** A case that was tried once. */
  public CaseResult(
      String id,
      String className,
      String name,
      Status status,
      @Nullable Instant started,
      Duration took,
      String headline,
      String detail,
      SortedMap<String, String> properties,
      String rerun,
      List<String> console,
      List<String> attachments) {
    this(
        id,
        className,
        name,
        status,
        started,
        took,
        headline,
        detail,
        properties,
        rerun,
        console,
        attachments,
        List.of());
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
        BETWEEN + number,
        className + ".between",
        "between the cases, " + number,
        Status.FAILED,
        Instant.now(),
        Duration.ZERO,
        "while no case ran the kernel's log says: " + complaint,
        "",
        new TreeMap<>(Map.of("verdict", "bug")),
        "",
        console,
        List.of());
  }

  /** Whether this is of {@link #between} the cases that were planned. */
  @JsonIgnore
  public boolean isBetween() {
    return id.startsWith(BETWEEN);
  }

  /** The planned case, which has not begun. */
  static CaseResult notRun(PlannedCase planned, String headline) {
    return new CaseResult(
        planned.id(),
        planned.className(),
        planned.name(),
        Status.SKIPPED,
        null,
        Duration.ZERO,
        headline,
        "",
        planned.properties(),
        planned.rerun(),
        List.of(),
        List.of());
  }

  /** Whether the case never began. It may also have begun and been skipped from inside. */
  public boolean notRun() {
    return started == null;
  }

  /** Whether it passed, but not at the first try. */
  public boolean passedAfterRetry() {
    return status == Status.PASSED && !tries.isEmpty();
  }

  /** The same as the last of several tries. */
  public CaseResult withTries(List<Try> before) {
    return with(headline, detail, console, before);
  }

  CaseResult withHeadline(String other) {
    return with(other, detail, console, tries);
  }

  /** The same with no more text than a CI server keeps of it: a run of hours stays readable. */
  CaseResult bounded() {
    return with(
        Excerpt.of(headline, Excerpt.HEADLINE),
        Excerpt.of(detail, Excerpt.around(status)),
        Excerpt.of(console, Excerpt.around(status)),
        tries.stream().map(Try::bounded).toList());
  }

  private CaseResult with(String first, String then, List<String> lines, List<Try> before) {
    return new CaseResult(
        id,
        className,
        name,
        status,
        started,
        took,
        first,
        then,
        properties,
        rerun,
        lines,
        attachments,
        before);
  }

  static void requireInside(String attachment) {
    var path = Path.of(attachment);
    if (attachment.isBlank()
        || path.isAbsolute()
        || path.normalize().startsWith("..")
        || !Text.line(attachment).equals(attachment)
        || attachment.contains("]]")
        || attachment.contains("|")) {
      throw new IllegalArgumentException(
          "attachment '" + Text.line(attachment) + "' is no plain path inside the run's folder");
    }
  }
}
