package org.lastref.trace;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lastref.fault.Fault;
import org.lastref.fault.LabFault;
import org.lastref.trace.Event.At;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Point;
import org.lastref.trace.Event.Subject;
import org.lastref.trace.EventLine.Field;

/**
 * Reads the text of ftrace's {@code trace} file with the events that Lastref arms, and what the
 * board's agent wrote below it.
 *
 * <p>The holder of a reference is the function that called for it. The probes sit in {@code
 * kobject_get} and {@code kobject_put} and record their caller and, from the frame record that x29
 * points to, the caller's caller, whether or not the compiler kept the frames of those that merely
 * pass a call on.
 */
public final class TraceReader {

  /** A case of the size that Lastref is made for has some thousand events; this bounds memory. */
  static final int MAX_EVENTS = 4_000_000;

  private static final Pattern ENTRIES =
      Pattern.compile("# entries-in-buffer/entries-written: (\\d+)/(\\d+).*");

  /** What follows a newline in a record of the kernel's log; nothing that might be an event. */
  private static final Pattern CONTINUED =
      Pattern.compile(" (?!.*(-\\d+ +\\[\\d|\\[LOST ))\\S.{0,200}");

  private static final Pattern STEP = Pattern.compile("lastref: (begin|end) (\\S+) ?(.*)");

  /** What user space on the board was told by the kernel. */
  private static final String HEARD = "lastref: heard ";

  /** How a managed resource is printed by drivers/base/trace.h of Linux 6.1. */
  private static final Pattern DEVRES =
      Pattern.compile(
          "(?<dev>\\S+) +(?<op>[A-Z]{3}) (?<node>\\S+) (?<name>.*) \\((?<size>\\d+) bytes\\)");

  private final Lines lines;
  private final int most;
  private final EventLine parts = new EventLine();
  private final List<Event> events = new ArrayList<>();

  /** One instance of each text: a million events have some dozen names between them. */
  private final Map<String, String> texts = new HashMap<>();

  private final Map<Subject, Subject> subjects = new HashMap<>();
  private final Map<List<String>, Chain> chains = new HashMap<>();
  private boolean ended;

  /**
   * @param lines of a trace, from the next one
   * @param most how many events are read
   */
  TraceReader(Lines lines, int most) {
    this.lines = lines;
    this.most = most;
  }

  /**
   * Parses a whole trace.
   *
   * @param text as the board sent it
   * @param name what messages call it
   * @throws LabFault naming the line, if events were lost, a probe was missed, a field could not be
   *     read, or the text is cut short or not a trace: then it proves nothing about the kernel
   */
  public static Trace read(String text, String name) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    Lines lines =
        new Lines(new ByteArrayInputStream(bytes), Long.MAX_VALUE, "trace " + name, LabFault::new);
    return new TraceReader(lines, MAX_EVENTS).rest(name);
  }

  /** Reads on to the end. */
  Trace rest(String name) {
    while (lines.next(Lines.MAX_LINE)) {
      line();
    }
    if (!ended) {
      throw lines.fault("cut short: it has no end line");
    }
    return new Trace(name, events);
  }

  /** Reads the line that was come to last. */
  void line() {
    if (lines.blank()) {
      return;
    }
    if (ended) {
      throw bad("comes after the end line");
    }
    if (lines.startsWith('#')) {
      comment(lines.text());
      return;
    }
    if (!parts.parse(lines.bytes(), lines.from(), lines.to())) {
      String text = lines.text();
      if (CONTINUED.matcher(text).matches() && continued(text)) {
        return;
      }
      throw bad(
          (text.contains(" [LOST ") ? "says that events were lost: " : "is no event of a trace: ")
              + abbreviate(text));
    }
    if (events.size() >= most) {
      throw bad("is one event more than the " + most + " that are read");
    }
    try {
      event(new At(events.size(), parts.micros(), parts.cpu(), one(parts.task())));
    } catch (NumberFormatException e) {
      throw bad("has a number that is none: " + abbreviate(lines.text()));
    }
  }

  /** A record of the kernel's log may have several lines, as KASAN's have. */
  private boolean continued(String text) {
    int last = events.size() - 1;
    if (last < 0 || !(events.get(last) instanceof Event.Logged logged)) {
      return false;
    }
    events.set(last, new Event.Logged(logged.at(), logged.text() + text));
    return true;
  }

  private void comment(String line) {
    if (line.equals("# end")) {
      ended = true;
    } else if (line.startsWith("# lost ") || line.startsWith("# missed ")) {
      throw lines.fault(
          "lost events (%s): enlarge the trace buffer or run the case alone"
              .formatted(abbreviate(line.substring(2))));
    }
    Matcher entries = ENTRIES.matcher(line);
    if (entries.matches() && !entries.group(1).equals(entries.group(2))) {
      throw lines.fault(
          "holds %s of %s events: the buffer was too small"
              .formatted(entries.group(1), entries.group(2)));
    }
  }

  private void event(At at) {
    String type = one(parts.type());
    switch (type) {
      case "tracing_mark_write" -> mark(at, parts.rest());
      case "console" -> events.add(new Event.Logged(at, one(parts.rest())));
      case "node_get" -> reference(at, Direction.GET, Kind.NODE);
      case "node_put" -> reference(at, Direction.PUT, Kind.NODE);
      case "device_get" -> reference(at, Direction.GET, Kind.DEVICE);
      case "device_put" -> reference(at, Direction.PUT, Kind.DEVICE);
      default -> reached(at, type);
    }
  }

  private void mark(At at, String rest) {
    Matcher step = STEP.matcher(rest);
    if (step.matches()) {
      events.add(
          new Event.Step(at, step.group(1).equals("end"), one(step.group(2)), one(step.group(3))));
    } else if (rest.startsWith(HEARD)) {
      events.add(new Event.Called(at, "heard", parts.arguments()));
    }
  }

  private void reference(At at, Direction direction, Kind kind) {
    parts.findFields();
    require(parts.caller);
    require(parts.outer);
    require(parts.name);
    require(parts.object);
    require(parts.count);
    Subject subject =
        new Subject(kind, one(parts.value(parts.name)), parts.address(parts.object), "", "");
    events.add(
        new Event.Reference(
            at,
            direction,
            subjects.computeIfAbsent(subject, each -> each),
            parts.unsigned(parts.count),
            chain(parts.symbol(parts.caller), parts.symbol(parts.outer))));
  }

  private Chain chain(String caller, String outer) {
    return chains.computeIfAbsent(List.of(one(caller), one(outer)), Chain::of);
  }

  private void reached(At at, String type) {
    Point point = Point.of(type);
    if (point == null) {
      events.add(new Event.Called(at, type, called(type)));
      return;
    }
    parts.findFields();
    if (parts.has(parts.name)) {
      require(parts.name);
    }
    Field about = parts.has(parts.returned) ? parts.returned : parts.name;
    events.add(new Event.Reached(at, point, parts.has(about) ? one(parts.value(about)) : ""));
  }

  private SortedMap<String, String> called(String type) {
    String rest = parts.rest();
    if (rest.startsWith("(")) {
      SortedMap<String, String> arguments = parts.arguments();
      if (arguments.containsValue("(fault)")) {
        throw bad("has an argument that cannot be read: the probe read a place that is not there");
      }
      return arguments;
    }
    Matcher managed = DEVRES.matcher(rest);
    if (!type.equals("devres_log") || !managed.matches()) {
      throw bad("is of an event that Lastref does not know: " + abbreviate(type));
    }
    SortedMap<String, String> arguments = new TreeMap<>();
    for (String name : List.of("dev", "op", "node", "name", "size")) {
      arguments.put(name, one(managed.group(name)));
    }
    return arguments;
  }

  private void require(Field field) {
    if (!parts.readable(field)) {
      throw bad("has no readable %s: the probe read a place that is not there".formatted(field));
    }
  }

  private String one(String text) {
    String known = texts.putIfAbsent(text, text);
    return known == null ? text : known;
  }

  private Fault bad(String what) {
    return lines.fault("this line " + what);
  }

  static String abbreviate(String line) {
    String printable = line.replaceAll("[^\\x20-\\x7e]", "?");
    return printable.length() > 100 ? printable.substring(0, 100) + "..." : printable;
  }
}
