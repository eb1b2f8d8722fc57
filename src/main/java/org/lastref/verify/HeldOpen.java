package org.lastref.verify;

import java.util.ArrayList;
import java.util.List;
import org.lastref.trace.Event;
import org.lastref.trace.Trace;
import org.lastref.trace.Verb;

/**
 * What the board's agent held open of an overlay's devices while that was removed.
 *
 * @param what such as {@code /dev/i2c-3} or {@code leds/lr-led,trigger}
 * @param in where the removal waited after a second, the innermost function first; empty if it had
 *     ended by then
 * @param micros how long the removal took, the waiting included
 */
public record HeldOpen(List<String> what, List<String> in, long micros) {

  public HeldOpen {
    what = List.copyOf(what);
    in = List.copyOf(in);
  }

  /** Reads it from the trace of a removal meanwhile. */
  public static HeldOpen in(Trace trace) {
    List<String> what = new ArrayList<>();
    List<String> in = List.of();
    long micros = 0;
    for (Event event : trace.events()) {
      if (event instanceof Event.Called called && called.event().equals("held")) {
        what.add(called.argument("what"));
      } else if (event instanceof Event.Called called && called.event().equals("waits")) {
        in = Standing.callers(List.of(called.argument("in").split(",", -1)));
      } else if (event instanceof Event.Step step && step.begins(Verb.START)) {
        micros -= event.at().micros();
      } else if (event instanceof Event.Step step && step.end() && step.is(Verb.FINISH)) {
        micros += event.at().micros();
      }
    }
    return new HeldOpen(what, in, micros);
  }
}
