package org.lastref.verify;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Point;

/**
 * Whether a remover was quick enough for {@link org.lastref.model.Policy.Grace#SLOW} to say
 * anything: that no grace period ends while it runs is true only if it runs for less than one
 * takes. A busy machine, or a slow console that reports go to, can make it take longer.
 */
final class GraceAssumption {

  /** A grace period that is not expedited takes a jiffy at least: SRCU_INTERVAL, srcutree.c. */
  private static final long SHORTEST_GRACE = 10_000;

  private GraceAssumption() {}

  /**
   * Whether less than a grace period went by between the first release of a link and the end. What
   * is done before the removal, an unbinding, the model lets take its time.
   */
  static boolean made(List<Event> events) {
    String remover = "";
    boolean released = false;
    long busy = 0;
    @Nullable Event before = null;
    for (Event event : events) {
      if (event instanceof Event.Reached reached && reached.point() == Point.REMOVE) {
        remover = reached.at().task();
      }
      if (!event.at().task().equals(remover)) {
        continue;
      }
      if (released && before != null && !waits(before)) {
        busy += event.at().micros() - before.at().micros();
      }
      before = event;
      if (event instanceof Event.Reached reached) {
        released |= reached.point() == Point.LINK_RELEASE;
        if (reached.point() == Point.REMOVED) {
          break;
        }
      }
    }
    return busy < SHORTEST_GRACE;
  }

  /** Whether the remover sleeps from this event to its next. */
  private static boolean waits(Event event) {
    return event instanceof Event.Reached reached
        && (reached.point() == Point.WAIT
            || reached.point() == Point.BARRIER
            || reached.point() == Point.GRACE);
  }
}
