package org.lastref.model;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Called;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Logged;
import org.lastref.trace.Event.Point;
import org.lastref.trace.Event.Reached;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Event.Step;
import org.lastref.trace.Verb;

/**
 * The events of a trace that show an act.
 *
 * @param keys what kind of event, of what name
 * @param about what such an event is about; empty if it is another one after all
 * @param late see {@link KernelAct#isToldLate}
 */
record Shown(Set<Key> keys, Function<Event, Optional<String>> about, boolean late) {

  /** By which events are looked up. */
  record Key(Object kind, String name) {

    private static final Key LINE = new Key(Logged.class, "");

    /** The most fitting one first. */
    static List<Key> of(Event event) {
      if (event instanceof Reference reference) {
        return switch (reference.kind()) {
          case NODE, DEVICE ->
              Functions.behalves(reference.chain()).stream()
                  .map(function -> of(reference.direction(), reference.kind(), function))
                  .toList();
          case OTHER_DEVICE, LINK -> List.of();
        };
      }
      return List.of(other(event));
    }

    private static Key other(Event event) {
      if (event instanceof Called called) {
        return new Key(Called.class, called.event());
      } else if (event instanceof Reached reached) {
        return new Key(reached.point(), "");
      } else if (event instanceof Step step) {
        String text = step.step();
        return new Key(Step.class, text.substring(0, Math.max(0, text.indexOf('='))));
      }
      return LINE;
    }

    private static Key of(Direction direction, Kind kind, String holder) {
      return direction == Direction.GET
          ? new Key(kind == Kind.NODE ? "gets node" : "gets device", holder)
          : new Key(kind == Kind.NODE ? "puts node" : "puts device", holder);
    }
  }

  private Shown(Stream<Key> keys, Function<Event, Optional<String>> about) {
    this(keys.collect(Collectors.toSet()), about, false);
  }

  /** A reference is taken by one of these functions. */
  static Shown taken(Kind kind, Set<String> by) {
    return reference(Direction.GET, kind, by);
  }

  static Shown taken(Kind kind, String... by) {
    return taken(kind, Set.of(by));
  }

  /** A reference is returned by one of these functions. */
  static Shown returned(Kind kind, Set<String> by) {
    return reference(Direction.PUT, kind, by);
  }

  static Shown returned(Kind kind, String... by) {
    return returned(kind, Set.of(by));
  }

  private static Shown reference(Direction direction, Kind kind, Set<String> by) {
    return new Shown(
        by.stream().map(holder -> Key.of(direction, kind, holder)),
        event -> Optional.of(((Reference) event).name()));
  }

  /** A point of the kernel's work is reached. */
  static Shown reached(Point point) {
    return new Shown(
        Stream.of(new Key(point, "")), event -> Optional.of(((Reached) event).argument()));
  }

  /** An event that is armed for an exercise. */
  static Shown called(String event) {
    return new Shown(
        Stream.of(new Key(Called.class, event)),
        each -> Optional.of(((Called) each).argument("name")));
  }

  /** The same, with an argument of this value. */
  static Shown called(String event, String argument, String value) {
    return new Shown(
        Stream.of(new Key(Called.class, event)),
        each ->
            Optional.of((Called) each)
                .filter(called -> called.argument(argument).equals(value))
                .map(called -> called.argument("name")));
  }

  /** A line of the kernel's log; the pattern's first group is what it is about. */
  static Shown logged(Function<String, Matcher> matcher) {
    return new Shown(
        Stream.of(Key.LINE),
        event ->
            Optional.of(matcher.apply(((Logged) event).text()))
                .filter(Matcher::find)
                .map(found -> found.groupCount() == 0 ? "" : found.group(1)));
  }

  static Shown logged(Pattern pattern) {
    return logged(pattern::matcher);
  }

  /** The same, of what may have changed between the kernel's look and its word. */
  Shown toldLate() {
    return new Shown(keys, about, true);
  }

  /** A step begins; the pattern's first group of its argument is what it is about. */
  static Shown begun(Verb verb, Pattern argument) {
    return new Shown(
        Stream.of(new Key(Step.class, verb.toString())),
        event ->
            Optional.of((Step) event)
                .filter(step -> !step.end())
                .map(step -> argument.matcher(step.argument()))
                .filter(Matcher::matches)
                .map(found -> found.group(1)));
  }
}
