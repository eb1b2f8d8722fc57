package org.lastref.suite;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.lastref.board.BoardDefinition.Timeouts;
import org.lastref.board.LifeCycle.State;
import org.lastref.fault.Fault;
import org.lastref.fault.LabFault;
import org.lastref.klog.Splat;
import org.lastref.klog.Splats;
import org.lastref.link.Console;
import org.lastref.report.CaseResult;
import org.lastref.report.Status;
import org.lastref.report.Try;
import org.lastref.verify.Finding;
import org.lastref.verify.Verdict;
import org.testng.ITestContext;
import org.testng.SkipException;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Every trial of a run, one after the other, on a board that is booted anew where the next one
 * needs another kernel.
 */
public final class Trials {

  private static final int MAX_CONSOLE_LINES = 200;

  /** The suite's attribute that holds the {@link Run} for an instance that TestNG itself makes. */
  static final String RUN = "lastref.run";

  private @Nullable Run opened;
  private @Nullable Lab board;

  /** The kernel that the board was last booted with, or should have been. */
  private String kernel = "";

  /** Why that kernel did not boot. */
  private @Nullable Fault unbooted;

  private final Set<String> taken = new HashSet<>();

  /** The last case's, and the console's place after it. */
  private @Nullable Attempt last;

  private Console.Mark watched = new Console.Mark(0);
  private Recovery recovery =
      new Recovery("", new Timeouts(Duration.ofMinutes(1), Duration.ofMinutes(1)));

  /** For TestNG: takes its run from the suite's attribute. */
  public Trials() {}

  /**
   * The trials of one run.
   *
   * @param run an opened run, closed here with the last case
   */
  public Trials(Run run) {
    opened = run;
  }

  private Run run() {
    return requireNonNull(opened, "no run was given");
  }

  /** Takes the run that is to be done. */
  @BeforeClass
  public void take(ITestContext context) {
    if (opened == null) {
      opened = (Run) context.getSuite().getAttribute(RUN);
    }
  }

  /** Every trial of the plan, kernel by kernel. */
  @DataProvider
  public Object[][] trials() {
    return run().plan().trials().stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  /** One trial. */
  @Test(dataProvider = "trials")
  public void trial(Trial trial) {
    if (!trial.kernel().equals(kernel)) {
      boot(trial.kernel());
    }
    Optional<CaseResult> result =
        run().givenUp() == null && board != null
            ? Optional.of(tried(board, trial))
            : withoutBoard(trial);
    if (result.isEmpty()) {
      throw new SkipException("the board was given up: " + run().givenUp());
    }
    run().ended(result.get());
    if (result.get().status() != Status.PASSED) {
      throw new AssertionError(result.get().headline() + "\n" + result.get().detail());
    }
  }

  /** Switches the board off and completes the run's folder. */
  @AfterClass(alwaysRun = true)
  public void close() {
    try {
      if (board != null) {
        board.close();
      }
    } finally {
      run().close();
    }
  }

  private void boot(String next) {
    if (board != null) {
      board.close();
      board = null;
    }
    run().startOver(kernel);
    kernel = next;
    recovery = new Recovery(run().plan().board().name(), run().plan().board().timeouts());
    taken.clear();
    unbooted = null;
    for (int boots = 0; run().givenUp() == null && boots <= retries(); boots++) {
      try {
        board = run().boot(next);
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
    return run().plan().board().retries();
  }

  /** That its kernel does not boot may be what a trial is about. */
  private Optional<CaseResult> withoutBoard(Trial trial) {
    if (unbooted instanceof LabFault fault) {
      Stopwatch began = Stopwatch.start();
      Optional<Tale> tale = trial.unbootable(fault);
      if (tale.isPresent()) {
        return tale.map(each -> each.result(run(), trial, began, List.of(), List.of(), List.of()));
      }
    }
    if (unbooted != null && run().givenUp() == null) {
      run().blame(unbooted);
      run().giveUp(unbooted.getMessage());
    }
    return Optional.empty();
  }

  /** Only a fault of the lab is a reason to try a case again. */
  private CaseResult tried(Lab on, Trial trial) {
    List<Try> tries = new ArrayList<>();
    while (true) {
      Once once = once(on, trial);
      if (!once.faulty() || run().givenUp() != null || tries.size() == retries()) {
        return once.result().withTries(tries);
      }
      tries.add(Try.of(once.result()));
    }
  }

  private Once once(Lab on, Trial trial) {
    if (on.isDown()) {
      recover(on, "the last case left it without a system", true);
    }
    Stopwatch began = Stopwatch.start();
    between(on);
    Attempt attempt = new Attempt(run(), on, trial, taken);
    AtomicReference<@Nullable LabFault> fault = new AtomicReference<>();
    Tale tale =
        Tale.tried(
            () -> {
              try {
                Tale told = trial.tried(attempt);
                List<Splat> splats = trial.readsConsole() ? List.of() : attempt.splats();
                return told.status() != Status.PASSED || splats.isEmpty()
                    ? told
                    : told.complained(splats);
              } catch (LabFault e) {
                fault.set(e);
                return told(on, trial, attempt, e);
              }
            },
            run()::blame);
    List<String> console = attempt.console();
    watched = on.console().lineStart();
    last = attempt;
    CaseResult result =
        tale.result(
            run(),
            trial,
            began,
            attempt.verdicts(),
            console.subList(Math.max(0, console.size() - MAX_CONSOLE_LINES), console.size()),
            attempt.attachments());
    LabFault failed = fault.get();
    boolean dirty =
        (tale.status() == Status.FAILED && failed != null)
            || attempt.verdicts().stream().anyMatch(Trials::leftBehind);
    if (failed != null || dirty) {
      recover(on, tale.headline(), dirty);
    } else {
      recovery.notNeeded();
      if (on.life().state() == State.TESTING) {
        on.life().to(State.ARMED, tale.word());
      }
    }
    return new Once(result, failed != null && tale.status() == Status.ERROR);
  }

  /** What the kernel complains of while no case runs is the run's, the boot included. */
  private void between(Lab on) {
    Attempt before = last;
    boolean same = before != null && before.isOf(on.console(), on.started());
    Console.Mark from = same ? watched : on.started();
    List<String> lines = on.console().lines(from, on.console().lineStart());
    boolean trialsRead =
        run().plan().trials().stream()
            .anyMatch(each -> each.kernel().equals(kernel) && each.readsConsole());
    if (!trialsRead) {
      run()
          .complained(
              before == null
                  ? Splats.in(lines).stream().filter(each -> each.meaning().ofKernel()).toList()
                  : before.splats(lines));
    }
  }

  private Tale told(Lab on, Trial trial, Attempt attempt, LabFault fault) {
    Optional<Inquest.Finding> finding =
        run().givenUp() == null ? Inquest.of(on, attempt.console()) : Optional.empty();
    return finding.map(trial::broughtDown).orElseGet(() -> Tale.noVerdict(fault));
  }

  private void recover(Lab on, String cause, boolean dirty) {
    if (run().givenUp() == null) {
      try {
        recovery.climb(on, cause, dirty);
        taken.clear();
      } catch (LabFault e) {
        run().quarantine(e.getMessage());
      }
    }
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
