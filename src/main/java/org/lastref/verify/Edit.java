package org.lastref.verify;

import java.util.ArrayList;
import java.util.List;
import org.lastref.trace.Chain;
import org.lastref.trace.Event;
import org.lastref.trace.Event.At;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Reference;

/** Changes to the events of a trace. */
final class Edit {

  private Edit() {}

  /** The events with some replaced, numbered anew. */
  static List<Event> replaced(List<Event> events, int at, int removed, List<Event> instead) {
    List<Event> changed = new ArrayList<>(events.subList(0, at));
    changed.addAll(instead);
    changed.addAll(events.subList(at + removed, events.size()));
    for (int i = at; i < changed.size(); i++) {
      At old = changed.get(i).at();
      if (old.index() != i) {
        changed.set(i, moved(changed.get(i), new At(i, old.micros(), old.cpu(), old.task())));
      }
    }
    return changed;
  }

  /** The same event in another place. */
  static Event moved(Event event, At at) {
    if (event instanceof Reference e) {
      return new Reference(at, e.direction(), e.subject(), e.count(), e.chain());
    } else if (event instanceof Event.Reached e) {
      return new Event.Reached(at, e.point(), e.argument());
    } else if (event instanceof Event.Logged e) {
      return new Event.Logged(at, e.text());
    } else if (event instanceof Event.Called e) {
      return new Event.Called(at, e.event(), e.arguments());
    } else {
      Event.Step e = (Event.Step) event;
      return new Event.Step(at, e.end(), e.step(), e.result());
    }
  }

  /** A reference to the same object in the same place. */
  static Reference with(Reference e, Direction direction, String holder, int count) {
    return new Reference(e.at(), direction, e.subject(), count, Chain.of(List.of(holder)));
  }
}
