package org.lastref.runner;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.lastref.board.LifeCycle.State;
import org.lastref.klog.Sign;
import org.lastref.klog.Splat;
import org.lastref.klog.Splats;
import org.lastref.link.Console;
import org.lastref.offline.Oracle;
import org.lastref.report.CaseOutcome;
import org.lastref.report.RunInfo;
import org.lastref.target.Observation;
import org.lastref.trace.Event;
import org.lastref.trace.Instruction;
import org.lastref.trace.Scenario;
import org.lastref.trace.Trace;
import org.lastref.trace.TraceHeader;
import org.lastref.verify.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A case in progress: its board, and what is kept of it. Belongs to the board's thread. Of it all,
 * only its {@link Judgement} is handed to the judge's.
 */
public final class Attempt {

  /** How long a line that the kernel has logged may take to come by the console. */
  private static final Duration CONSOLE = Duration.ofMillis(500);

  private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

  private final Run run;
  private final ArmedBoard board;
  private final TestCase testCase;
  private final Set<String> taken;
  private Console console;
  private Console.Mark before;
  private final Judge judge;
  private @Nullable Judgement judgement;
  private final List<String> attachments = new ArrayList<>();

  private boolean unsettling;

  private boolean unsettled;

  /** The first step that ended otherwise than it should, if one did. */
  private Optional<String> unexpected = Optional.empty();

  /** The kernel's lines that a trace has, and so a verdict. */
  private final Set<String> judged = new HashSet<>();

  /** The same of the attempt before. */
  private final Set<String> late;

  /** The last of them. */
  private String lastLine = "";

  /** Where the console was when the board was done; the beginning as long as it is not. */
  private Console.@Nullable Mark end;

  /**
   * @param judge of its cycles
   * @param taken the names of overlays that the board's kernel took before
   * @param previous the one before: a console is slower than the agent, so what the kernel said
   *     then may come only now
   */
  Attempt(
      Run run,
      ArmedBoard board,
      Judge judge,
      TestCase testCase,
      Set<String> taken,
      @Nullable Attempt previous) {
    this.run = run;
    this.board = board;
    this.judge = judge;
    this.testCase = testCase;
    this.taken = taken;
    late = previous == null ? Set.of() : previous.judged;
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

  /**
   * What drivers do in it is not known: if it is not as it should be, the kernel may not be what it
   * was, and is started again.
   */
  public void mayUnsettle() {
    unsettling = true;
  }

  /** Whether the kernel says that it is not what it was. */
  boolean isUnsettled() {
    return unsettled;
  }

  /** Whether the kernel may not be what it was, if a cycle is not as it should be. */
  boolean unsettles() {
    return unsettling;
  }

  /** What the run is made with. */
  public RunInfo info() {
    return run.folder().info();
  }

  /** Does cycles of a case on its board. */
  @FunctionalInterface
  public interface OnBoard {
    /**
     * Does them.
     *
     * @param each takes what came of each as it comes, and says whether to go on
     */
    void run(int cycles, Predicate<Observation> each);
  }

  /**
   * Does all cycles of a case on the board and has them judged meanwhile, in their order, until one
   * differs from its model. By then the board may have done more of them; their traces are kept,
   * but not judged. Each trace is kept with the results before it is judged. A cycle in which a
   * step ended otherwise than it should is the last.
   *
   * @param scenario one cycle
   * @param oracle made and used by the judge's thread
   * @param onBoard does them
   * @param header of the trace of a cycle, counted from 1
   * @return tells on the judge's thread what came of it
   * @throws org.lastref.fault.InputFault if the kernel refused an overlay that it never took
   */
  public Supplier<CaseOutcome> judged(
      Scenario scenario,
      Supplier<Oracle> oracle,
      OnBoard onBoard,
      IntFunction<TraceHeader> header) {
    Judgement judging = new Judgement(oracle);
    judgement = judging;
    onBoard.run(
        run.plan().cycles(),
        observation -> {
          take(observation, judging, header);
          unexpected = unexpected(scenario, observation.steps());
          return unexpected.isEmpty() && !judging.isOver();
        });
    return judging::outcome;
  }

  /**
   * Reads it here: a trace that proves nothing is a fault of the lab, and known before the board
   * does something else.
   */
  private void take(Observation observation, Judgement judging, IntFunction<TraceHeader> header) {
    int cycle = attachments.size() + 1;
    String name = testCase.id().replace('/', '-') + "-" + cycle;
    String kept = run.keep(name, header.apply(cycle), observation.records());
    attachments.add(kept);
    Refusal.check(observation.steps(), console(), taken);
    Trace trace = observation.records().read(name);
    for (Event event : trace.events()) {
      if (event instanceof Event.Logged logged) {
        lastLine = logged.text().strip();
        unsettled |= Sign.on(lastLine).filter(Sign.REFCOUNT::equals).isPresent();
        judged.add(lastLine);
      }
    }
    judge.hand(() -> judging.judge(trace, run.folder().path().resolve(kept)));
  }

  /**
   * The first step that ended otherwise than it should: the judge will say so too.
   *
   * @param ended each step and its result
   */
  static Optional<String> unexpected(Scenario scenario, List<String> ended) {
    List<Instruction> told = scenario.instructions();
    return scenario.otherwise(ended).stream()
        .findFirst()
        .map(
            each ->
                "%s instead of %s"
                    .formatted(
                        each.seen(),
                        each.place() < told.size() ? told.get(each.place()) : "no step"));
  }

  /** The first step that ended otherwise than it should, if one did: it left something behind. */
  Optional<String> unexpected() {
    return unexpected;
  }

  /** What is judged of it, once it has begun its cycles. */
  Optional<Judgement> judgement() {
    return Optional.ofNullable(judgement);
  }

  /** What lies with the results, relative to the run's folder. */
  List<String> attachments() {
    return Collections.unmodifiableList(attachments);
  }

  /** What the kernel complained of on the console since the case began. */
  List<Splat> splats() {
    awaitConsole();
    // Half a line is told with what comes next, once it is whole.
    end();
    return splats(console());
  }

  /** A console may be slower than the agent: what a trace has of the log comes there too. */
  private void awaitConsole() {
    if (!lastLine.isEmpty()) {
      Pattern line = Pattern.compile(Pattern.quote(lastLine) + "\\s*\\n");
      if (console.find(line, before, CONSOLE, "the kernel's last line") == null) {
        LOG.debug("Case {}: the console does not have \"{}\"", testCase.id(), lastLine);
      }
    }
  }

  /** The place of the console where the case ended: what comes after it is the next one's. */
  Console.Mark end() {
    if (end == null) {
      end = console.lineStart();
    }
    return end;
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
    String text = line.substring(line.indexOf(']') + 1).strip();
    return judged.contains(text) || late.contains(text);
  }

  /** What the board has written to its console since the case began. */
  List<String> console() {
    return end == null ? console.lines(before) : console.lines(before, end);
  }
}
