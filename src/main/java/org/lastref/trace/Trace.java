package org.lastref.trace;

import java.util.List;

/** The events of one case, complete and in the order of the trace. */
public record Trace(String name, List<Event> events) {

  public Trace {
    events = List.copyOf(events);
  }
}
