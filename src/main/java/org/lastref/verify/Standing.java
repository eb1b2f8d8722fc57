package org.lastref.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.lastref.trace.Chain;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Called;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Trace;

/**
 * A step that the kernel does not come back from: it waits in the same place for seconds, where
 * nothing can interrupt it.
 *
 * @param step such as {@code remove=pair}
 * @param pid of the task that is in it; empty where the agent did not tell
 * @param functions where it waits, the innermost first
 * @param device the one that the step unregistered last, for whose release it most likely waits;
 *     empty if it unregistered none, or is still at it
 * @param around what the agent looked up when it stood
 * @param micros since the step began
 * @param event the index of the event that tells
 */
record Standing(
    String step,
    String pid,
    List<String> functions,
    String device,
    Around around,
    long micros,
    int event) {

  /** How many functions are told. */
  private static final int MOST = 6;

  /** How many locks are told. */
  private static final int MOST_LOCKS = 4;

  /** What waits itself, kernel/sched of Linux 6.1.192, and whatever calls that. */
  private static final String WAITS = "__switch_to|_*(schedule|wait_for|down|mutex_lock|flush)\\w*";

  /**
   * What calls a work item: kernel/workqueue.c of 6.1, and of 6.12, which has the one in the other.
   */
  private static final Set<String> WORKER = Set.of("process_one_work", "process_scheduled_works");

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
      } else if (event instanceof Called called
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
      } else if (event instanceof Called called && called.event().equals("stands")) {
        return Optional.of(
            new Standing(
                called.argument("step"),
                called.argument("pid"),
                stack(called.argument("in")),
                device,
                Around.in(trace, event.at().index()),
                event.at().micros() - begun,
                event.at().index()));
      }
    }
    return Optional.empty();
  }

  static List<String> stack(String argument) {
    return List.of(argument.split(",", -1));
  }

  /** After device_del(), not by it: drivers/base/core.c. */
  private static boolean isUnregistered(Chain chain) {
    return chain.functions().stream()
        .takeWhile(function -> !function.equals("device_del"))
        .anyMatch("device_unregister"::equals);
  }

  /** Who waits, of where a task waits. */
  static List<String> callers(List<String> functions) {
    return functions.stream()
        .dropWhile(function -> function.matches(WAITS))
        .takeWhile(function -> !WORKER.contains(function))
        .limit(MOST)
        .toList();
  }

  private static String place(List<String> functions) {
    return String.join(" \u2190 ", callers(functions));
  }

  Finding finding() {
    boolean waits = !around.files().isEmpty();
    List<String> parts = new ArrayList<>();
    parts.add(waits ? waitsForFiles() : waitsWithoutEnd());
    Optional<Around.Lock> wanted = around.wanted(pid, functions);
    wanted.ifPresent(lock -> parts.add("it waits for " + lock.name() + holder(lock)));
    List<String> held =
        around.locks().isEmpty()
            ? Locks.held(functions)
            : around.held(pid, wanted).map(Around.Lock::toString).toList();
    if (!held.isEmpty()) {
      int told = Math.min(MOST_LOCKS, held.size());
      parts.add(
          "it holds "
              + String.join(", ", held.subList(0, told))
              + (told < held.size() ? " and %d more locks".formatted(held.size() - told) : ""));
    }
    around.asleep().stream().map(this::sentence).forEach(parts::add);
    return new Finding(
        waits ? Finding.Type.WAITS : Finding.Type.STANDS,
        event,
        step,
        String.join("; ", parts),
        "an end");
  }

  private String waitsForFiles() {
    return "it has waited for %.1f s in %s while this is open: %s"
        .formatted(
            micros / 1e6,
            place(functions),
            String.join("; ", around.files().stream().map(Around.File::toString).toList()));
  }

  private String waitsWithoutEnd() {
    return "it waits without end in "
        + place(functions)
        + (device.isEmpty() ? "" : ", most likely for " + device + " to be released");
  }

  private String holder(Around.Lock wanted) {
    return around
        .holders(wanted)
        .findFirst()
        .map(task -> ", which %s holds".formatted(task(task)))
        .orElse("");
  }

  private String task(String task) {
    return around.asleep().stream()
        .filter(other -> other.pid().equals(task))
        .findFirst()
        .map(other -> "%s (process %s)".formatted(other.name(), other.pid()))
        .orElse("process " + task);
  }

  /** Of another task that waits. */
  private String sentence(Around.Asleep other) {
    Optional<Around.Lock> wanted = around.wanted(other.pid(), other.functions());
    return "meanwhile %s waits%s in %s"
        .formatted(
            task(other.pid()),
            wanted
                .map(
                    lock ->
                        " for %s%s"
                            .formatted(
                                lock.name(),
                                around.holders(lock).anyMatch(pid::equals)
                                    ? ", which this holds,"
                                    : ""))
                .orElse(""),
            place(other.functions()));
  }

  /** Of all that is out, what keeps the device from its release. */
  List<Holding> holders(List<Holding> holdings) {
    return holdings.stream()
        .filter(each -> each.subject().name().equals(device) && each.event() != null)
        .map(each -> each.because(List.of()))
        .toList();
  }
}
