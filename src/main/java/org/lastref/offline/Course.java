package org.lastref.offline;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.lastref.klog.Meaning;
import org.lastref.klog.Sign;
import org.lastref.report.Differences;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Called;
import org.lastref.trace.Trace;

/**
 * What an application and its removal went through in a cycle, as far as two kernels may do it in
 * another way: devices that came, were put off, for whom, and bound; links between them; in which
 * order they went; what the log said. Without counts, times and numbers that a kernel gives.
 */
public final class Course {

  /** What a kernel numbers, and what tells one build from another. */
  private static final Pattern NUMBER =
      Pattern.compile(
          "0x[0-9a-f]+|(?<![a-z-])\\d+|(?<=[a-z:.-])\\d+$|(?<="
              + Differences.NUMBERED_KINDS
              + ")\\d+");

  /** So much of a line of the log tells which it is. */
  private static final int LINE = 120;

  private Course() {}

  /** What there was in a cycle, a sentence each. */
  public static NavigableSet<String> of(Trace trace) {
    NavigableSet<String> course = new TreeSet<>();
    List<String> gone = new ArrayList<>();
    for (Event event : trace.events()) {
      if (event instanceof Called called) {
        told(called).ifPresent(course::add);
        if (called.event().equals("deleting")) {
          gone.add(name(called));
        }
      } else if (event instanceof Event.Logged logged
          && isHead(logged.text())
          && !isReport(logged.text())) {
        course.add("the log says: " + line(logged.text()));
      }
    }
    if (!gone.isEmpty()) {
      course.add("devices go in this order: " + String.join(", ", gone));
    }
    return course;
  }

  private static Optional<String> told(Called called) {
    return switch (called.event()) {
      case "adding" -> Optional.of("device %s comes".formatted(name(called)));
      case "bound" -> Optional.of("device %s is bound".formatted(name(called)));
      case "deferring" -> Optional.of("device %s is put off".formatted(name(called)));
      case "deferred" ->
          Optional.of(
              "device %s waits in the end: %s"
                  .formatted(name(called), line(called.argument("reason"))));
      case "linking" ->
          Optional.of(
              "link from %s to its supplier %s"
                  .formatted(name(called), plain(called.argument("supplier"))));
      default -> Optional.empty();
    };
  }

  private static String name(Called called) {
    return plain(called.argument("name"));
  }

  private static String plain(String name) {
    return NUMBER.matcher(name).replaceAll("N");
  }

  /** Nodes that are reported are the verdict's: there are kernels that race for it. */
  private static boolean isReport(String text) {
    return Sign.on(text).filter(sign -> sign.meaning() == Meaning.REPORT).isPresent();
  }

  /** What follows below a line, such as a stack, is told apart by that alone. */
  private static boolean isHead(String text) {
    return !text.isBlank()
        && !Character.isWhitespace(text.charAt(0))
        && !text.matches(
            "(?s)(?:x\\d+ *:|[a-z]{2,6} : |Call trace:|Modules linked|Hardware name|---).*");
  }

  private static String line(String text) {
    String plain = plain(text.lines().findFirst().orElse(""));
    return plain.length() <= LINE ? plain : plain.substring(0, LINE) + "…";
  }
}
