package org.lastref.report;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A try of a case. One that ended in a fault of the lab may be followed by another. Nothing else is
 * ever tried again: a difference from the model is a verdict at the first sight.
 *
 * @param started when it began; null if the case was not run
 * @param took how long it ran, zero if it did not
 * @param headline what came of it, in one sentence
 * @param detail more of it, several lines, or empty
 * @param console lines of the console log worth showing beside it
 * @param attachments files inside the run's folder, relative to it. Jenkins stores attachments of a
 *     class by their last name: keep that unique too.
 */
public record Try(
    @Nullable Instant started,
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
    if (requireNonNull(took, "took").isNegative()) {
      throw new IllegalArgumentException("a try took " + took);
    }
    requireNonNull(headline, "headline");
    requireNonNull(detail, "detail");
    console = List.copyOf(console);
    attachments = List.copyOf(attachments);
    attachments.forEach(Try::requireInside);
  }

  private static void requireInside(String attachment) {
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

  /**
   * What is kept of a case that ended in a fault of the lab and is tried again.
   *
   * @throws IllegalArgumentException if it ended otherwise
   */
  public static Try of(CaseResult faulty) {
    if (faulty.status() != Status.ERROR) {
      throw new IllegalArgumentException(
          faulty.id() + " is " + faulty.status() + ": only a fault of the lab is tried again");
    }
    return faulty.last();
  }

  boolean notRun() {
    return started == null;
  }

  /**
   * The same with no more text than a reader takes.
   *
   * @param around characters of either end of its detail, and of the console
   */
  Try bounded(int around) {
    return new Try(
        started,
        took,
        Excerpt.of(headline, Excerpt.HEADLINE),
        Excerpt.of(detail, around),
        Excerpt.of(console, around),
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
