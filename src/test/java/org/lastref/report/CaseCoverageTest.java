package org.lastref.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.lastref.Recorded;
import org.lastref.model.Policy;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.lastref.model.Removal;
import org.lastref.verify.Seen;
import org.lastref.verify.Verdict;
import org.lastref.verify.Verifier;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Possible against seen, with recorded traces. */
public class CaseCoverageTest {

  private static final Policy ANY = new Policy(Release.SYSTEM_WQ, Fix.NONE, Grace.ANY);

  private static CaseCoverage covered(Policy policy, Recorded... recorded) {
    List<Verdict> verdicts =
        Stream.of(recorded)
            .map(each -> Verifier.judge(each.exercise(policy), each.trace()))
            .toList();
    return CaseCoverage.of(recorded[0].exercise(policy).model(), CaseCoverage::search, verdicts);
  }

  @DataProvider
  public Object[][] shapes() {
    return Recorded.SHAPES.stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  /** With slow grace periods there is one way, but for the order of the links. */
  @Test(dataProvider = "shapes")
  public void seesEverythingWhereThereIsOneOutcome(String shape) {
    CaseCoverage coverage = covered(Recorded.LEAKING, new Recorded(shape, Recorded.LEAKING));
    assertEquals(coverage.unseenOutcomes(), List.of());
    assertEquals(coverage.covered().outcomesSeen(), coverage.covered().outcomesPossible());
  }

  @Test
  public void tellsAWayToEachOutcomeThatWasNotSeen() {
    CaseCoverage coverage = covered(ANY, new Recorded("pair", Recorded.LEAKING));
    assertEquals(coverage.ways().size(), coverage.unseenOutcomes().size());
    String clean = coverage.ways().get(0);
    assertTrue(
        clean.contains("link lr-osc--lr-div: put_device(lr-div), of_node_put(/lr-div); remover: "),
        clean);
  }

  @Test
  public void namesTheOutcomesThatWereNotSeen() {
    CaseCoverage coverage = covered(ANY, new Recorded("pair", Recorded.LEAKING));
    assertEquals(coverage.unseenOutcomes(), List.of("clean", "reports /lr-div", "reports /lr-osc"));
    assertEquals(coverage.properties().get("outcomes"), "1/4");
    assertEquals(
        coverage.properties().get("outcomes_unseen"), "clean; reports /lr-div; reports /lr-osc");
    assertTrue(
        coverage
            .describe()
            .contains("\noutcomes never seen: clean; reports /lr-div; reports /lr-osc\n"),
        coverage.describe());
  }

  @Test
  public void namesTheStepsThatWereNotSeen() {
    CaseCoverage coverage = covered(ANY, new Recorded("pair", Recorded.LEAKING));
    // Where the remover is late, it is the last to let go of the supplier.
    assertEquals(
        coverage.unseenSteps(),
        List.of(
            "device puts node: of_node_put(/lr-div) by the remover",
            "device puts node: of_node_put(/lr-osc) by the remover"));
    Coverage covered = coverage.covered();
    assertEquals(covered.stepsPossible() - covered.stepsSeen(), 2);
  }

  @Test
  public void ofNoCycleHasSeenNothing() {
    Recorded pair = new Recorded("pair", Recorded.LEAKING);
    Coverage covered =
        CaseCoverage.of(pair.exercise().model(), CaseCoverage::search, List.of()).covered();
    assertEquals(covered.outcomesSeen(), 0);
    assertEquals(covered.stepsSeen(), 0);
    assertTrue(covered.stepsPossible() > 0);
  }

  @Test
  public void tellsTheRemovalsOfAStackApart() {
    Recorded stacked = new Recorded("stacked-upper", Recorded.LEAKING);
    List<Seen> seen = Verifier.judge(stacked.exercise(), stacked.trace()).seen();
    assertEquals(seen.stream().map(Seen::what).toList(), List.of("stacked-upper", "stacked"));
    assertEquals(seen.get(0).shown(), Set.of("/lr-osc2", "/lr-div2"));
    assertEquals(seen.get(1).shown(), Set.of("/lr-osc", "/lr-div"));
    assertTrue(
        seen.get(1).steps().stream()
            .filter(Removal::isReport)
            .map(step -> step.object())
            .toList()
            .containsAll(Set.of("/lr-osc", "/lr-div")));
    assertTrue(covered(ANY, stacked).unseenOutcomes().contains("clean of stacked-upper"));
  }
}
