package org.lastref.suite;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.Fault;
import org.lastref.fault.LabFault;
import org.lastref.report.CaseResult;
import org.lastref.report.Status;
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

  private static final int MAX_RESTARTS = 3;
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
  private int restarts;

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
    restarts = 0;
    taken.clear();
    unbooted = null;
    if (run().givenUp() != null) {
      return;
    }
    try {
      board = run().boot(next);
    } catch (RuntimeException e) {
      unbooted = e instanceof Fault fault ? fault : Defect.of(e);
    }
  }

  /** That its kernel does not boot may be what a trial is about. */
  private Optional<CaseResult> withoutBoard(Trial trial) {
    if (unbooted instanceof LabFault fault) {
      Instant now = Instant.now();
      Optional<Tale> tale = trial.unbootable(fault);
      if (tale.isPresent()) {
        return tale.map(each -> each.result(run(), trial, now, List.of(), List.of(), List.of()));
      }
    }
    if (unbooted != null && run().givenUp() == null) {
      run().blame(unbooted);
      run().giveUp(unbooted.getMessage());
    }
    return Optional.empty();
  }

  private CaseResult tried(Lab on, Trial trial) {
    Instant began = Instant.now();
    Attempt attempt = new Attempt(run(), on, trial, taken);
    Tale tale = Tale.tried(() -> trial.tried(attempt), run()::blame);
    List<String> console = attempt.console();
    CaseResult result =
        tale.result(
            run(),
            trial,
            began,
            attempt.verdicts(),
            console.subList(Math.max(0, console.size() - MAX_CONSOLE_LINES), console.size()),
            attempt.attachments());
    if (attempt.verdicts().stream().anyMatch(Trials::leftBehind)) {
      restart(on);
    }
    return result;
  }

  private void restart(Lab on) {
    if (++restarts > MAX_RESTARTS) {
      run().giveUp("its devicetree was left in an unknown state more than 3 times");
      return;
    }
    try {
      on.restart();
    } catch (LabFault e) {
      run().giveUp(e.getMessage());
    }
  }

  private static boolean leftBehind(Verdict verdict) {
    return verdict.findings().stream().anyMatch(f -> f.type() == Finding.Type.RESULT);
  }
}
