package org.lastref.runner;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;
import org.lastref.report.CaseResult;
import org.lastref.report.Status;
import org.testng.ITestContext;
import org.testng.SkipException;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Every case of a run as two tests of TestNG's, because it is judged while the next ones run. A
 * {@link CaseRunner} a board does the work; as many threads as there are boards may come here.
 */
public final class TestNgCases {

  /** The suite's attribute that holds the {@link Run} for an instance that TestNG itself makes. */
  static final String RUN = "lastref.run";

  private @Nullable Run run;
  private List<CaseRunner> runners = List.of();

  /** Those whose board does nothing. */
  private final BlockingQueue<CaseRunner> idle = new LinkedBlockingQueue<>();

  private CountDownLatch undone = new CountDownLatch(0);

  /** For TestNG: takes its run from the suite's attribute. */
  public TestNgCases() {}

  /**
   * The cases of one run, on one board.
   *
   * @param run an opened run, closed here with the last case
   */
  public TestNgCases(Run run) {
    take(run, 1);
  }

  private void take(Run opened, int boards) {
    List<CaseRunner> all = new ArrayList<>();
    for (int number = 1; number <= boards; number++) {
      all.add(new CaseRunner(opened, number));
    }
    run = opened;
    runners = List.copyOf(all);
    idle.addAll(all);
    undone = new CountDownLatch(opened.plan().cases().size());
  }

  private Run run() {
    return Objects.requireNonNull(run, "no run was given");
  }

  /** Takes the run that is to be done. */
  @BeforeClass
  public void take(ITestContext context) {
    if (run == null) {
      Run opened = (Run) context.getSuite().getAttribute(RUN);
      take(opened, opened.plan().boards());
    }
  }

  /** What is tested of a case. */
  public enum Part {
    /** That it is done on a board. */
    DONE,
    /** How it ended. */
    VERDICT
  }

  /** Every case of the plan as it is done, kernel by kernel; then the verdict on each. */
  @DataProvider
  public Object[][] cases() {
    return Stream.of(Part.values())
        .flatMap(part -> run().plan().cases().stream().map(each -> new Object[] {each, part}))
        .toArray(Object[][]::new);
  }

  /** One case. */
  @Test(dataProvider = "cases")
  public void run(TestCase testCase, Part part) throws InterruptedException {
    boolean ran = part == Part.DONE ? done(testCase) : passed(result(testCase));
    if (!ran) {
      throw new SkipException("the board was given up: " + run().givenUp());
    }
  }

  /** There are no more threads than boards. */
  private boolean done(TestCase testCase) throws InterruptedException {
    CaseRunner runner = idle.take();
    try {
      return runner.run(testCase);
    } finally {
      idle.add(runner);
      undone.countDown();
    }
  }

  /** Once each case was done, which each does in its own time, and is judged. */
  private Optional<CaseResult> result(TestCase testCase) throws InterruptedException {
    undone.await();
    runners.forEach(CaseRunner::await);
    @Nullable LabFault defect = null;
    for (CaseRunner each : runners) {
      try {
        Optional<CaseResult> result = each.result(testCase);
        if (result.isPresent()) {
          return result;
        }
      } catch (LabFault e) {
        defect = e;
      }
    }
    if (defect != null) {
      throw defect;
    }
    return Optional.empty();
  }

  /** False if there is no result. */
  private static boolean passed(Optional<CaseResult> result) {
    if (result.isPresent() && result.get().status() != Status.PASSED) {
      throw new AssertionError(result.get().headline() + "\n" + result.get().detail());
    }
    return result.isPresent();
  }

  /** Switches the boards off and completes the run's folder. */
  @AfterClass(alwaysRun = true)
  public void close() {
    @Nullable RuntimeException failed = null;
    for (CaseRunner each : runners) {
      try {
        each.end();
      } catch (RuntimeException e) {
        failed = e;
      }
    }
    run().close();
    if (failed != null) {
      throw failed;
    }
  }
}
