package org.lastref.runner;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.lastref.board.LifeCycle.State;
import org.lastref.klog.Splat;
import org.lastref.klog.Splats;
import org.lastref.link.Console;
import org.lastref.offline.Oracle;
import org.lastref.offline.RemovalCase;
import org.lastref.report.CaseOutcome;
import org.lastref.report.RunInfo;
import org.lastref.target.Observation;
import org.lastref.trace.Event;
import org.lastref.trace.Trace;
import org.lastref.trace.TraceHeader;
import org.lastref.verify.Refusal;
import org.lastref.verify.Verdict;

/** A case in progress: its board, and what is kept of it. Used by one thread. */
public final class Attempt {

  private final Run run;
  private final ArmedBoard board;
  private final TestCase testCase;
  private final Set<String> taken;
  private Console console;
  private Console.Mark before;
  private final List<Verdict> verdicts = new ArrayList<>();
  private final List<String> attachments = new ArrayList<>();

  /** The kernel's lines that a trace has, and so a verdict. */
  private final Set<String> judged = new HashSet<>();

  /**
   * @param taken the names of overlays that the board's kernel took before
   */
  Attempt(Run run, ArmedBoard board, TestCase testCase, Set<String> taken) {
    this.run = run;
    this.board = board;
    this.testCase = testCase;
    this.taken = taken;
    console = board.console();
    before = console.lineStart();
    board.life().to(State.TESTING, testCase.id());
  }

  /** Whether the board is still as it was then started. */
  boolean isOf(Console now, Console.Mark started) {
    return console == now && before.position() >= started.position();
  }

  /** The board, booted with the kernel that the case needs. */
  public ArmedBoard board() {
    return board;
  }

  /** Boots the board with these words on the kernel's command line, if it was not. */
  public void bootWith(List<String> words) {
    booted(() -> board.bootWith(words));
  }

  /** The same with the words that it was booted with last, whatever became of it. */
  public void bootAgain() {
    booted(
        () -> {
          board.restart();
          return true;
        });
  }

  private void booted(BooleanSupplier boot) {
    if (boot.getAsBoolean()) {
      console = board.console();
      before = board.started();
      board.life().to(State.TESTING, testCase.id());
    }
  }

  /** What the run is made with. */
  public RunInfo info() {
    return run.folder().info();
  }

  /**
   * Does something on the board, cycle by cycle until one differs from its model, and tells what
   * came of it. Each trace is kept with the results before it is judged.
   *
   * @param steps one cycle
   * @param header of the trace of a cycle, counted from 1
   * @throws org.lastref.fault.InputFault if the kernel refused an overlay that it never took
   */
  public CaseOutcome judged(
      Oracle oracle, Supplier<Observation> steps, IntFunction<TraceHeader> header) {
    Path file = Path.of("");
    Trace trace = new Trace("none", List.of());
    for (int cycle = 1; cycle <= run.plan().cycles(); cycle++) {
      Observation observation = steps.get();
      String name = testCase.id().replace('/', '-') + "-" + cycle;
      attachments.add(run.keep(name, header.apply(cycle), observation.records()));
      file = run.folder().path().resolve(attachments.get(attachments.size() - 1));
      Refusal.check(observation.steps(), console(), taken);
      trace = observation.records().read(name);
      for (Event event : trace.events()) {
        if (event instanceof Event.Logged logged) {
          judged.add(logged.text().strip());
        }
      }
      Verdict verdict = oracle.judge(trace);
      verdicts.add(verdict);
      if (!verdict.conforms()) {
        break;
      }
    }
    return oracle.outcome(
        verdicts, trace, "./lastref explain " + RemovalCase.quoted(file.toString()));
  }

  /** The verdicts so far. */
  List<Verdict> verdicts() {
    return Collections.unmodifiableList(verdicts);
  }

  /** What lies with the results, relative to the run's folder. */
  List<String> attachments() {
    return Collections.unmodifiableList(attachments);
  }

  /** What the kernel complained of on the console since the case began. */
  List<Splat> splats() {
    return splats(console());
  }

  /**
   * What the kernel complains of in some lines, but for what is in a trace: that the model has
   * judged.
   */
  List<Splat> splats(List<String> lines) {
    return Splats.in(lines).stream()
        .filter(splat -> splat.meaning().ofKernel())
        .filter(splat -> splat.lines().stream().noneMatch(this::isJudged))
        .toList();
  }

  private boolean isJudged(String line) {
    return judged.contains(line.substring(line.indexOf(']') + 1).strip());
  }

  /** What the board has written to its console since the case began. */
  List<String> console() {
    return console.lines(before);
  }
}
