package org.lastref.report;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A try of a case that ended in a fault of the lab, after which the case was tried again. Nothing
 * else is ever tried again: a difference from the model is a verdict at the first sight.
 *
 * @param started when it began
 * @param took how long it ran
 * @param headline the fault in one sentence
 * @param detail more of it, several lines, or empty
 * @param console lines of the console log worth showing beside it
 * @param attachments files inside the run's folder, as {@link CaseResult#attachments} are
 */
public record Try(
    Instant started,
    @JsonProperty("took_s") Duration took,
    String headline,
    String detail,
    List<String> console,
    List<String> attachments) {

  /**
   * @throws IllegalArgumentException if it took less than no time or an attachment leaves the run's
   *     folder
   */
  public Try {
    requireNonNull(started, "started");
    if (requireNonNull(took, "took").isNegative()) {
      throw new IllegalArgumentException("a try took " + took);
    }
    requireNonNull(headline, "headline");
    requireNonNull(detail, "detail");
    console = List.copyOf(console);
    attachments = List.copyOf(attachments);
    attachments.forEach(CaseResult::requireInside);
  }

  /**
   * What is kept of a case that ended in a fault of the lab and is tried again.
   *
   * @throws IllegalArgumentException if it ended otherwise
   */
  public static Try of(CaseResult faulty) {
    var started = faulty.started();
    if (faulty.status() != Status.ERROR || started == null) {
      throw new IllegalArgumentException(
          faulty.id() + " is " + faulty.status() + ": only a fault of the lab is tried again");
    }
    return new Try(
        started,
        faulty.took(),
        faulty.headline(),
        faulty.detail(),
        faulty.console(),
        faulty.attachments());
  }

  Try bounded() {
    return new Try(
        started,
        took,
        Excerpt.of(headline, Excerpt.HEADLINE),
        Excerpt.of(detail, Excerpt.TRY),
        Excerpt.of(console, Excerpt.TRY),
        attachments);
  }

  /** For example {@code 2nd try}. */
  static String ordinal(int number) {
    boolean teen = number / 10 % 10 == 1;
    var suffix =
        switch (teen ? 0 : number % 10) {
          case 1 -> "st";
          case 2 -> "nd";
          case 3 -> "rd";
          default -> "th";
        };
    return number + suffix + " try";
  }
}
