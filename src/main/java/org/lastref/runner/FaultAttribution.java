package org.lastref.runner;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lastref.fault.LabFault;
import org.lastref.klog.Sign;
import org.lastref.klog.Splat;
import org.lastref.klog.Splats;
import org.lastref.link.Console;
import org.lastref.report.CaseWord.Kind;

/**
 * Whose doing it is that a board failed during a case. The kernel's, if it says so itself: by a
 * panic, an oops or a task that hangs. Else the lab's: silence proves nothing, as a cable may be
 * out.
 */
public final class FaultAttribution {

  private static final int EVIDENCE = 60;
  private static final Duration ANSWER = Duration.ofSeconds(3);

  private static final Set<Sign> HANGS = Set.of(Sign.HUNG_TASK, Sign.RCU_STALL, Sign.SOFT_LOCKUP);

  // show_state_filter() and sched_show_task() in kernel/sched/core.c of Linux 6.1.
  private static final Pattern SHOWN = Pattern.compile("sysrq: Show Blocked State");
  private static final Pattern BLOCKED = Pattern.compile("task:(\\S+)\\s+state:D");

  /** Who works in the kernel for us: the agent, and the shell where there is none. */
  private static final List<String> WORKERS = List.of("lastref-agent", "sh");

  private FaultAttribution() {}

  /**
   * What a kernel did to a case.
   *
   * @param word for the table
   * @param sentence what it says, or what was found
   * @param evidence the console's lines about it
   */
  public record Finding(Kind word, String sentence, List<String> evidence) {}

  /**
   * Looks for the kernel's guilt.
   *
   * @param console the console's lines since the case began
   */
  static Optional<Finding> of(ArmedBoard board, List<String> console) {
    List<Splat> splats = Splats.in(console);
    Optional<Finding> said =
        first(splats, Kind.DIES, each -> each.deadly() && each.meaning().ofKernel())
            .or(() -> first(splats, Kind.HANGS, each -> HANGS.contains(each.sign())));
    return said.isPresent() || board.isDown() || board.death().isPresent() ? said : blocked(board);
  }

  private static Optional<Finding> first(List<Splat> splats, Kind word, Predicate<Splat> guilty) {
    return splats.stream()
        .filter(guilty)
        .findFirst()
        .map(
            splat ->
                new Finding(
                    word, "the kernel %s: %s".formatted(word, splat.title()), splat.lines()));
  }

  /** Asks the kernel itself, which answers as long as it takes interrupts. */
  private static Optional<Finding> blocked(ArmedBoard board) {
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
                Kind.HANGS,
                "the kernel hangs: %s waits in it and cannot be interrupted"
                    .formatted(task.group(1)),
                stack.subList(0, Math.min(EVIDENCE, stack.size()))));
      }
    }
    return Optional.empty();
  }
}
