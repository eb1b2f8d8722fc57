package org.lastref.suite;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.lastref.Recorded;
import org.lastref.model.Policy;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.lastref.report.Status;
import org.lastref.verify.BootLog;
import org.lastref.verify.UnittestLog;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class UnittestJudgeTest {

  private static final List<String> TESTS = UnittestSuite.tests();
  private static final UnittestJudge JUDGE = new UnittestJudge(TESTS);

  @Test
  public void everyTestPassesOnAGoodKernel() {
    UnittestLog log = BootLog.WAITED.read();
    for (String test : TESTS) {
      assertEquals(JUDGE.test(log, test).status(), Status.PASSED, test);
    }
    assertEquals(JUDGE.whole(log, TESTS).status(), Status.PASSED);
  }

  @Test
  public void aTestThatIsKnownAndNeverRanIsReported() {
    Tale tale =
        new UnittestJudge(List.of("of_unittest_new"))
            .test(BootLog.WAITED.read(), "of_unittest_new");
    assertEquals(tale.status(), Status.FAILED);
    assertEquals(tale.headline(), "it never reported");
  }

  @Test
  public void aTestThatTheSourceHasAndNoCaseIsReported() {
    List<String> built = new ArrayList<>(TESTS);
    built.add("of_unittest_new");
    built.remove("of_unittest_dynamic");
    Tale tale = JUDGE.whole(BootLog.WAITED.read(), built);
    assertEquals(tale.headline(), "the kernel's source has a test without a case: of_unittest_new");
    assertEquals(
        tale.detail(), "the kernel's source has no test for the case: of_unittest_dynamic");
  }

  @Test
  public void aFailureOutsideOfTheKnownTestsIsReported() {
    UnittestJudge forgetful = new UnittestJudge(List.of("of_unittest_dynamic"));
    Tale tale = forgetful.whole(BootLog.LEAKING.read(), List.of("of_unittest_dynamic"));
    assertTrue(tale.headline().startsWith("of_unittest_overlay_clk(): line 3131: 2 nodes"));
  }

  private static final Policy WAITED =
      new Policy(Release.DEDICATED_WQ, Fix.WAIT_REMOVAL, Grace.SLOW);
  private static final Policy UNFIXED = new Policy(Release.DEDICATED_WQ, Fix.NONE, Grace.SLOW);

  @DataProvider
  public Object[][] clocks() {
    return new Object[][] {
      {BootLog.WAITED, WAITED, Status.PASSED, "clean"},
      {BootLog.LEAKING, UNFIXED, Status.PASSED, "leaks 1/1"},
      {BootLog.LEAKING, UNFIXED.with(Grace.ANY), Status.PASSED, "leaks 1/1"},
      {BootLog.WAITED, UNFIXED.with(Grace.ANY), Status.PASSED, "clean"},
      {BootLog.LEAKING, WAITED, Status.FAILED, "differs"},
      {BootLog.WAITED, UNFIXED, Status.FAILED, "differs"},
      {BootLog.UPSTREAM, WAITED, Status.FAILED, "differs"},
      {BootLog.LATE, UNFIXED, Status.FAILED, "differs"},
    };
  }

  @Test(dataProvider = "clocks")
  public void theClockFailsAsTheModelSays(BootLog boot, Policy policy, Status status, String word) {
    Shape link = Shape.of(Path.of("overlays/pair.dtso"));
    Tale tale = JUDGE.clock(boot.read(), UnittestSuite.model(Recorded.base(), link, policy), 1);
    assertEquals(tale.status(), status, tale.headline());
    assertEquals(tale.word(), word);
  }

  @Test
  public void lateReleasesFailWhatRemovesDevices() {
    Tale tale = JUDGE.delayed(BootLog.LATE.read());
    assertEquals(tale.status(), Status.PASSED, tale.headline());
    assertTrue(tale.headline().startsWith("boots; 7 of 322 checks fail"), tale.headline());
    assertEquals(JUDGE.delayed(BootLog.WAITED.read()).status(), Status.FAILED);
  }

  @Test
  public void noTwoTrialsHaveTheSameName() {
    List<Trial> trials = UnittestSuite.trials(Path.of(""));
    Set<String> ids = new HashSet<>();
    Set<String> titles = new HashSet<>();
    for (Trial trial : trials) {
      assertTrue(ids.add(trial.id()), trial.id());
      assertTrue(titles.add(trial.title()), trial.title());
    }
    assertTrue(trials.size() > TESTS.size() + 12);
  }
}
