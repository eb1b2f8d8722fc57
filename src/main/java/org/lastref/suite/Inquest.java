package org.lastref.suite;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lastref.fault.LabFault;
import org.lastref.link.Console;
import org.lastref.verify.Promise;

/**
 * Whose doing it is that a board failed during a case. The kernel's, if it says so itself: by a
 * panic, an oops or a task that hangs. Else the lab's: silence proves nothing, as a cable may be
 * out.
 */
final class Inquest {

  private static final int EVIDENCE = 60;
  private static final Duration ANSWER = Duration.ofSeconds(3);

  // check_hung_task() in kernel/hung_task.c, print_other_cpu_stall() and print_cpu_stall() in
  // kernel/rcu/tree_stall.h, watchdog_timer_fn() in kernel/watchdog.c; Linux 6.1.
  private static final Pattern HANGS =
      Pattern.compile(
          "INFO: task \\S+ blocked for more than \\d+ seconds"
              + "|rcu: INFO: \\S+ (self-)?detected (expedited )?stall|BUG: soft lockup");

  // show_state_filter() and sched_show_task() in kernel/sched/core.c of Linux 6.1.
  private static final Pattern SHOWN = Pattern.compile("sysrq: Show Blocked State");
  private static final Pattern BLOCKED = Pattern.compile("task:(\\S+)\\s+state:D");

  /** What our agent has do the work in the kernel. */
  private static final List<String> WORKERS =
      List.of("mkdir", "rmdir", "cat", "sh", "insmod", "rmmod");

  private Inquest() {}

  /**
   * What a kernel did to a case.
   *
   * @param word for the table
   * @param sentence what it says, or what was found
   * @param evidence the console's lines about it
   */
  record Finding(String word, String sentence, List<String> evidence) {}

  /**
   * Looks for the kernel's guilt.
   *
   * @param console the console's lines since the case began
   */
  static Optional<Finding> of(Lab board, List<String> console) {
    Optional<Finding> said =
        said(console, "dies", "the kernel died: ", Promise::isDeath)
            .or(() -> said(console, "hangs", "the kernel hangs: ", HANGS.asPredicate()));
    return said.isPresent() || board.isDown() || board.death().isPresent() ? said : blocked(board);
  }

  private static Optional<Finding> said(
      List<String> console, String word, String what, Predicate<String> is) {
    for (int i = 0; i < console.size(); i++) {
      if (is.test(console.get(i))) {
        int end = Math.min(console.size(), i + EVIDENCE);
        return Optional.of(
            new Finding(word, what + console.get(i).strip(), List.copyOf(console.subList(i, end))));
      }
    }
    return Optional.empty();
  }

  /** Asks the kernel itself, which answers as long as it takes interrupts. */
  private static Optional<Finding> blocked(Lab board) {
    Console.Mark before = board.console().mark();
    try {
      board.sysRq('w');
      board.console().await(SHOWN, before, ANSWER, "the kernel's list of blocked tasks");
      board.console().awaitSilence(ANSWER);
    } catch (LabFault e) {
      return Optional.empty();
    }
    List<String> lines = board.console().lines(before);
    for (int i = 0; i < lines.size(); i++) {
      Matcher task = BLOCKED.matcher(lines.get(i));
      if (task.find() && WORKERS.contains(task.group(1))) {
        List<String> stack = new ArrayList<>(lines.subList(i, lines.size()));
        return Optional.of(
            new Finding(
                "hangs",
                "the kernel hangs: %s waits in it and cannot be interrupted"
                    .formatted(task.group(1)),
                stack.subList(0, Math.min(EVIDENCE, stack.size()))));
      }
    }
    return Optional.empty();
  }
}
