package org.lastref.trace;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lastref.fault.LabFault;
import org.lastref.trace.Event.At;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Point;

/**
 * Reads the text of ftrace's {@code trace} file with the events that Lastref arms, and what the
 * board's agent wrote below it.
 *
 * <p>The holder of a reference is the function that called for it. The probes sit in {@code
 * kobject_get} and {@code kobject_put} and record their caller and, from the frame record that x29
 * points to, the caller's caller; the functions in between that merely pass a call on ({@code
 * of_node_get}, {@code put_device} and so on, whether or not the compiler kept their frames) are
 * looked through.
 */
public final class TraceReader {

  /** A case of the size that Lastref is made for has some thousand events; this bounds memory. */
  private static final int MAX_EVENTS = 4_000_000;

  private static final Pattern LINE =
      Pattern.compile(
          "\\s*(\\S.*-\\d+)\\s+\\[(\\d+)\\]\\s+\\S+\\s+(\\d+)\\.(\\d{6}): (\\w+): (.*)");
  private static final Pattern FIELD = Pattern.compile("(\\w+)=(\"[^\"]*\"|\\S+)");
  private static final Pattern ENTRIES =
      Pattern.compile("# entries-in-buffer/entries-written: (\\d+)/(\\d+).*");
  private static final Pattern STEP = Pattern.compile("lastref: (begin|end) (\\S+) ?(.*)");

  private static final Set<String> PASSED_ON =
      Set.of("of_node_get", "of_node_put", "get_device", "put_device");

  private final String name;
  private final List<Event> events = new ArrayList<>();
  private boolean ended;

  private TraceReader(String name) {
    this.name = name;
  }

  /**
   * Parses a whole trace.
   *
   * @param text as the board sent it
   * @param name what messages call it
   * @throws LabFault if events were lost, a probe was missed, a field could not be read, or the
   *     text is cut short or not a trace: then it proves nothing about the kernel
   */
  public static Trace read(String text, String name) {
    TraceReader reader = new TraceReader(name);
    int number = 0;
    for (String line : text.split("\n", -1)) {
      reader.line(line, ++number);
    }
    if (!reader.ended) {
      throw new LabFault("trace %s is cut short: it has no end line".formatted(name));
    }
    return new Trace(name, reader.events);
  }

  private void line(String line, int number) {
    if (line.isBlank()) {
      return;
    }
    if (ended) {
      throw bad(number, "comes after the end line");
    }
    if (line.contains(" [LOST ")) {
      throw bad(number, "says that events were lost: " + abbreviate(line));
    }
    if (line.startsWith("#")) {
      comment(line);
      return;
    }
    Matcher parts = LINE.matcher(line);
    if (!parts.matches()) {
      throw bad(number, "is no event of a trace: " + abbreviate(line));
    }
    if (events.size() >= MAX_EVENTS) {
      throw bad(number, "is one event more than the " + MAX_EVENTS + " that are read");
    }
    long micros;
    try {
      micros = Long.parseLong(parts.group(3)) * 1_000_000 + Long.parseLong(parts.group(4));
      At at = new At(events.size(), micros, Integer.parseInt(parts.group(2)), parts.group(1));
      event(at, parts.group(5), parts.group(6), number);
    } catch (NumberFormatException e) {
      throw bad(number, "has a number that is none: " + abbreviate(line));
    }
  }

  private void comment(String line) {
    if (line.equals("# end")) {
      ended = true;
    } else if (line.startsWith("# lost ") || line.startsWith("# missed ")) {
      throw new LabFault(
          "trace %s lost events (%s): enlarge the trace buffer or run the case alone"
              .formatted(name, line.substring(2)));
    }
    Matcher entries = ENTRIES.matcher(line);
    if (entries.matches() && !entries.group(1).equals(entries.group(2))) {
      throw new LabFault(
          "trace %s holds %s of %s events: the buffer was too small"
              .formatted(name, entries.group(1), entries.group(2)));
    }
  }

  private void event(At at, String type, String rest, int number) {
    switch (type) {
      case "tracing_mark_write" -> mark(at, rest);
      case "console" -> events.add(new Event.Logged(at, rest));
      case "node_get" -> reference(at, Direction.GET, Kind.NODE, rest, number);
      case "node_put" -> reference(at, Direction.PUT, Kind.NODE, rest, number);
      case "device_get" -> reference(at, Direction.GET, Kind.DEVICE, rest, number);
      case "device_put" -> reference(at, Direction.PUT, Kind.DEVICE, rest, number);
      default -> reached(at, type, rest, number);
    }
  }

  private void mark(At at, String rest) {
    Matcher step = STEP.matcher(rest);
    if (step.matches()) {
      events.add(new Event.Step(at, step.group(1).equals("end"), step.group(2), step.group(3)));
    }
  }

  private void reference(At at, Direction direction, Kind kind, String rest, int number) {
    Map<String, String> fields = fields(rest);
    String caller = symbol(fields, "caller", number);
    String outer = symbol(fields, "outer", number);
    events.add(
        new Event.Reference(
            at,
            direction,
            kind,
            field(fields, "name", number),
            address(field(fields, "obj", number)),
            Integer.parseInt(field(fields, "ref", number)),
            PASSED_ON.contains(caller) ? outer : caller));
  }

  private void reached(At at, String type, String rest, int number) {
    Point point;
    try {
      point = Point.valueOf(type.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw bad(number, "is of an event that Lastref does not know: " + type);
    }
    Map<String, String> fields = fields(rest);
    String argument = fields.containsKey("name") ? field(fields, "name", number) : "";
    events.add(
        new Event.Reached(at, point, fields.containsKey("ret") ? fields.get("ret") : argument));
  }

  private static long address(String hex) {
    if (!hex.startsWith("0x")) {
      throw new NumberFormatException(hex);
    }
    return Long.parseUnsignedLong(hex.substring(2), 16);
  }

  private static Map<String, String> fields(String rest) {
    Map<String, String> fields = new HashMap<>();
    Matcher matcher = FIELD.matcher(rest);
    while (matcher.find()) {
      String value = matcher.group(2);
      fields.put(
          matcher.group(1),
          value.startsWith("\"") ? value.substring(1, value.length() - 1) : value);
    }
    return fields;
  }

  private String field(Map<String, String> fields, String field, int number) {
    String value = fields.get(field);
    if (value == null || value.equals("(fault)")) {
      throw bad(number, "has no readable " + field + ": the probe read a place that is not there");
    }
    return value;
  }

  /** A function's name without offset, size and the suffixes of its compiler's clones. */
  private String symbol(Map<String, String> fields, String field, int number) {
    String value = field(fields, field, number);
    int end = value.indexOf('+');
    String function = end < 0 ? value : value.substring(0, end);
    int clone = function.indexOf('.');
    return clone < 0 ? function : function.substring(0, clone);
  }

  private LabFault bad(int number, String what) {
    return new LabFault("trace %s:%d: this line %s".formatted(name, number, what));
  }

  private static String abbreviate(String line) {
    String printable = line.replaceAll("[^\\x20-\\x7e]", "?");
    return printable.length() > 100 ? printable.substring(0, 100) + "..." : printable;
  }
}
