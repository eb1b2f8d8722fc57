package org.lastref.page;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.lastref.report.Text;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Called;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Logged;
import org.lastref.trace.Event.Point;
import org.lastref.trace.Event.Reached;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Event.Step;
import org.lastref.trace.Event.Subject;
import org.lastref.trace.Trace;
import org.lastref.verify.Allowed;
import org.lastref.verify.Taken;

/**
 * A cycle as a drawing: a lane for each task with what it did, and below it the count of each node
 * and device, before what the model allows of it, and who holds it how long. From left to right
 * events stand in their order, with the time at each step: what takes long is not what matters.
 *
 * @param width of the drawing, in its own units
 * @param height the same
 * @param described what it shows, for who cannot see it
 * @param steps where steps begin and end
 * @param lanes tasks, and what is counted
 * @param mark where the first thing is that is not as it should be; null if there is none
 */
record Timeline(
    int width,
    int height,
    String described,
    List<Tick> steps,
    List<Lane> lanes,
    @Nullable Tick mark) {

  /** Columns: more events than these share one. */
  private static final int MOST = 900;

  private static final int LEFT = 190;
  private static final int TOP = 58;
  private static final int LINES = 4;

  /** About as wide as one is. */
  private static final int LETTER = 6;

  private static final int LANE = 22;
  private static final int BAND = 26;
  private static final int MOST_BANDS = 16;
  private static final int MOST_TASKS = 10;
  private static final int NAME = 30;

  /** Of an object, who holds it: so many at once, and none who lets go within so many events. */
  private static final int MOST_HOLDERS = 6;

  private static final int HOLDER = 10;
  private static final int BRIEF = 8;

  /** About as wide as a letter of a holder's name is. */
  private static final int SMALL_LETTER = 5;

  /**
   * A line from top to bottom.
   *
   * @param anchor which end of the text stands at it, as SVG has it
   */
  record Tick(int x, int height, String text, int textY, String anchor) {

    private static final String START = "start";

    /** With its text to the left of it where there is no room to the right. */
    private static Tick marked(int x, int height, String text, boolean roomy) {
      return new Tick(x, height, text, height - 4, roomy ? START : "end");
    }
  }

  /**
   * What goes on for a while, at once, or is counted.
   *
   * @param allowed as areas, behind the count's path
   */
  record Lane(
      int y,
      String name,
      List<Bar> bars,
      String gets,
      String puts,
      String path,
      String top,
      String allowed,
      List<Holder> holders) {}

  /** From here to there. */
  record Bar(int x, int y, int width, String text) {}

  /**
   * Who holds a reference.
   *
   * @param name as much of it as there is room for
   * @param kept whether it is never given back
   */
  record Holder(
      int x, int y, int width, int textX, int textY, String name, String text, boolean kept) {}

  /** About how many bytes it takes. */
  int size() {
    int size = 400;
    for (Lane lane : lanes) {
      size += 160 + lane.gets().length() + lane.puts().length() + lane.path().length();
      size += lane.allowed().length() + lane.bars().size() * 80 + lane.holders().size() * 180;
    }
    return size + steps.size() * 140;
  }

  /**
   * Draws a trace.
   *
   * @param allowed what counts may be, as far as that is known
   * @param wrong the event that is not as it should be, or -1
   */
  static Timeline of(Trace trace, List<Allowed> allowed, int wrong) {
    return new Drawing(trace, allowed).drawn(wrong);
  }

  /** References that one holder has at once, of which the last is given back last. */
  private record Held(int from, int to, int times, Taken last) {
    Held and(int end, Taken more) {
      return new Held(from, Math.max(to, end), times + 1, end > to ? more : last);
    }
  }

  private static final class Drawing {
    private final Trace trace;
    private final int columns;
    private final Map<String, List<Event>> tasks = new LinkedHashMap<>();
    private final Map<String, List<Reference>> counted = new LinkedHashMap<>();
    private final Map<String, List<Taken>> held = new HashMap<>();
    private final Map<String, List<Allowed.Span>> allowed = new HashMap<>();

    Drawing(Trace trace, List<Allowed> counts) {
      this.trace = trace;
      columns = Math.min(MOST, Math.max(1, trace.events().size()));
      for (Event event : trace.events()) {
        tasks.computeIfAbsent(event.at().task(), task -> new ArrayList<>()).add(event);
        if (event instanceof Reference reference && reference.kind() != Kind.LINK) {
          counted.computeIfAbsent(counted(reference), name -> new ArrayList<>()).add(reference);
        }
      }
      for (Taken each : Taken.in(trace, Map.of())) {
        held.computeIfAbsent(counted(each.get()), name -> new ArrayList<>()).add(each);
      }
      for (Allowed each : counts) {
        allowed
            .computeIfAbsent(counted(each.kind(), each.object()), name -> new ArrayList<>())
            .addAll(each.spans());
      }
    }

    private static String counted(Reference reference) {
      Subject subject = reference.subject();
      boolean placed = subject.kind() == Kind.NODE && !subject.path().isEmpty();
      return counted(subject.kind(), placed ? subject.path() : subject.name());
    }

    private static String counted(Kind kind, String object) {
      return (kind == Kind.NODE ? "node " : "device ") + object;
    }

    Timeline drawn(int wrong) {
      List<Lane> lanes = new ArrayList<>();
      int y = TOP;
      for (Map.Entry<String, List<Event>> each :
          tasks.entrySet().stream().limit(MOST_TASKS).toList()) {
        lanes.add(task(y, each.getKey(), each.getValue()));
        y += LANE;
      }
      y += 6;
      for (Map.Entry<String, List<Reference>> each :
          counted.entrySet().stream().limit(MOST_BANDS).toList()) {
        Lane band = band(y, each.getKey(), each.getValue());
        lanes.add(band);
        y = band.holders().stream().mapToInt(Holder::y).max().orElse(y + BAND - HOLDER) + HOLDER;
      }
      int height = y + 4;
      Tick mark =
          wrong < 0
              ? null
              : Tick.marked(
                  x(Math.min(wrong, trace.events().size())),
                  height,
                  "event " + wrong,
                  wrong < trace.events().size() / 2);
      List<Tick> steps = steps(height);
      int width =
          steps.stream()
              .mapToInt(each -> each.x() + (each.text().length() + 1) * LETTER)
              .reduce(LEFT + columns + 10, Math::max);
      return new Timeline(
          width,
          height,
          "%d events in %.1f ms by %d tasks; counts of %d nodes and devices"
              .formatted(
                  trace.events().size(),
                  trace.events().isEmpty()
                      ? 0.0
                      : millis(trace.events().get(trace.events().size() - 1)),
                  tasks.size(),
                  counted.size()),
          steps,
          lanes,
          mark);
    }

    /** Their names stand in as many lines as it takes that none is upon another. */
    private List<Tick> steps(int height) {
      int[] used = new int[LINES];
      List<Tick> steps = new ArrayList<>();
      for (Event event : trace.events()) {
        if (event instanceof Step step && !step.end()) {
          String text = "%s %.1f ms".formatted(cut(step.step(), 24), millis(event));
          int line = 0;
          while (line < LINES - 1 && used[line] > x(event)) {
            line++;
          }
          boolean room = used[line] <= x(event);
          used[line] = room ? x(event) + text.length() * LETTER : used[line];
          steps.add(
              new Tick(
                  x(event), height, room ? text : "", 10 + line * (TOP - 10) / LINES, Tick.START));
        }
      }
      return steps;
    }

    private double millis(Event event) {
      return (event.at().micros() - trace.events().get(0).at().micros()) / 1e3;
    }

    private int x(Event event) {
      return x(event.at().index());
    }

    private int x(int index) {
      return LEFT + (int) ((long) index * columns / Math.max(1, trace.events().size()));
    }

    /** What a task did: spans, and each get upwards and each put downwards. */
    private Lane task(int y, String name, List<Event> events) {
      List<Bar> bars = new ArrayList<>();
      Map<Point, Integer> open = new LinkedHashMap<>();
      StringBuilder gets = new StringBuilder();
      StringBuilder puts = new StringBuilder();
      int middle = y + LANE / 2;
      for (Event event : events) {
        int x = x(event);
        if (event instanceof Reference reference) {
          boolean get = reference.direction() == Direction.GET;
          (get ? gets : puts).append("M%d %dv%d".formatted(x, middle, get ? -7 : 7));
        } else if (event instanceof Reached reached) {
          Point begun = reached.point().begin();
          if (begun == null) {
            open.put(reached.point(), x);
          } else {
            int from = open.getOrDefault(begun, x);
            open.remove(begun);
            bars.add(new Bar(from, middle - 2, Math.max(1, x - from), begun.word()));
          }
        } else if (event instanceof Called called) {
          bars.add(
              new Bar(
                  x, middle - 4, 2, cut(called.event() + " " + called.argument("name"), NAME * 2)));
        } else if (event instanceof Logged logged) {
          bars.add(new Bar(x, middle - 5, 2, cut(logged.text(), NAME * 4)));
        }
      }
      return new Lane(
          y + 15, cut(name, NAME), bars, gets.toString(), puts.toString(), "", "", "", List.of());
    }

    /** A count over the events, drawn against its own maximum, and who holds it. */
    private Lane band(int y, String name, List<Reference> references) {
      List<Allowed.Span> spans = allowed.getOrDefault(name, List.of());
      int top =
          IntStream.concat(
                  references.stream().mapToInt(each -> each.count() + 1),
                  spans.stream().mapToInt(Allowed.Span::high))
              .filter(c -> c < 10_000)
              .max()
              .orElse(1);
      int bottom = y + BAND - 3;
      StringBuilder path = new StringBuilder();
      int last = -1;
      for (Reference each : references) {
        int after = each.count() + (each.direction() == Direction.GET ? 1 : -1);
        if (path.length() == 0) {
          path.append("M%d %d".formatted(x(each), level(bottom, each.count(), top)));
        }
        int at = level(bottom, after, top);
        if (at != last) {
          path.append("H%dV%d".formatted(x(each), at));
          last = at;
        }
      }
      if (!references.isEmpty()) {
        path.append("H%d".formatted(x(references.get(references.size() - 1))));
      }
      StringBuilder area = new StringBuilder();
      for (Allowed.Span each : spans) {
        area.append(
            "M%d %dH%dV%dH%dz"
                .formatted(
                    x(each.from()),
                    level(bottom, each.high(), top) - 1,
                    x(each.to()),
                    level(bottom, each.low(), top) + 1,
                    x(each.from())));
      }
      return new Lane(
          y + 16,
          tail(name),
          List.of(),
          "",
          "",
          path.toString(),
          "" + top,
          area.toString(),
          holders(y + BAND, held.getOrDefault(name, List.of())));
    }

    /** In as few rows as they need; what is taken and given back at once says little. */
    private List<Holder> holders(int y, List<Taken> taken) {
      Map<String, List<Held>> byWho = new LinkedHashMap<>();
      for (Taken each : taken) {
        int from = each.get().at().index();
        int to = each.put() == null ? trace.events().size() : each.put().at().index();
        if (to - from >= BRIEF) {
          List<Held> its = byWho.computeIfAbsent(who(each), who -> new ArrayList<>());
          Held last = its.isEmpty() ? null : its.get(its.size() - 1);
          if (last != null && from < last.to()) {
            its.set(its.size() - 1, last.and(to, each));
          } else {
            its.add(new Held(from, to, 1, each));
          }
        }
      }
      List<Holder> holders = new ArrayList<>();
      int[] used = new int[MOST_HOLDERS];
      byWho.values().stream()
          .flatMap(List::stream)
          .sorted(Comparator.comparingInt(Held::from))
          .forEach(
              each -> {
                int row = 0;
                while (row < MOST_HOLDERS && used[row] > x(each.from())) {
                  row++;
                }
                if (row < MOST_HOLDERS) {
                  used[row] = x(each.to()) + 1;
                  holders.add(holder(y + row * HOLDER, each));
                }
              });
      return holders;
    }

    private Holder holder(int y, Held held) {
      int width = Math.max(1, x(held.to()) - x(held.from()));
      int room = width / SMALL_LETTER;
      String who = (held.times() == 1 ? "" : held.times() + " times ") + who(held.last());
      Reference put = held.last().put();
      return new Holder(
          x(held.from()),
          y,
          width,
          x(held.from()) + 2,
          y + HOLDER - 3,
          room < BRIEF ? "" : cut(who, room),
          cut(
              who + (put == null ? ", not given back" : ", given back by " + put.holder()),
              NAME * 4),
          put == null);
    }

    private static String who(Taken taken) {
      return taken.get().holder() + (taken.device().isEmpty() ? "" : " for " + taken.device());
    }

    /** Of a path its end tells more. */
    private static String tail(String name) {
      return name.length() <= NAME
          ? cut(name, NAME)
          : "\u2026" + cut(name.substring(name.length() - NAME + 1), NAME);
    }

    private static int level(int bottom, int count, int top) {
      return bottom - Math.max(0, Math.min(count, top)) * (BAND - 7) / Math.max(1, top);
    }

    private static String cut(String text, int most) {
      return Text.line(text, most);
    }
  }
}
