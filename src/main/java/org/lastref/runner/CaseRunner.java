package org.lastref.runner;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.lastref.board.LifeCycle.State;
import org.lastref.fault.Defect;
import org.lastref.fault.Fault;
import org.lastref.fault.LabFault;
import org.lastref.klog.Splat;
import org.lastref.klog.Splats;
import org.lastref.link.Console;
import org.lastref.report.CaseOutcome;
import org.lastref.report.CaseResult;
import org.lastref.report.PlannedCase;
import org.lastref.report.Status;
import org.lastref.report.Stopwatch;
import org.lastref.report.Try;
import org.lastref.verify.Verdict;

/**
 * Cases of a run, one after the other, on a board that is booted anew where the next one needs
 * another kernel. Belongs to the board's thread, or to one at a time. What a case did is judged by
 * the {@link Judge} while the board does the next: whether to try it again, or to bring the board
 * back, is decided here by what the board did, and needs no verdict.
 */
public final class CaseRunner implements AutoCloseable {

  private static final int MAX_CONSOLE_LINES = 200;

  /** A case is judged in a fraction of a second, one with very many states in some minutes. */
  private static final Duration LAST_VERDICT = Duration.ofMinutes(15);

  private final Run run;

  /** Of its board, among those that share the run's cases. */
  private final int number;

  private final Judge judge;
  private @Nullable ArmedBoard board;

  /** The kernel that the board was last booted with, or should have been. */
  private String kernel = "";

  /** Why that kernel did not boot. */
  private @Nullable Fault unbooted;

  private final Set<String> taken = new HashSet<>();

  /** The last case's, and the console's place after it. */
  private @Nullable Attempt last;

  /** Of Lastref, that ended the run. */
  private volatile @Nullable LabFault defect;

  private Console.Mark watched = new Console.Mark(0);
  private Recovery recovery;

  /**
   * The cases of one run, on its only board.
   *
   * @param run an opened run, closed here with the last case
   */
  public CaseRunner(Run run) {
    this(run, 1);
  }

  /**
   * Some cases of a run.
   *
   * @param number the board's, from 1
   */
  CaseRunner(Run run, int number) {
    this.run = run;
    this.number = number;
    String name = run.plan().board().name() + (number == 1 ? "" : "-" + number);
    judge = new Judge("judge-" + name, LAST_VERDICT, this::endWith);
    recovery = recovery();
  }

  private Recovery recovery() {
    return new Recovery(run.plan().board().name(), run.plan().board().timeouts());
  }

  /**
   * Runs a case, hands it over to be judged and kept, and brings the board back if it took it down.
   *
   * @return false if the board was given up before
   * @throws LabFault of a defect in Lastref, which ends the run
   */
  public boolean run(TestCase testCase) {
    try {
      if (!testCase.kernel().equals(kernel)) {
        boot(testCase.kernel());
      }
      if (run.givenUp() == null && board != null) {
        tried(board, testCase);
        return true;
      }
      return withoutBoard(testCase);
    } catch (RuntimeException e) {
      LabFault cause = Defect.of(e);
      endWith(cause);
      throw cause;
    }
  }

  /**
   * How a case ended; waits until all that ran here are judged.
   *
   * @return empty if it did not run
   * @throws LabFault of a defect in Lastref that left it without a result
   */
  Optional<CaseResult> result(TestCase testCase) {
    judge.await();
    Optional<CaseResult> result = run.folder().result(testCase.id()).filter(each -> !each.notRun());
    LabFault cause = defect;
    if (result.isEmpty() && cause != null) {
      throw cause;
    }
    return result;
  }

  /** A defect ends the run; on whichever thread it shows. */
  private void endWith(LabFault cause) {
    defect = cause;
    run.blame(cause);
    run.giveUp(cause.getMessage());
  }

  /** Waits until all that ran here are judged. */
  void await() {
    judge.await();
  }

  /** Switches the board off and waits for the last verdict. */
  void end() {
    try {
      if (board != null) {
        board.close();
      }
    } finally {
      judge.close();
    }
  }

  /** The same, and completes the run's folder. */
  @Override
  public void close() {
    try {
      end();
    } finally {
      run.close();
    }
  }

  private void boot(String next) {
    if (board != null) {
      board.close();
      board = null;
    }
    judge.await();
    run.startOver(kernel);
    kernel = next;
    recovery = recovery();
    taken.clear();
    unbooted = null;
    for (int boots = 0; run.givenUp() == null && boots <= retries(); boots++) {
      try {
        board = run.boot(next, number);
        return;
      } catch (LabFault e) {
        unbooted = e;
      } catch (RuntimeException e) {
        unbooted = e instanceof Fault fault ? fault : Defect.of(e);
        return;
      }
    }
  }

  private int retries() {
    return run.plan().board().retries();
  }

  /** That its kernel does not boot may be what a case is about. */
  private boolean withoutBoard(TestCase testCase) {
    if (unbooted instanceof LabFault fault && !run.isInterrupted()) {
      Stopwatch began = Stopwatch.start();
      Optional<CaseOutcome> outcome = testCase.unbootable(fault);
      if (outcome.isPresent()) {
        Instant at = began.at();
        Duration took = began.took();
        CaseResult result =
            outcome.get().result(planned(testCase), at, took, List.of(), List.of(), List.of());
        judge.handCase(() -> run.ended(result));
        return true;
      }
    }
    if (unbooted != null && run.givenUp() == null) {
      run.blame(unbooted);
      run.giveUp(unbooted.getMessage());
    }
    return false;
  }

  /** Only a fault of the lab is a reason to try a case again. */
  private void tried(ArmedBoard on, TestCase testCase) {
    List<Try> tries = new ArrayList<>();
    while (true) {
      Once once = once(on, testCase);
      if (!once.faulty() || run.givenUp() != null || tries.size() == retries()) {
        boolean interrupted = run.isInterrupted();
        judge.handCase(
            () -> {
              CaseResult result = once.result().get().withTries(tries);
              // An error then came with the program's end, which kills its QEMU too.
              if (!interrupted || result.status() != Status.ERROR) {
                run.ended(result);
              }
            });
        return;
      }
      tries.add(Try.of(once.result().get()));
    }
  }

  private Once once(ArmedBoard on, TestCase testCase) {
    if (on.isDown()) {
      recover(on, "the last case left it without a system", true);
    }
    Stopwatch began = Stopwatch.start();
    between(on);
    Attempt attempt = new Attempt(run, on, judge, testCase, taken, last);
    Supplier<CaseOutcome> verdict;
    Optional<CaseOutcome> fault = Optional.empty();
    try {
      Supplier<CaseOutcome> told = testCase.tried(attempt);
      List<Splat> splats = testCase.readsConsole() ? List.of() : attempt.splats();
      verdict = () -> complained(told.get(), splats);
    } catch (LabFault e) {
      CaseOutcome outcome = told(on, testCase, attempt, e);
      fault = Optional.of(outcome);
      verdict = unlessOver(attempt, () -> outcome);
    } catch (RuntimeException | StackOverflowError e) {
      verdict =
          unlessOver(
              attempt,
              () -> {
                throw e;
              });
    }
    List<String> console = attempt.console();
    watched = attempt.end();
    last = attempt;
    Supplier<CaseResult> result =
        result(testCase, attempt, verdict, began.at(), began.took(), console);
    if (fault.isPresent()) {
      recover(on, fault.get().headline(), fault.get().status() == Status.FAILED);
    } else if (attempt.unexpected().isPresent()) {
      recover(on, "a step ended otherwise: " + attempt.unexpected().get(), true);
    } else if (attempt.isUnsettled() || (attempt.unsettles() && isOtherwise(attempt))) {
      recovery.notNeeded();
      recover(on, "a promise was broken, which may outlast the case", true);
    } else {
      recovery.notNeeded();
      if (on.life().state() == State.TESTING) {
        on.life().to(State.ARMED, "its steps are done");
      }
    }
    boolean faulty = fault.filter(each -> each.status() == Status.ERROR).isPresent();
    return new Once(result, faulty && !isOver(attempt));
  }

  /** A cycle that differs from its model is a verdict, whatever became of the board after it. */
  private static Supplier<CaseOutcome> unlessOver(
      Attempt attempt, Supplier<CaseOutcome> otherwise) {
    Optional<Judgement> judgement = attempt.judgement();
    return () -> judgement.filter(Judgement::isOver).map(Judgement::outcome).orElseGet(otherwise);
  }

  /** The same, once all cycles are judged that the board came to. */
  private boolean isOver(Attempt attempt) {
    judge.await();
    return attempt.judgement().filter(Judgement::isOver).isPresent();
  }

  /** Whether any cycle differs, in whatever. */
  private boolean isOtherwise(Attempt attempt) {
    return isOver(attempt)
        || attempt.judgement().stream()
            .flatMap(each -> each.verdicts().stream())
            .anyMatch(each -> !each.conforms());
  }

  private static CaseOutcome complained(CaseOutcome told, List<Splat> splats) {
    return told.status() != Status.PASSED || splats.isEmpty() ? told : told.complained(splats);
  }

  /** What the kernel complains of while no case runs is the run's, the boot included. */
  private void between(ArmedBoard on) {
    Attempt before = last;
    boolean same = before != null && before.isOf(on.console(), on.started());
    Console.Mark from = same ? watched : on.started();
    List<String> lines = on.console().lines(from, on.console().lineStart());
    boolean casesRead =
        run.plan().cases().stream()
            .anyMatch(each -> each.kernel().equals(kernel) && each.readsConsole());
    if (!casesRead) {
      List<Splat> splats =
          before == null
              ? Splats.in(lines).stream().filter(each -> each.meaning().ofKernel()).toList()
              : before.splats(lines);
      if (!splats.isEmpty()) {
        judge.hand(() -> run.complained(splats));
      }
    }
  }

  private CaseOutcome told(ArmedBoard on, TestCase testCase, Attempt attempt, LabFault fault) {
    Optional<FaultAttribution.Finding> finding =
        run.givenUp() == null ? FaultAttribution.of(on, attempt.console()) : Optional.empty();
    return finding.map(testCase::broughtDown).orElseGet(() -> CaseOutcome.noVerdict(fault));
  }

  private void recover(ArmedBoard on, String cause, boolean dirty) {
    if (run.givenUp() == null) {
      try {
        recovery.climb(on, cause, dirty);
        taken.clear();
      } catch (LabFault e) {
        run.quarantine(e.getMessage());
      }
    }
  }

  private PlannedCase planned(TestCase testCase) {
    return run.plan().planned(testCase);
  }

  /** What comes of a try that has ended on the board, for the judge to work out. */
  private Supplier<CaseResult> result(
      TestCase testCase,
      Attempt attempt,
      Supplier<CaseOutcome> verdict,
      Instant began,
      Duration took,
      List<String> console) {
    List<String> said =
        List.copyOf(
            console.subList(Math.max(0, console.size() - MAX_CONSOLE_LINES), console.size()));
    List<String> attachments = List.copyOf(attempt.attachments());
    Optional<Judgement> judgement = attempt.judgement();
    return () -> {
      CaseOutcome outcome = CaseOutcome.tried(verdict, run::blame);
      List<Verdict> verdicts = judgement.map(Judgement::verdicts).orElse(List.of());
      return outcome.result(planned(testCase), began, took, verdicts, said, attachments);
    };
  }

  /**
   * A case tried once.
   *
   * @param result to be worked out when its cycles are judged
   * @param faulty whether a fault of the lab kept it from a verdict
   */
  private record Once(Supplier<CaseResult> result, boolean faulty) {}
}
