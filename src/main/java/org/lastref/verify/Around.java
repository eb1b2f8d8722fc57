package org.lastref.verify;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.lastref.trace.Event.Called;
import org.lastref.trace.Trace;

/**
 * What is around a task that stands.
 *
 * @param files what is open of devices that went meanwhile
 * @param asleep who else waits where nothing can interrupt it
 * @param locks those that tasks hold or wait for, as the kernel lists them: a task's last one is
 *     the one that it waits for, if it waits for any; empty if the kernel keeps no list
 */
record Around(List<File> files, List<Asleep> asleep, List<Lock> locks) {

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
      return new Asleep(
          mark.argument("pid"), mark.argument("comm"), Standing.stack(mark.argument("in")));
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
