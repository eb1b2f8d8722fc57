package org.lastref.runner;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
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
import org.lastref.report.Status;
import org.lastref.report.Stopwatch;
import org.lastref.report.Try;
import org.lastref.verify.Finding;
import org.lastref.verify.Verdict;

/**
 * Every case of a run, one after the other, on a board that is booted anew where the next one needs
 * another kernel.
 */
public final class CaseRunner implements AutoCloseable {

  private static final int MAX_CONSOLE_LINES = 200;

  private final Run run;
  private @Nullable ArmedBoard board;

  /** The kernel that the board was last booted with, or should have been. */
  private String kernel = "";

  /** Why that kernel did not boot. */
  private @Nullable Fault unbooted;

  private final Set<String> taken = new HashSet<>();

  /** The last case's, and the console's place after it. */
  private @Nullable Attempt last;

  private Console.Mark watched = new Console.Mark(0);
  private Recovery recovery;

  /**
   * The cases of one run.
   *
   * @param run an opened run, closed here with the last case
   */
  public CaseRunner(Run run) {
    this.run = run;
    recovery = recovery();
  }

  private Recovery recovery() {
    return new Recovery(run.plan().board().name(), run.plan().board().timeouts());
  }

  /** Every case of the plan, kernel by kernel. */
  List<TestCase> cases() {
    return run.plan().cases();
  }

  /** Why no further case is run, if that is so. */
  @Nullable String givenUp() {
    return run.givenUp();
  }

  /**
   * Runs a case, keeps its result and brings the board back if it took it down.
   *
   * @return empty if the board was given up before
   * @throws LabFault of a defect in Lastref, which ends the run
   */
  public Optional<CaseResult> run(TestCase testCase) {
    try {
      if (!testCase.kernel().equals(kernel)) {
        boot(testCase.kernel());
      }
      Optional<CaseResult> result =
          run.givenUp() == null && board != null
              ? Optional.of(tried(board, testCase))
              : withoutBoard(testCase);
      result.ifPresent(run::ended);
      return result;
    } catch (RuntimeException e) {
      LabFault defect = Defect.of(e);
      run.blame(defect);
      run.giveUp(defect.getMessage());
      throw defect;
    }
  }

  /** Switches the board off and completes the run's folder. */
  @Override
  public void close() {
    try {
      if (board != null) {
        board.close();
      }
    } finally {
      run.close();
    }
  }

  private void boot(String next) {
    if (board != null) {
      board.close();
      board = null;
    }
    run.startOver(kernel);
    kernel = next;
    recovery = recovery();
    taken.clear();
    unbooted = null;
    for (int boots = 0; run.givenUp() == null && boots <= retries(); boots++) {
      try {
        board = run.boot(next);
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
  private Optional<CaseResult> withoutBoard(TestCase testCase) {
    if (unbooted instanceof LabFault fault) {
      Stopwatch began = Stopwatch.start();
      Optional<CaseOutcome> outcome = testCase.unbootable(fault);
      if (outcome.isPresent()) {
        return outcome.map(each -> result(each, testCase, began, List.of(), List.of(), List.of()));
      }
    }
    if (unbooted != null && run.givenUp() == null) {
      run.blame(unbooted);
      run.giveUp(unbooted.getMessage());
    }
    return Optional.empty();
  }

  /** Only a fault of the lab is a reason to try a case again. */
  private CaseResult tried(ArmedBoard on, TestCase testCase) {
    List<Try> tries = new ArrayList<>();
    while (true) {
      Once once = once(on, testCase);
      if (!once.faulty() || run.givenUp() != null || tries.size() == retries()) {
        return once.result().withTries(tries);
      }
      tries.add(Try.of(once.result()));
    }
  }

  private Once once(ArmedBoard on, TestCase testCase) {
    if (on.isDown()) {
      recover(on, "the last case left it without a system", true);
    }
    Stopwatch began = Stopwatch.start();
    between(on);
    Attempt attempt = new Attempt(run, on, testCase, taken);
    AtomicReference<@Nullable LabFault> fault = new AtomicReference<>();
    CaseOutcome outcome =
        CaseOutcome.tried(
            () -> {
              try {
                CaseOutcome told = testCase.tried(attempt);
                List<Splat> splats = testCase.readsConsole() ? List.of() : attempt.splats();
                return told.status() != Status.PASSED || splats.isEmpty()
                    ? told
                    : told.complained(splats);
              } catch (LabFault e) {
                fault.set(e);
                return told(on, testCase, attempt, e);
              }
            },
            run::blame);
    List<String> console = attempt.console();
    watched = on.console().lineStart();
    last = attempt;
    CaseResult result =
        result(
            outcome,
            testCase,
            began,
            attempt.verdicts(),
            console.subList(Math.max(0, console.size() - MAX_CONSOLE_LINES), console.size()),
            attempt.attachments());
    LabFault failed = fault.get();
    boolean dirty =
        (outcome.status() == Status.FAILED && failed != null)
            || attempt.verdicts().stream().anyMatch(CaseRunner::leftBehind);
    if (failed != null || dirty) {
      recover(on, outcome.headline(), dirty);
    } else {
      recovery.notNeeded();
      if (on.life().state() == State.TESTING) {
        on.life().to(State.ARMED, outcome.word().toString());
      }
    }
    return new Once(result, failed != null && outcome.status() == Status.ERROR);
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
      run.complained(
          before == null
              ? Splats.in(lines).stream().filter(each -> each.meaning().ofKernel()).toList()
              : before.splats(lines));
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

  private CaseResult result(
      CaseOutcome outcome,
      TestCase testCase,
      Stopwatch began,
      List<Verdict> verdicts,
      List<String> console,
      List<String> attachments) {
    return outcome.result(run.plan().planned(testCase), began, verdicts, console, attachments);
  }

  private static boolean leftBehind(Verdict verdict) {
    return verdict.findings().stream().anyMatch(f -> f.type() == Finding.Type.RESULT);
  }

  /**
   * A case tried once.
   *
   * @param faulty whether a fault of the lab kept it from a verdict
   */
  private record Once(CaseResult result, boolean faulty) {}
}
