package org.lastref.model;

import java.util.List;
import org.lastref.trace.Event;

/** Tells which events of a trace are steps of a machine, and whose. */
@FunctionalInterface
public interface Reading {

  /** The steps that show, in the order of the trace; a line of the log may be one. */
  List<Observed> of(List<Event> events);

  /** The same, where the kernel may do all of it more than once: each time by itself. */
  default List<List<Observed>> times(List<Event> events) {
    return List.of(of(events));
  }
}
