package org.lastref.runner;

import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lastref.report.CaseResult;
import org.lastref.report.Status;
import org.testng.ITestContext;
import org.testng.SkipException;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Every case of a run as two tests of TestNG's, because it is judged while the next ones run.
 * {@link CaseRunner} does the work.
 */
public final class TestNgCases {

  /** The suite's attribute that holds the {@link Run} for an instance that TestNG itself makes. */
  static final String RUN = "lastref.run";

  private @Nullable CaseRunner runner;

  /** For TestNG: takes its run from the suite's attribute. */
  public TestNgCases() {}

  /**
   * The cases of one run.
   *
   * @param run an opened run, closed here with the last case
   */
  public TestNgCases(Run run) {
    runner = new CaseRunner(run);
  }

  private CaseRunner runner() {
    return Objects.requireNonNull(runner, "no run was given");
  }

  /** Takes the run that is to be done. */
  @BeforeClass
  public void take(ITestContext context) {
    if (runner == null) {
      runner = new CaseRunner((Run) context.getSuite().getAttribute(RUN));
    }
  }

  /** What is tested of a case. */
  public enum Part {
    /** That it is done on the board. */
    DONE,
    /** How it ended. */
    VERDICT
  }

  /** Every case of the plan as it is done, kernel by kernel; then the verdict on each. */
  @DataProvider
  public Object[][] cases() {
    return Stream.of(Part.values())
        .flatMap(part -> runner().cases().stream().map(each -> new Object[] {each, part}))
        .toArray(Object[][]::new);
  }

  /** One case. */
  @Test(dataProvider = "cases")
  public void run(TestCase testCase, Part part) {
    boolean ran = part == Part.DONE ? runner().run(testCase) : passed(runner().result(testCase));
    if (!ran) {
      throw new SkipException("the board was given up: " + runner().givenUp());
    }
  }

  /** False if there is no result. */
  private static boolean passed(Optional<CaseResult> result) {
    if (result.isPresent() && result.get().status() != Status.PASSED) {
      throw new AssertionError(result.get().headline() + "\n" + result.get().detail());
    }
    return result.isPresent();
  }

  /** Switches the board off and completes the run's folder. */
  @AfterClass(alwaysRun = true)
  public void close() {
    runner().close();
  }
}
