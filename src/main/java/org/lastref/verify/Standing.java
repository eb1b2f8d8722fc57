package org.lastref.verify;

import java.util.List;
import java.util.Optional;
import org.lastref.trace.Chain;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Trace;

/**
 * A step that the kernel does not come back from: it waits in the same place for seconds, where
 * nothing can interrupt it.
 *
 * @param step such as {@code remove=pair}
 * @param functions where it waits, the innermost first
 * @param device the one that the step unregistered last, for whose release it most likely waits;
 *     empty if it unregistered none, or is still at it
 * @param files what is open of devices that went meanwhile, and who has it open
 * @param micros since the step began
 * @param event the index of the event that tells
 */
record Standing(
    String step,
    List<String> functions,
    String device,
    List<String> files,
    long micros,
    int event) {

  /** How many functions are told. */
  private static final int MOST = 6;

  /** What waits itself, kernel/sched of Linux 6.1.192, and whatever calls that. */
  private static final String WAITS = "__switch_to|_*(schedule|wait_for|down|mutex_lock|flush)\\w*";

  /** It takes the device's lock first: drivers/base/dd.c. */
  private static final String UNBINDS = "device_release_driver_internal";

  /** The one of a trace, if there is one. */
  static Optional<Standing> in(Trace trace) {
    String device = "";
    String deleted = "";
    String task = "";
    long begun = 0;
    for (Event event : trace.events()) {
      if (event instanceof Event.Step step && !step.end()) {
        task = event.at().task();
        begun = event.at().micros();
        device = "";
        deleted = "";
      } else if (event instanceof Event.Called called
          && called.event().equals("deleting")
          && event.at().task().equals(task)) {
        deleted = called.argument("name");
        device = "";
      } else if (event instanceof Reference put
          && put.direction() == Direction.PUT
          && put.name().equals(deleted)
          && event.at().task().equals(task)
          && isUnregistered(put.chain())) {
        device = deleted;
      } else if (event instanceof Event.Called called && called.event().equals("stands")) {
        return Optional.of(
            new Standing(
                called.argument("step"),
                List.of(called.argument("in").split(",", -1)),
                device,
                files(trace, event.at().index()),
                event.at().micros() - begun,
                event.at().index()));
      }
    }
    return Optional.empty();
  }

  /** What the agent marks after it. */
  private static List<String> files(Trace trace, int after) {
    return trace.events().stream()
        .skip(after)
        .filter(event -> event instanceof Event.Called called && called.event().equals("open"))
        .map(Event.Called.class::cast)
        .map(
            open ->
                "%s, by process %s (%s)"
                    .formatted(open.argument("file"), open.argument("pid"), open.argument("comm")))
        .toList();
  }

  /** After device_del(), not by it: drivers/base/core.c. */
  private static boolean isUnregistered(Chain chain) {
    return chain.functions().stream()
        .takeWhile(function -> !function.equals("device_del"))
        .anyMatch("device_unregister"::equals);
  }

  /** Who waits, of where a task waits. */
  static List<String> callers(List<String> functions) {
    return functions.stream().dropWhile(function -> function.matches(WAITS)).limit(MOST).toList();
  }

  Finding finding() {
    return new Finding(
        files.isEmpty() ? Finding.Type.STANDS : Finding.Type.WAITS,
        event,
        step,
        (files.isEmpty()
                ? "it waits without end in "
                : "it has waited for %.1f s in ".formatted(micros / 1e6))
            + String.join(" \u2190 ", callers(functions))
            + (!files.isEmpty()
                ? " while this is open: " + String.join("; ", files)
                : device.isEmpty() ? "" : ", most likely for " + device + " to be released")
            + (functions.contains(UNBINDS) ? "; it holds the lock of the device it unbinds" : ""),
        "an end");
  }

  /** Of all that is out, what keeps the device from its release. */
  List<Holding> holders(List<Holding> holdings) {
    return holdings.stream()
        .filter(each -> each.subject().name().equals(device) && each.event() != null)
        .map(each -> each.because(List.of()))
        .toList();
  }
}
