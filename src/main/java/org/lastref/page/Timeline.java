package org.lastref.page;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import org.lastref.trace.Trace;

/**
 * A cycle as a drawing: a lane for each task with what it did, and below it the count of each node
 * and device. From left to right events stand in their order, with the time at each step: what
 * takes long is not what matters.
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

  /** A line from top to bottom. */
  record Tick(int x, int height, String text, int textY) {}

  /** What goes on for a while, at once, or is counted. */
  record Lane(
      int y, String name, List<Bar> bars, String gets, String puts, String path, String top) {}

  /** From here to there. */
  record Bar(int x, int y, int width, String text) {}

  /** About how many bytes it takes. */
  int size() {
    int size = 400;
    for (Lane lane : lanes) {
      size += 160 + lane.gets().length() + lane.puts().length() + lane.path().length();
      size += lane.bars().size() * 90;
    }
    return size + steps.size() * 140;
  }

  /**
   * Draws a trace.
   *
   * @param wrong the event that is not as it should be, or -1
   */
  static Timeline of(Trace trace, int wrong) {
    return new Drawing(trace).drawn(wrong);
  }

  private static final class Drawing {
    private final Trace trace;
    private final int columns;
    private final Map<String, List<Event>> tasks = new LinkedHashMap<>();
    private final Map<String, List<Reference>> counted = new LinkedHashMap<>();

    Drawing(Trace trace) {
      this.trace = trace;
      columns = Math.min(MOST, Math.max(1, trace.events().size()));
      for (Event event : trace.events()) {
        tasks.computeIfAbsent(event.at().task(), task -> new ArrayList<>()).add(event);
        if (event instanceof Reference reference && reference.kind() != Kind.LINK) {
          String what = reference.kind() == Kind.NODE ? "node " : "device ";
          counted
              .computeIfAbsent(what + reference.name(), name -> new ArrayList<>())
              .add(reference);
        }
      }
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
        lanes.add(band(y, each.getKey(), each.getValue()));
        y += BAND;
      }
      int height = y + 4;
      Tick mark =
          wrong < 0
              ? null
              : new Tick(
                  x(Math.min(wrong, trace.events().size())), height, "event " + wrong, height - 4);
      return new Timeline(
          LEFT + columns + 10,
          height,
          "%d events in %.1f ms by %d tasks; counts of %d nodes and devices"
              .formatted(
                  trace.events().size(),
                  trace.events().isEmpty()
                      ? 0.0
                      : millis(trace.events().get(trace.events().size() - 1)),
                  tasks.size(),
                  counted.size()),
          steps(height),
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
          steps.add(new Tick(x(event), height, room ? text : "", 10 + line * (TOP - 10) / LINES));
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
      return new Lane(y + 15, cut(name, NAME), bars, gets.toString(), puts.toString(), "", "");
    }

    /** A count over the events, drawn against its own maximum. */
    private Lane band(int y, String name, List<Reference> references) {
      int top =
          references.stream()
              .mapToInt(each -> each.count() + 1)
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
      return new Lane(y + 16, cut(name, NAME), List.of(), "", "", path.toString(), "" + top);
    }

    private static int level(int bottom, int count, int top) {
      return bottom - Math.max(0, Math.min(count, top)) * (BAND - 7) / Math.max(1, top);
    }

    private static String cut(String text, int most) {
      return Text.line(text, most);
    }
  }
}
