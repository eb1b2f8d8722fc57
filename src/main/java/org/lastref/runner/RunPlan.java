package org.lastref.runner;

import java.nio.file.Path;
import java.util.List;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Channel;
import org.lastref.report.PlannedCase;
import org.lastref.report.RunFolder;

/**
 * What a run is to do.
 *
 * @param project the project's folder, where {@code harness/} is
 * @param results where the run's folder goes
 * @param board on what
 * @param channel how commands get there
 * @param cases the cases; those of one kernel follow each other
 * @param cycles how often each case is repeated, at least 1
 * @param command the command line, for the record
 * @param added options that go with each case's own, if it is run alone; empty for none
 * @param boards how many boards share the cases: an emulated one waits for timers of its kernel's
 *     most of the time, so that two are done much sooner
 */
public record RunPlan(
    Path project,
    Path results,
    BoardDefinition board,
    Channel channel,
    List<TestCase> cases,
    int cycles,
    List<String> command,
    String added,
    int boards) {

  /** What {@code run} takes if no board is named. */
  public static final String DEFAULT_BOARD = "qemu-virt";

  /** Fewer cases are done before a second board has booted and warmed up. */
  private static final int ENOUGH = 60;

  public RunPlan {
    cases = List.copyOf(cases);
    command = List.copyOf(command);
  }

  /** One with no such options, on one board. */
  public RunPlan(
      Path project,
      Path results,
      BoardDefinition board,
      Channel channel,
      List<TestCase> cases,
      int cycles,
      List<String> command) {
    this(project, results, board, channel, cases, cycles, command, "", 1);
  }

  /** The same without the cases that a run came to a verdict on. */
  public RunPlan without(RunFolder folder) {
    return new RunPlan(
        project,
        results,
        board,
        channel,
        cases.stream().filter(each -> folder.result(each.id()).isEmpty()).toList(),
        cycles,
        command,
        added,
        boards);
  }

  /** The same with its cases shared by as many boards as are of use to a run that is alone. */
  public RunPlan shared() {
    boolean two =
        board.hardware() instanceof BoardDefinition.Qemu machine
            && cases.size() >= ENOUGH
            && machine.cpus() <= Runtime.getRuntime().availableProcessors();
    return new RunPlan(
        project, results, board, channel, cases, cycles, command, added, two ? 2 : 1);
  }

  /** A case as the report names it before it is run. */
  PlannedCase planned(TestCase testCase) {
    return new PlannedCase(
        testCase.id(),
        "%s.%s.%s".formatted(board.name(), channelName(), testCase.suite()),
        testCase.title(),
        testCase.properties(),
        command(testCase));
  }

  /** The command that runs a case of this plan alone. */
  String command(TestCase testCase) {
    String chosen = board.name().equals(DEFAULT_BOARD) ? "" : " --board " + board.name();
    String more = added.isEmpty() ? "" : " " + added;
    return "./lastref run %s%s --via %s%s"
        .formatted(testCase.options(), more, channelName(), chosen);
  }

  String channelName() {
    return channel == Channel.SSH ? "ssh" : "serial";
  }
}
