package org.lastref.verify;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
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

  /** What calls a work item: kernel/workqueue.c. */
  private static final String WORKER = "process_one_work";

  /**
   * What is around a task that stands.
   *
   * @param files what is open of devices that went meanwhile
   * @param asleep who else waits where nothing can interrupt it
   * @param locks those that tasks hold or wait for, as the kernel lists them: a task's last one is
   *     the one that it waits for, if it waits for any; empty if the kernel keeps no list
   */
  record Around(List<File> files, List<Asleep> asleep, List<Lock> locks) {

    /** What the agent marks after the event of this index. */
    static Around in(Trace trace, int after) {
      List<Called> marks =
          trace.events().stream()
              .skip(after + 1)
              .filter(Called.class::isInstance)
              .map(Called.class::cast)
              .toList();
      return new Around(
          each(marks, "open", File::of),
          each(marks, "asleep", Asleep::of),
          each(marks, "holds", Lock::of));
    }

    /**
     * The lock that a task waits for: a kernel lists it as the task's last, taken where the task
     * stands, though another one has it.
     */
    Optional<Lock> wanted(String pid, List<String> functions) {
      return locks.stream()
          .filter(lock -> lock.pid.equals(pid))
          .reduce((one, next) -> next)
          .filter(last -> last.function.equals(functions.get(0)))
          .filter(last -> others(last).findAny().isPresent());
    }

    private Stream<Lock> others(Lock lock) {
      return locks.stream()
          .filter(other -> other.address.equals(lock.address) && !other.pid.equals(lock.pid));
    }

    /** The tasks that have a lock which another one waits for. */
    Stream<String> holders(Lock lock) {
      return others(lock)
          .filter(
              other ->
                  asleep.stream()
                      .noneMatch(
                          task ->
                              task.pid.equals(other.pid)
                                  && wanted(task.pid, task.functions)
                                      .filter(other::equals)
                                      .isPresent()))
          .map(Lock::pid);
    }

    /** What a task has, the last that it took first. */
    Stream<Lock> held(String pid, Optional<Lock> wanted) {
      List<Lock> held =
          new ArrayList<>(
              locks.stream()
                  .filter(lock -> lock.pid.equals(pid) && !wanted.equals(Optional.of(lock)))
                  .toList());
      Collections.reverse(held);
      return held.stream();
    }

    private static <T> List<T> each(List<Called> marks, String kind, Function<Called, T> of) {
      return marks.stream().filter(mark -> mark.event().equals(kind)).map(of).toList();
    }
  }

  /** A file that a process has open. */
  record File(String path, String pid, String name) {
    private static File of(Called mark) {
      return new File(mark.argument("file"), mark.argument("pid"), mark.argument("comm"));
    }

    @Override
    public String toString() {
      return "%s, by process %s (%s)".formatted(path, pid, name);
    }
  }

  /** A task that waits too. */
  record Asleep(String pid, String name, List<String> functions) {
    private static Asleep of(Called mark) {
      return new Asleep(mark.argument("pid"), mark.argument("comm"), stack(mark.argument("in")));
    }
  }

  /** A lock, and in which function a task took it or waits for it. */
  record Lock(String pid, String address, String name, String function) {
    private static Lock of(Called mark) {
      return new Lock(
          mark.argument("pid"), mark.argument("lock"), mark.argument("name"), mark.argument("at"));
    }

    @Override
    public String toString() {
      return "%s (%s)".formatted(name, function);
    }
  }

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

  private static List<String> stack(String argument) {
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
    return callers(functions, MOST);
  }

  private static List<String> callers(List<String> functions, int most) {
    return functions.stream()
        .dropWhile(function -> function.matches(WAITS))
        .takeWhile(function -> !function.equals(WORKER))
        .limit(most)
        .toList();
  }

  private static String place(List<String> functions) {
    return String.join(" \u2190 ", callers(functions));
  }

  Finding finding() {
    boolean waits = !around.files.isEmpty();
    List<String> parts = new ArrayList<>();
    parts.add(
        (waits
                ? "it has waited for %.1f s in ".formatted(micros / 1e6)
                : "it waits without end in ")
            + place(functions)
            + (waits
                ? " while this is open: "
                    + String.join("; ", around.files.stream().map(File::toString).toList())
                : device.isEmpty() ? "" : ", most likely for " + device + " to be released"));
    Optional<Lock> wanted = around.wanted(pid, functions);
    wanted.ifPresent(
        lock ->
            parts.add(
                "it waits for %s, which %s holds"
                    .formatted(
                        lock.name, around.holders(lock).findFirst().map(this::task).orElse(""))));
    List<String> held =
        around.locks.isEmpty()
            ? Locks.held(functions)
            : around.held(pid, wanted).map(Lock::toString).toList();
    if (!held.isEmpty()) {
      parts.add(
          "it holds "
              + String.join(", ", held.subList(0, Math.min(MOST_LOCKS, held.size())))
              + (held.size() > MOST_LOCKS
                  ? " and %d more locks".formatted(held.size() - MOST_LOCKS)
                  : ""));
    }
    around.asleep.stream().map(this::sentence).forEach(parts::add);
    return new Finding(
        waits ? Finding.Type.WAITS : Finding.Type.STANDS,
        event,
        step,
        String.join("; ", parts),
        "an end");
  }

  private String task(String task) {
    return around.asleep.stream()
        .filter(other -> other.pid.equals(task))
        .findFirst()
        .map(other -> "%s (process %s)".formatted(other.name, other.pid))
        .orElse("process " + task);
  }

  /** Of another task that waits. */
  private String sentence(Asleep other) {
    Optional<Lock> wanted = around.wanted(other.pid, other.functions);
    return "meanwhile %s waits%s in %s"
        .formatted(
            task(other.pid),
            wanted
                .map(
                    lock ->
                        " for %s%s"
                            .formatted(
                                lock.name,
                                around.holders(lock).anyMatch(pid::equals)
                                    ? ", which this holds,"
                                    : ""))
                .orElse(""),
            place(other.functions));
  }

  /** Of all that is out, what keeps the device from its release. */
  List<Holding> holders(List<Holding> holdings) {
    return holdings.stream()
        .filter(each -> each.subject().name().equals(device) && each.event() != null)
        .map(each -> each.because(List.of()))
        .toList();
  }
}
