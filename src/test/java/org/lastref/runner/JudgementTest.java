package org.lastref.runner;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lastref.Recorded;
import org.lastref.offline.ModelOracle;
import org.lastref.report.CaseOutcome;
import org.lastref.report.Status;
import org.lastref.trace.Scenario;
import org.testng.annotations.Test;

/** What is judged of a try. */
public class JudgementTest {

  private static final Recorded LEAKS = new Recorded("pair", Recorded.LEAKING);
  private static final Recorded CLEAN = new Recorded("pair", Recorded.WAITED);

  private static Judgement judged(Recorded... cycles) {
    Judgement judgement = new Judgement(() -> ModelOracle.of(CLEAN.removal()));
    for (int i = 0; i < cycles.length; i++) {
      judgement.judge(cycles[i].trace(), Path.of("traces/" + (i + 1)));
    }
    return judgement;
  }

  @Test
  public void tellsOfAllCyclesThatConform() {
    Judgement judgement = judged(CLEAN, CLEAN, CLEAN);
    assertFalse(judgement.isOver());
    assertEquals(judgement.verdicts().size(), 3);
    assertEquals(judgement.outcome().status(), Status.PASSED);
  }

  @Test
  public void whatComesAfterACycleThatDiffersDoesNotCount() {
    Judgement judgement = judged(CLEAN, LEAKS, CLEAN, LEAKS);
    assertTrue(judgement.isOver());
    assertEquals(judgement.verdicts().size(), 2);
    CaseOutcome outcome = judgement.outcome();
    assertEquals(outcome.status(), Status.FAILED);
    assertTrue(outcome.headline().startsWith("cycle 2 differs"), outcome.headline());
    assertTrue(outcome.detail().contains("./lastref explain traces/2"), outcome.detail());
  }

  @Test
  public void aDefectIsToldWithTheOutcomeAndNothingIsJudgedAfterIt() {
    List<String> made = new ArrayList<>();
    Judgement judgement =
        new Judgement(
            () -> {
              made.add("");
              throw new IllegalStateException("of the test");
            });
    judgement.judge(CLEAN.trace(), Path.of("1"));
    judgement.judge(CLEAN.trace(), Path.of("2"));
    assertTrue(judgement.isOver());
    assertEquals(made.size(), 1);
    assertThrows(IllegalStateException.class, judgement::outcome);
    List<String> blamed = new ArrayList<>();
    CaseOutcome told =
        CaseOutcome.tried(judgement::outcome, fault -> blamed.add(fault.getMessage()));
    assertEquals(told.status(), Status.ERROR);
    assertTrue(told.headline().startsWith("a defect in Lastref"), told.headline());
    assertEquals(blamed, List.of(told.headline()));
  }

  @Test
  public void stepsThatEndOtherwiseAreKnownWithoutAModel() {
    Scenario scenario = CLEAN.removal().scenario();
    List<String> ended =
        new ArrayList<>(scenario.instructions().stream().map(each -> each + " in 5 us").toList());
    assertEquals(Attempt.unexpected(scenario, ended), Optional.empty());
    String last = ended.remove(ended.size() - 1);
    assertTrue(Attempt.unexpected(scenario, ended).orElseThrow().startsWith("no step instead of "));
    ended.add(last);
    ended.set(0, scenario.steps().get(0) + " unapplied -12");
    assertEquals(
        Attempt.unexpected(scenario, ended).orElseThrow(),
        "%s unapplied -12 instead of %s"
            .formatted(scenario.steps().get(0), scenario.instructions().get(0)));
    ended.add("more");
    assertTrue(Attempt.unexpected(scenario, ended).isPresent());
  }
}
