package org.lastref.trace;

import java.util.List;

/**
 * The events of a trace.
 *
 * @param name what messages call it
 * @param watching how it was watched
 * @param events in their order
 */
public record Trace(String name, Watching watching, List<Event> events) {
  public Trace {
    events = List.copyOf(events);
  }

  /** One that was watched by ftrace's events. */
  public Trace(String name, List<Event> events) {
    this(name, Watching.TEXT, events);
  }

  /** Other events, watched alike. */
  public Trace with(List<Event> others) {
    return new Trace(name, watching, others);
  }
}
