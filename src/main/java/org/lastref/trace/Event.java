package org.lastref.trace;

import java.util.Arrays;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One line of a trace. */
public sealed interface Event {

  /** Where and when the event was seen. */
  At at();

  /**
   * The place of an event.
   *
   * @param index its position in the trace, from 0
   * @param micros the kernel's clock, microseconds since boot
   * @param cpu the processor that ran it
   * @param task name and id of the task that ran it
   */
  record At(int index, long micros, int cpu, String task) {}

  /** What a reference is to. */
  enum Kind {
    /** A node of the devicetree. */
    NODE,
    /** A device that the model knows: it is watched by its name. */
    DEVICE,
    /** Another one with such a node: what a driver makes of the one that it is bound to. */
    OTHER_DEVICE,
    /** A device link's own device. */
    LINK;

    /** Whether models and the ledger have such objects. */
    public boolean isModelled() {
      return this == NODE || this == DEVICE;
    }
  }

  /**
   * What is watched.
   *
   * @param name the node's or device's name, without its path
   * @param object what tells objects of one name apart: the kobject's address, or a number
   * @param bus the bus, or the class, that a device is of; empty if that is not known
   * @param path a node's path, or that of a device's node; empty if that is not known, as in
   *     version 1
   */
  record Subject(Kind kind, String name, long object, String bus, String path) {}

  /** Whether a reference was taken or returned. */
  enum Direction {
    GET,
    PUT
  }

  /**
   * A reference taken or returned, by {@code kobject_get} or {@code kobject_put}.
   *
   * @param subject what it is to
   * @param count the count just before the operation
   * @param chain who called for it
   */
  record Reference(At at, Direction direction, Subject subject, int count, Chain chain)
      implements Event {
    /** What it is to. */
    public Kind kind() {
      return subject.kind();
    }

    /** The node's or device's name, without its path. */
    public String name() {
      return subject.name();
    }

    /** What tells objects of one name apart. */
    public long object() {
      return subject.object();
    }

    /** The kernel function on whose behalf it was done. */
    public String holder() {
      return chain.holder();
    }

    /** As a person reads it: {@code +8 node lr-osc by of_device_alloc}. */
    public String describe() {
      return describe(holder());
    }

    /** The same of another function's doing, such as a caller's. */
    public String describe(String by) {
      return "%s of %s %s by %s, count %d -> %d"
          .formatted(
              direction == Direction.GET ? "get" : "put",
              subject.kind() == Kind.NODE ? "node" : "device",
              subject.name(),
              by,
              count,
              count + (direction == Direction.GET ? 1 : -1));
    }
  }

  /** Points of the kernel's work that a trace marks. */
  enum Point {
    APPLY,
    APPLIED,
    REMOVE,
    REMOVED,
    DESTROY,
    DESTROYED,
    NODE_RELEASE,
    DEVICE_RELEASE,
    LINK_RELEASE,
    WORK,
    WORK_END,
    CALLBACK,
    CALLBACK_END,
    GRACE,
    CALL_SRCU,
    BARRIER,
    BARRIER_END,
    WAIT,
    WAIT_END,
    KOBJECT_CLEANUP,
    KOBJECT_CLEANUP_END;

    private static final Map<String, Point> BY_WORD =
        Arrays.stream(values()).collect(Collectors.toMap(Point::word, Function.identity()));

    private static final Map<Point, Point> ENDS =
        Map.of(
            APPLIED, APPLY,
            REMOVED, REMOVE,
            DESTROYED, DESTROY,
            WORK_END, WORK,
            CALLBACK_END, CALLBACK,
            BARRIER_END, BARRIER,
            WAIT_END, WAIT,
            KOBJECT_CLEANUP_END, KOBJECT_CLEANUP);

    /** The one that began what this is the end of; null if it is the end of nothing. */
    public @Nullable Point begin() {
      return ENDS.get(this);
    }

    /** Whether there is one that is the end of what this begins. */
    public boolean hasEnd() {
      return ENDS.containsValue(this);
    }

    /** That of a word; null if there is none. */
    public static @Nullable Point of(String word) {
      return BY_WORD.get(word);
    }

    /** As it is called in a trace, and as its probe is. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A point of the kernel's work was reached.
   *
   * @param argument what it was about: a device's, link's or node's name, a return value, or empty
   */
  record Reached(At at, Point point, String argument) implements Event {}

  /**
   * A function was entered that only some exercises watch, or a tracepoint of theirs was passed.
   *
   * @param event the probe's name, or the tracepoint's
   * @param arguments what it recorded, by name; functions without offset and size
   */
  record Called(At at, String event, SortedMap<String, String> arguments) implements Event {

    public Called {
      arguments = Collections.unmodifiableSortedMap(new TreeMap<>(arguments));
    }

    /** An argument, or nothing if the event did not record it. */
    public String argument(String name) {
      return arguments.getOrDefault(name, "");
    }
  }

  /** A line of the kernel's log, at the moment it was stored. */
  record Logged(At at, String text) implements Event {}

  /**
   * The harness began or ended a step.
   *
   * @param step verb and argument, such as {@code remove=diamond}
   * @param result empty at the beginning
   */
  record Step(At at, boolean end, String step, String result) implements Event {

    /** Whether one of this verb begins. */
    public boolean begins(Verb verb) {
      return !end && is(verb);
    }

    /** Whether one of this verb begins or ends. */
    public boolean is(Verb verb) {
      String word = verb.toString();
      return step.startsWith(word)
          && step.length() > word.length()
          && step.charAt(word.length()) == '=';
    }

    /**
     * Whether something begins to be taken away, by this task or aside: an overlay, a device's
     * driver, a module.
     */
    public boolean takesAway() {
      return begins(Verb.REMOVE)
          || begins(Verb.UNBIND)
          || begins(Verb.UNLOAD)
          || (begins(Verb.START) && argument().startsWith(Verb.REMOVE + "="));
    }

    /** What stands behind the verb. */
    public String argument() {
      return step.substring(step.indexOf('=') + 1);
    }
  }
}
