package org.lastref.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.lastref.fault.Fault;
import org.lastref.trace.Event.At;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Point;
import org.lastref.trace.Event.Subject;

/**
 * Events as text, a line each: a trace of version 2. Words have one blank between them; a blank, a
 * percent sign or what does not print is {@code %XX} in a word, and an empty word is {@code -}; a
 * line of the log is as long as it is.
 *
 * <pre>
 * watched hook exact
 * object 1 node lr-osc ffffff80012adf80 - /lr-osc
 * chain 1 of_node_get of_device_alloc of_platform_device_create_pdata
 * 57.097579 0 lastref-agent-123 begin apply=pair
 * 57.097601 0 lastref-agent-123 get 1 4 1          object, count, chain
 * 57.097611 1 kworker/0:6-1675 put 1 2 1
 * 57.097620 0 lastref-agent-123 destroy -          a point, and what it is about
 * 57.097622 0 lastref-agent-123 call probing name=lr-osc driver=of_fixed_clk
 * 57.097630 0 lastref-agent-123 log OF: ERROR: memory leak, ...
 * 57.097650 0 lastref-agent-123 end apply=pair applied
 * end 8
 * </pre>
 */
final class EventText {
  private static final String WATCHED = "watched";
  private static final String OBJECT = "object";
  private static final String CHAIN = "chain";
  private static final String END = "end";
  private static final String NOTHING = "-";
  private static final int MICROS = 1_000_000;
  private static final int MAX_FRAMES = 64;

  private EventText() {}

  /** Writes a trace's events. */
  static String of(WatchedEvents records) {
    return new Writer().text(records);
  }

  /** Reads a trace's events from the line after the last that was read. */
  static Trace read(Lines lines, int most, String name) {
    return new Reader(lines, most).trace(name);
  }

  private static final class Writer {
    private final StringBuilder out = new StringBuilder();
    private final Map<Subject, Integer> objects = new HashMap<>();
    private final Map<Chain, Integer> chains = new HashMap<>();

    String text(WatchedEvents records) {
      line(WATCHED, records.watching().way(), records.watching().exact() ? "exact" : "inexact");
      records.events().forEach(this::event);
      line(END, "" + records.events().size());
      return out.toString();
    }

    private void event(Event event) {
      if (event instanceof Event.Reference reference) {
        int object = object(reference.subject());
        int chain = chain(reference.chain());
        at(event, reference.direction() == Direction.GET ? "get" : "put");
        line("" + object, "" + reference.count(), "" + chain);
      } else if (event instanceof Event.Reached reached) {
        at(event, reached.point().word());
        line(reached.argument());
      } else if (event instanceof Event.Called called) {
        at(event, "call");
        out.append(word(called.event()));
        called
            .arguments()
            .forEach((key, value) -> out.append(' ').append(key).append('=').append(escape(value)));
        out.append('\n');
      } else if (event instanceof Event.Logged logged) {
        at(event, "log");
        out.append(escape(logged.text(), ' ')).append('\n');
      } else if (event instanceof Event.Step step) {
        at(event, step.end() ? END : "begin");
        line(step.step(), step.result());
      }
    }

    private int object(Subject subject) {
      Integer known = objects.get(subject);
      if (known != null) {
        return known;
      }
      int number = objects.size() + 1;
      objects.put(subject, number);
      String kind = subject.kind().name().toLowerCase(Locale.ROOT);
      String address = Long.toHexString(subject.object());
      line(OBJECT, "" + number, kind, subject.name(), address, subject.bus(), subject.path());
      return number;
    }

    private int chain(Chain chain) {
      Integer known = chains.get(chain);
      if (known != null) {
        return known;
      }
      int number = chains.size() + 1;
      chains.put(chain, number);
      List<String> words = new ArrayList<>(List.of(CHAIN, "" + number));
      words.addAll(chain.functions());
      line(words.toArray(String[]::new));
      return number;
    }

    private void at(Event event, String what) {
      At at = event.at();
      out.append(at.micros() / MICROS).append('.');
      out.append("%06d".formatted(at.micros() % MICROS)).append(' ');
      out.append(at.cpu()).append(' ').append(word(at.task())).append(' ');
      out.append(what).append(' ');
    }

    private void line(String... words) {
      for (int i = 0; i < words.length; i++) {
        out.append(i == 0 ? "" : " ").append(word(words[i]));
      }
      out.append('\n');
    }

    private static String word(String text) {
      if (text.isEmpty()) {
        return NOTHING;
      }
      return text.equals(NOTHING) ? "%2d" : escape(text);
    }

    private static String escape(String text) {
      return escape(text, '!');
    }

    /**
     * Escapes what is not printable.
     *
     * @param first the first character that stays as it is: a blank in a line's last word
     */
    private static String escape(String text, char first) {
      StringBuilder escaped = null;
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        boolean plain = c >= first && c < 0x7f && c != '%';
        if (!plain && escaped == null) {
          escaped = new StringBuilder(text.substring(0, i));
        }
        if (escaped != null) {
          if (plain) {
            escaped.append(c);
          } else {
            escaped.append("%%%02x".formatted(c & 0xff));
          }
        }
      }
      return escaped == null ? text : escaped.toString();
    }
  }

  private static final class Reader {
    private final Lines lines;
    private final int most;
    private final Map<Integer, Subject> objects = new HashMap<>();
    private final Map<Integer, Chain> chains = new HashMap<>();
    private final Map<String, String> texts = new HashMap<>();
    private final List<Event> events = new ArrayList<>();

    Reader(Lines lines, int most) {
      this.lines = lines;
      this.most = most;
    }

    Trace trace(String name) {
      Watching watching = watching();
      while (lines.next(Lines.MAX_LINE)) {
        List<String> words = Arrays.asList(lines.text().split(" ", -1));
        try {
          if (words.get(0).equals(END)) {
            end(words);
            return new Trace(name, watching, events);
          } else if (words.get(0).equals(OBJECT)) {
            object(words);
          } else if (words.get(0).equals(CHAIN)) {
            chain(words);
          } else {
            event(words);
          }
        } catch (NumberFormatException e) {
          throw bad("has a number that is none");
        } catch (IndexOutOfBoundsException e) {
          throw bad("has too few words");
        }
      }
      throw lines.fault("cut short: it has no end line");
    }

    private Watching watching() {
      String[] words = lines.next(Lines.MAX_LINE) ? lines.text().split(" ", -1) : new String[0];
      if (words.length != 3
          || !words[0].equals(WATCHED)
          || !words[1].matches("[a-z]{1,20}")
          || !words[2].matches("exact|inexact")) {
        throw bad("does not say how it was watched");
      }
      return new Watching(words[1], words[2].equals("exact"));
    }

    private void end(List<String> words) {
      if (Integer.parseInt(words.get(1)) != events.size()) {
        throw bad(
            "says that there are %s events, but there are %d"
                .formatted(TraceReader.abbreviate(words.get(1)), events.size()));
      }
      if (lines.next(Lines.MAX_LINE)) {
        throw bad("comes after the end line");
      }
    }

    private void object(List<String> words) {
      int number = Integer.parseInt(words.get(1));
      Kind kind = kind(words.get(2));
      Subject subject =
          new Subject(
              kind,
              word(words, 3),
              Long.parseUnsignedLong(words.get(4), 16),
              word(words, 5),
              word(words, 6));
      if (objects.put(number, subject) != null) {
        throw bad("has a number that another object has");
      }
    }

    private Kind kind(String word) {
      return Arrays.stream(Kind.values())
          .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(word))
          .findFirst()
          .orElseThrow(() -> bad("has an unknown kind of object"));
    }

    private void chain(List<String> words) {
      if (words.size() > MAX_FRAMES + 2) {
        throw bad("is a chain of more than %d functions".formatted(MAX_FRAMES));
      }
      List<String> functions = new ArrayList<>();
      for (int i = 2; i < words.size(); i++) {
        functions.add(word(words, i));
      }
      if (chains.put(Integer.parseInt(words.get(1)), Chain.of(functions)) != null) {
        throw bad("has a number that another chain has");
      }
    }

    private void event(List<String> words) {
      if (events.size() >= most) {
        throw bad("is one event more than the " + most + " that are read");
      }
      At at =
          new At(
              events.size(), micros(words.get(0)), Integer.parseInt(words.get(1)), word(words, 2));
      String what = words.get(3);
      events.add(
          switch (what) {
            case "get" -> reference(at, Direction.GET, words);
            case "put" -> reference(at, Direction.PUT, words);
            case "call" -> called(at, words);
            case "log" ->
                new Event.Logged(at, unescape(String.join(" ", words.subList(4, words.size()))));
            case "begin" -> new Event.Step(at, false, word(words, 4), "");
            case END -> new Event.Step(at, true, word(words, 4), word(words, 5));
            default -> reached(at, what, word(words, 4));
          });
    }

    private Event reached(At at, String what, String about) {
      Point point = Point.of(what);
      if (point == null) {
        throw bad("is of an event that Lastref does not know: " + TraceReader.abbreviate(what));
      }
      return new Event.Reached(at, point, about);
    }

    private Event reference(At at, Direction direction, List<String> words) {
      Subject subject = objects.get(Integer.parseInt(words.get(4)));
      Chain chain = chains.get(Integer.parseInt(words.get(6)));
      if (subject == null || chain == null) {
        throw bad("is about an object or a chain that no line before it tells");
      }
      return new Event.Reference(at, direction, subject, Integer.parseInt(words.get(5)), chain);
    }

    private Event called(At at, List<String> words) {
      SortedMap<String, String> arguments = new TreeMap<>();
      for (String argument : words.subList(5, words.size())) {
        int equals = argument.indexOf('=');
        if (equals < 1) {
          throw bad("has an argument without a name");
        }
        arguments.put(one(argument.substring(0, equals)), unescape(argument.substring(equals + 1)));
      }
      return new Event.Called(at, word(words, 4), arguments);
    }

    private long micros(String time) {
      int point = time.indexOf('.');
      if (point < 1 || time.length() != point + 7) {
        throw bad("is no line of such a trace: " + TraceReader.abbreviate(lines.text()));
      }
      return Long.parseLong(time.substring(0, point)) * MICROS
          + Long.parseLong(time.substring(point + 1));
    }

    private String word(List<String> words, int number) {
      String word = words.get(number);
      return word.equals(NOTHING) ? "" : unescape(word);
    }

    private String unescape(String word) {
      if (word.indexOf('%') < 0) {
        return one(word);
      }
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < word.length(); i++) {
        if (word.charAt(i) == '%') {
          text.append((char) Integer.parseInt(word, i + 1, i + 3, 16));
          i += 2;
        } else {
          text.append(word.charAt(i));
        }
      }
      return one(text.toString());
    }

    private String one(String text) {
      String known = texts.putIfAbsent(text, text);
      return known == null ? text : known;
    }

    private Fault bad(String what) {
      return lines.fault("this line " + what);
    }
  }
}
