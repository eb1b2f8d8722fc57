package org.lastref.runner;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.lastref.report.CaseResult;
import org.lastref.report.Status;
import org.testng.ITestContext;
import org.testng.SkipException;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Every case of a run as a test of TestNG's; {@link CaseRunner} does the work. */
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

  /** Every case of the plan, kernel by kernel. */
  @DataProvider
  public Object[][] cases() {
    return runner().cases().stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  /** One case. */
  @Test(dataProvider = "cases")
  public void run(TestCase testCase) {
    Optional<CaseResult> result = runner().run(testCase);
    if (result.isEmpty()) {
      throw new SkipException("the board was given up: " + runner().givenUp());
    }
    if (result.get().status() != Status.PASSED) {
      throw new AssertionError(result.get().headline() + "\n" + result.get().detail());
    }
  }

  /** Switches the board off and completes the run's folder. */
  @AfterClass(alwaysRun = true)
  public void close() {
    runner().close();
  }
}
