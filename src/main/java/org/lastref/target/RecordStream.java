package org.lastref.target;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;
import org.lastref.trace.Chain;
import org.lastref.trace.Event;
import org.lastref.trace.Event.At;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Point;
import org.lastref.trace.Event.Subject;

/**
 * Reads the records that the board's agent sends, {@code harness/agent/records.c}. Whatever was the
 * same before, a string, a chain of callers, a whole record but for its time, is sent as a number:
 * the tables of these live on from cycle to cycle until the agent says otherwise. Used by one
 * thread.
 */
final class RecordStream {
  /** The upper half of what the kernel addresses memory by; what differs from it is sent. */
  private static final long ADDRESSES = 0xffffff8000000000L;

  private static final int MAX_EVENTS = 4_000_000;
  private static final int MAX_TABLE = 1 << 16;
  private static final int RESET = 0;
  private static final int STRING = 1;
  private static final int ROW = 2;
  private static final int CHAIN = 3;
  private static final int LOG = 4;
  private static final int CYCLE = 5;
  private static final int FIRST_ROW = 6;
  private static final int OBJECT_TYPE = 1;
  private static final int GET_TYPE = 3;
  private static final int PUT_TYPE = 4;
  private static final int CALL_TYPE = 5;
  private static final int MARK_TYPE = 7;

  /** Names of what {@code devres_log} records: drivers/base/trace.h of Linux 6.1. */
  private static final List<String> RESOURCE = List.of("dev", "op", "node", "name", "size");

  private final List<Probe> probes;
  private final Set<Long> cleanedTypes;

  /** The names of devices that are watched whatever they are. */
  private Set<String> watched = Set.of();

  private final List<String> strings = new ArrayList<>();
  private final List<Row> rows = new ArrayList<>();
  private final Map<Integer, Chain> chains = new HashMap<>();

  /** Of this cycle. */
  private List<Event> events = new ArrayList<>();

  private final Map<Integer, Subject> objects = new HashMap<>();

  /** By their addresses, those whose name came after their first event among them. */
  private final Map<Long, Subject> named = new HashMap<>();

  private long micros;
  private byte[] bytes = {};
  private int at;

  /** Something that happened, but for its time. */
  private sealed interface Row {
    int cpu();

    String task();
  }

  private record Seen(
      int cpu, String task, int object, Kind kind, int node, String name, String bus, String path)
      implements Row {
    Subject subject(long address, @Nullable Subject of, Set<String> watched) {
      String known = path.isEmpty() && of != null ? of.path() : path;
      boolean byName = kind == Kind.OTHER_DEVICE && watched.contains(name);
      return new Subject(byName ? Kind.DEVICE : kind, name, address, bus, known);
    }
  }

  private record Counted(
      int cpu, String task, Direction direction, int object, int count, Chain chain)
      implements Row {}

  private record Hit(int cpu, String task, Probe probe, List<String> values) implements Row {}

  private record Mark(int cpu, String task, String text) implements Row {}

  /**
   * @param probes those that the agent was told, in that order
   * @param cleanedTypes the addresses of the types of kobjects whose late release is of interest
   */
  RecordStream(List<Probe> probes, Set<Long> cleanedTypes) {
    this.probes = List.copyOf(probes);
    this.cleanedTypes = Set.copyOf(cleanedTypes);
  }

  /** What the watcher was told to watch by name. */
  void watch(Collection<String> devices) {
    watched = Set.copyOf(devices);
  }

  /**
   * Takes all that came of a cycle.
   *
   * @throws LabFault if it is none of the agent's
   */
  void add(byte[] records) {
    bytes = records;
    at = 0;
    try {
      while (at < bytes.length) {
        one();
      }
    } catch (IndexOutOfBoundsException e) {
      throw new LabFault("the records that the board sent are damaged near byte " + at, e);
    }
  }

  /** The events of the cycle that has ended; what comes next is another's. */
  List<Event> cycle() {
    List<Event> all = events.stream().map(this::named).toList();
    events = new ArrayList<>();
    objects.clear();
    named.clear();
    return all;
  }

  /** A device may have been given its name only later. */
  private Event named(Event event) {
    return event instanceof Event.Reference e && e.name().isEmpty()
        ? new Event.Reference(
            e.at(),
            e.direction(),
            named.getOrDefault(e.object(), e.subject()),
            e.count(),
            e.chain())
        : event;
  }

  private void one() {
    int code = number();
    switch (code) {
      case RESET -> {
        strings.clear();
        rows.clear();
        chains.clear();
      }
      case STRING -> bounded(strings).add(text());
      case ROW -> {
        bounded(rows).add(row());
        happens(rows.get(rows.size() - 1));
      }
      case CHAIN -> {
        int number = number();
        List<String> functions = new ArrayList<>();
        for (int left = number(); left > 0; left--) {
          functions.add(function(strings.get(number())));
        }
        chains.put(number, Chain.of(functions));
      }
      case LOG -> {
        int cpu = number();
        String task = task();
        At when = at(cpu, task);
        add(new Event.Logged(when, text().strip()));
      }
      case CYCLE -> {
        micros = longNumber();
        cycle();
      }
      default -> happens(rows.get(code - FIRST_ROW));
    }
  }

  private static <T> List<T> bounded(List<T> table) {
    if (table.size() >= MAX_TABLE) {
      throw new LabFault("the board's agent fills its tables without end");
    }
    return table;
  }

  private Row row() {
    int type = number();
    int cpu = number();
    String task = task();
    return switch (type) {
      case OBJECT_TYPE -> seen(cpu, task);
      case GET_TYPE -> counted(cpu, task, Direction.GET);
      case PUT_TYPE -> counted(cpu, task, Direction.PUT);
      case CALL_TYPE -> called(cpu, task);
      case MARK_TYPE -> new Mark(cpu, task, strings.get(number()));
      default -> throw new LabFault("the board's agent sent a record of unknown type " + type);
    };
  }

  private Row seen(int cpu, String task) {
    int object = number();
    int kind = number();
    int node = number() - 1;
    String name = strings.get(number());
    String bus = strings.get(number());
    return new Seen(cpu, task, object, kind(kind), node, name, bus, strings.get(number()));
  }

  private Row counted(int cpu, String task, Direction direction) {
    int object = number();
    // Of what is gone the kernel sets it to INT_MIN / 2: include/linux/refcount.h.
    int count = (int) longNumber();
    Chain chain = chains.getOrDefault(number(), Chain.NONE);
    number(); // whether in an interrupt, which no model asks
    return new Counted(cpu, task, direction, object, count, chain);
  }

  private Row called(int cpu, String task) {
    Probe probe = probes.get(number());
    List<String> values = new ArrayList<>();
    for (int left = number(); left > 0; left--) {
      values.add(number() == 1 ? strings.get(number()) : "" + longNumber());
    }
    return new Hit(cpu, task, probe, List.copyOf(values));
  }

  private static Kind kind(int kind) {
    return switch (kind) {
      case 1 -> Kind.NODE;
      case 2 -> Kind.OTHER_DEVICE;
      default -> Kind.LINK;
    };
  }

  /** Without the module that it is in, and the suffixes of a compiler's clones. */
  private static String function(String symbol) {
    int end = 0;
    while (end < symbol.length() && symbol.charAt(end) != ' ' && symbol.charAt(end) != '.') {
      end++;
    }
    return end == 0 ? symbol : symbol.substring(0, end);
  }

  private void happens(Row row) {
    At when = at(row.cpu(), row.task());
    if (row instanceof Seen seen) {
      long address = longNumber() ^ ADDRESSES;
      Subject subject = seen.subject(address, objects.get(seen.node()), watched);
      objects.put(seen.object(), subject);
      if (!seen.name().isEmpty()) {
        named.putIfAbsent(address, subject);
      }
    } else if (row instanceof Counted counted) {
      Subject subject = objects.get(counted.object());
      if (subject == null) {
        throw new LabFault("the board sent a reference to an object that it never told of");
      }
      add(
          new Event.Reference(
              when, counted.direction(), subject, counted.count(), counted.chain()));
    } else if (row instanceof Hit hit) {
      hit(when, hit);
    } else if (row instanceof Mark mark) {
      mark(when, mark.text());
    }
  }

  private void hit(At when, Hit hit) {
    SortedMap<String, String> arguments = arguments(hit);
    if (arguments.containsValue("(fault)")) {
      throw new LabFault(
          "event %s has an argument that cannot be read: the probe read a place that is not there"
              .formatted(hit.probe().event()));
    }
    Point point = Point.of(hit.probe().event());
    if (point == null) {
      add(new Event.Called(when, hit.probe().event(), arguments));
      return;
    }
    String type = arguments.get("ktype");
    if (type == null || cleanedTypes.contains(Long.parseUnsignedLong(type.substring(2), 16))) {
      String about = arguments.getOrDefault("ret", arguments.getOrDefault("name", ""));
      add(new Event.Reached(when, point, about));
    }
  }

  private SortedMap<String, String> arguments(Hit hit) {
    SortedMap<String, String> arguments = new TreeMap<>();
    for (int i = 0; i < hit.values().size(); i++) {
      boolean resource = hit.probe().kind() == Probe.Kind.DEVRES;
      String value = hit.values().get(i);
      if (resource) {
        arguments.put(RESOURCE.get(i), value);
        continue;
      }
      Argument argument = hit.probe().arguments().get(i);
      arguments.put(
          argument.name(),
          switch (argument.value()) {
            case X64 -> "0x" + Long.toHexString(Long.parseLong(value));
            case S32 -> "" + (int) Long.parseLong(value);
            case SYMBOL -> function(value);
            default -> value;
          });
    }
    return arguments;
  }

  private void mark(At when, String text) {
    String[] words = text.split(" ", 3);
    if (words[0].equals("begin") && words.length == 2) {
      add(new Event.Step(when, false, words[1], ""));
    } else if (words[0].equals("end") && words.length > 1) {
      add(new Event.Step(when, true, words[1], words.length == 3 ? words[2] : ""));
    } else if (words[0].equals("deferred") && words.length > 1) {
      // DEVICE REASON, as the kernel lists them.
      String reason = words.length == 3 ? words[2] : "";
      add(
          new Event.Called(
              when, words[0], new TreeMap<>(Map.of("name", words[1], "reason", reason))));
    } else if (words[0].equals("left") || words[0].equals("gone")) {
      add(
          new Event.Called(
              when, words[0], new TreeMap<>(Map.of("what", text.substring(5).strip()))));
    } else {
      SortedMap<String, String> arguments = new TreeMap<>();
      for (String word : text.substring(words[0].length()).strip().split(" ", -1)) {
        int equals = word.indexOf('=');
        if (equals > 0) {
          arguments.put(word.substring(0, equals), word.substring(equals + 1));
        }
      }
      add(new Event.Called(when, words[0], arguments));
    }
  }

  private void add(Event event) {
    if (events.size() >= MAX_EVENTS) {
      throw new LabFault("a cycle has more than the %d events that are read".formatted(MAX_EVENTS));
    }
    events.add(event);
  }

  private At at(int cpu, String task) {
    micros += longNumber();
    return new At(events.size(), micros, cpu, task);
  }

  private String task() {
    long pid = longNumber();
    return strings.get(number()) + "-" + pid;
  }

  private String text() {
    int length = number();
    if (length > bytes.length - at) {
      throw new IndexOutOfBoundsException(length);
    }
    String text = new String(bytes, at, length, StandardCharsets.ISO_8859_1);
    at += length;
    return text;
  }

  private int number() {
    long number = longNumber();
    if (number < 0 || number > Integer.MAX_VALUE) {
      throw new IndexOutOfBoundsException("" + number);
    }
    return (int) number;
  }

  private long longNumber() {
    long number = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte next = bytes[at++];
      number |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return number;
      }
    }
    throw new IndexOutOfBoundsException("a number of more than 64 bits");
  }
}
