package org.lastref.verify;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.lastref.Recorded;
import org.lastref.trace.Trace;
import org.lastref.trace.TraceReader;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Each check asks one thing, alone as beside others. */
public class ChecksTest {

  private static final Recorded LEAK = new Recorded("pair", Recorded.LEAKING);

  private static Verdict asked(Trace trace, Check... checks) {
    Exercise exercise = LEAK.exercise();
    return Verifier.judge(
        new Exercise(exercise.under(), exercise.scenario(), exercise.model(), List.of(checks)),
        trace);
  }

  private static Ledger ledger() {
    return new Ledger(LEAK.removal().applied());
  }

  private static Trace edited(String seen, String instead) {
    return TraceReader.read(LEAK.text().replace(seen, instead), "edited");
  }

  private static Set<Finding.Type> types(Verdict verdict) {
    EnumSet<Finding.Type> types = EnumSet.noneOf(Finding.Type.class);
    verdict.findings().forEach(finding -> types.add(finding.type()));
    return types;
  }

  @Test
  public void findNothingInATraceThatConforms() {
    for (Check check : LEAK.exercise().checks()) {
      assertEquals(asked(LEAK.trace(), Check.CONFORMANCE, check).findings(), List.of(), "" + check);
    }
  }

  @DataProvider
  public Object[][] edits() {
    return new Object[][] {
      {
        Check.STEP_RESULTS,
        edited("end remove=pair removed", "end remove=pair held"),
        Finding.Type.RESULT
      },
      {ledger(), edited("of_clk_add_hw_provider", "of_nothing"), Finding.Type.HOLDER},
      {Check.CONFORMANCE, edited("platform:lr-osc--", "platform:lr-oscar--"), Finding.Type.ORDER},
      {
        NodeReports.TOLD_TWICE,
        edited("before free overlay changeset,  /lr-osc", "before free overlay changeset,  /lr-x"),
        Finding.Type.LOG
      },
      {
        KernelLog.BUT_NODE_REPORTS,
        edited("console: OF: ERROR: memory leak before", "console: WARNING: CPU: 0 PID: 1 at x.c"),
        Finding.Type.LOG
      },
    };
  }

  @Test(dataProvider = "edits")
  public void eachFindsWhatItAsks(Check check, Trace trace, Finding.Type type) {
    assertTrue(types(asked(trace, check)).contains(type));
  }

  @Test(dataProvider = "edits")
  public void noneOfTheOthersFindsThatKind(Check check, Trace trace, Finding.Type type) {
    Check[] others =
        Stream.of(Check.STEP_RESULTS, ledger(), Check.CONFORMANCE)
            .filter(each -> each.getClass() != check.getClass())
            .toArray(Check[]::new);
    assertTrue(!types(asked(trace, others)).contains(type));
  }

  @Test
  public void togetherTheyFindWhatEachFinds() {
    Trace trace = edited("end remove=pair removed", "end remove=pair held");
    List<Finding> alone = new ArrayList<>();
    LEAK.exercise().checks().forEach(each -> alone.addAll(asked(trace, each).findings()));
    assertTrue(asked(trace, LEAK.exercise().checks().toArray(Check[]::new)).findings().size() > 0);
    assertTrue(alone.containsAll(asked(trace, Check.STEP_RESULTS, ledger()).findings()));
  }
}
