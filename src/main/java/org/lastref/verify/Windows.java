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
final class Windows {

  private final int[] next;

  Windows(Trace trace) {
    next = new int[trace.events().size()];
    Map<String, Integer> later = new HashMap<>();
    for (int i = next.length - 1; i >= 0; i--) {
      Event event = trace.events().get(i);
      Integer known = later.put(event.at().task(), i);
      next[i] = known == null ? next.length : known;
    }
  }

  /** Whether what an earlier event announces may have happened only after a later one's. */
  boolean mayHappenAfter(At earlier, At later) {
    return !earlier.task().equals(later.task()) && next[earlier.index()] > later.index();
  }
}
