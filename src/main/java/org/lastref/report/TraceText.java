package org.lastref.report;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.lastref.trace.Event;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.TraceHeader;

/** A trace as lines: what it says of itself, then an event a line. */
public final class TraceText {
  private static final int MAX_COLUMNS = 400;
  private static final int MICROS = 1_000_000;

  private TraceText() {}

  /** All of it, each line ending in a newline. */
  public static String of(StoredTrace stored) {
    StringBuilder out = new StringBuilder();
    header(out, stored.header());
    line(
        out,
        "watched by %s, %s"
            .formatted(
                stored.trace().watching().way(),
                stored.trace().watching().exact()
                    ? "counts in the order of the operations"
                    : "order of the operations known of one task only"));
    for (Event event : stored.trace().events()) {
      Event.At at = event.at();
      line(
          out,
          "%5d %d.%06d [%d] %-18s %s"
              .formatted(
                  at.index(),
                  at.micros() / MICROS,
                  at.micros() % MICROS,
                  at.cpu(),
                  at.task(),
                  words(event)));
    }
    return out.toString();
  }

  private static void header(StringBuilder out, @Nullable TraceHeader header) {
    if (header == null) {
      return;
    }
    TraceHeader.Provenance from = header.provenance();
    line(
        out,
        "cycle %d of %s on %s, Linux %s, recorded %s"
            .formatted(
                from.cycle(),
                header.exercise() == null ? header.overlay() : header.exercise().id(),
                from.board(),
                from.kernel(),
                from.recorded()));
  }

  private static String words(Event event) {
    if (event instanceof Event.Reference reference) {
      List<String> callers = reference.chain().callers();
      String way =
          callers.size() > 1
              ? "  \u2190 " + String.join(" \u2190 ", callers.subList(1, callers.size()))
              : "";
      return reference.describe() + way;
    } else if (event instanceof Event.Reached reached) {
      return "%s %s".formatted(reached.point().word(), reached.argument()).strip();
    } else if (event instanceof Event.Called called) {
      return called.arguments().entrySet().stream()
          .map(each -> each.getKey() + "=" + each.getValue())
          .collect(Collectors.joining(" ", called.event() + " ", ""));
    } else if (event instanceof Event.Logged logged) {
      return "log: " + logged.text();
    } else if (event instanceof Event.Step step) {
      return (step.end() ? "end " : "begin ") + (step.step() + " " + step.result()).strip();
    }
    throw new AssertionError(event);
  }

  private static void line(StringBuilder out, String text) {
    out.append(Text.line(text, MAX_COLUMNS).stripTrailing()).append('\n');
  }
}
