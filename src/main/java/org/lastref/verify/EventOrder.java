package org.lastref.verify;

import java.util.HashMap;
import java.util.Map;
import org.lastref.trace.Event;
import org.lastref.trace.Event.At;
import org.lastref.trace.Trace;

/**
 * What a trace can and cannot say of the order in which things happened. A probe sits at a
 * function's entry: what the function does happens somewhere between its event and the next event
 * of the same task. Between tasks only that much is known.
 */
final class EventOrder {

  private final int[] next;
  private final int[] previous;

  EventOrder(Trace trace) {
    next = new int[trace.events().size()];
    Map<String, Integer> later = new HashMap<>();
    for (int i = next.length - 1; i >= 0; i--) {
      Event event = trace.events().get(i);
      Integer known = later.put(event.at().task(), i);
      next[i] = known == null ? next.length : known;
    }
    previous = new int[next.length];
    Map<String, Integer> earlier = new HashMap<>();
    for (int i = 0; i < previous.length; i++) {
      Integer known = earlier.put(trace.events().get(i).at().task(), i);
      previous[i] = known == null ? -1 : known;
    }
  }

  /** Whether what an earlier event announces may have happened only after a later one's. */
  boolean mayHappenAfter(At earlier, At later) {
    return !earlier.task().equals(later.task()) && next[earlier.index()] > later.index();
  }

  /**
   * Whether a later event's count may have been read before an earlier event of another task took
   * effect: a filtered event is filled in first and stamped when it is committed,
   * trace_event_buffer_lock_reserve() in kernel/trace/trace.c.
   */
  boolean mayBeReadBefore(At later, At earlier) {
    return !earlier.task().equals(later.task()) && previous[later.index()] < earlier.index();
  }
}
