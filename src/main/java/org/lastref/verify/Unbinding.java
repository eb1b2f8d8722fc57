package org.lastref.verify;

import java.util.List;
import org.lastref.trace.Event;
import org.lastref.trace.Verb;

/**
 * What it costs to unbind devices by hand: where a link is released synchronously, the one who
 * writes to {@code unbind} waits for a grace period.
 */
final class Unbinding {

  private Unbinding() {}

  /** How long the steps took that unbind a device, together, in microseconds. */
  static long micros(List<Event> events) {
    long micros = 0;
    for (Event event : events) {
      if (event instanceof Event.Step step && step.is(Verb.UNBIND)) {
        micros += step.end() ? step.at().micros() : -step.at().micros();
      }
    }
    return micros;
  }
}
