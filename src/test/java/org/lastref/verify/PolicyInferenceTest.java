package org.lastref.verify;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.lastref.Recorded;
import org.lastref.model.Policy;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What a kernel did leaves its own policy, and none that excludes it. */
public class PolicyInferenceTest {

  private static final List<String> LEAKABLE =
      List.of("pair", "chain", "diamond", "consumer-first", "stacked-upper");

  private static List<Policy> known(Grace grace) {
    return Policy.all().stream().filter(each -> each.grace() == grace).toList();
  }

  private static List<Policy> left(Recorded recorded) {
    PolicyInference lineup =
        new PolicyInference(recorded.removal(), known(recorded.policy().grace()));
    lineup.see(recorded.trace());
    return lineup.left();
  }

  /** Over all overlays of which there are traces. */
  private static List<Policy> leftOver(Policy policy) {
    List<Policy> left = new ArrayList<>(known(policy.grace()));
    Recorded.SHAPES.forEach(shape -> left.retainAll(left(new Recorded(shape, policy))));
    return left;
  }

  @DataProvider
  public Object[][] recorded() {
    return Recorded.all().stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  @Test(dataProvider = "recorded")
  public void leavesThePolicyThatAKernelHad(Recorded recorded) {
    assertTrue(left(recorded).contains(recorded.policy()), "" + left(recorded));
  }

  @DataProvider
  public Object[][] leakable() {
    return LEAKABLE.stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  @Test(dataProvider = "leakable")
  public void aCleanKernelIsNoneOfThoseThatLeakEachTime(String shape) {
    for (Policy clean : List.of(Recorded.WAITED, Recorded.BARRIER)) {
      List<Policy> left = left(new Recorded(shape, clean));
      for (Release release : Release.values()) {
        assertTrue(!left.contains(new Policy(release, Fix.NONE, Grace.SLOW)), "" + left);
      }
    }
  }

  @Test
  public void aKernelThatWaitsIsLikeNoOther() {
    assertEquals(leftOver(Recorded.WAITED), List.of(Recorded.WAITED));
    assertEquals(leftOver(Recorded.BARRIER), List.of(Recorded.BARRIER));
  }

  /** Whose work items nobody waits for, whatever they are queued on. */
  @Test
  public void aKernelThatDoesNotWaitIsLikeAllThatDoNot() {
    assertEquals(
        leftOver(Recorded.LEAKING),
        List.of(
            new Policy(Release.SYSTEM_WQ, Fix.NONE, Grace.SLOW),
            new Policy(Release.SYSTEM_WQ, Fix.WAIT_REMOVAL, Grace.SLOW),
            new Policy(Release.DEDICATED_WQ, Fix.NONE, Grace.SLOW)));
  }

  @Test
  public void anotherOverlaysTraceLeavesNone() {
    Recorded pair = new Recorded("pair", Recorded.WAITED);
    PolicyInference lineup = new PolicyInference(pair.removal(), known(Grace.SLOW));
    lineup.see(new Recorded("chain", Recorded.WAITED).trace());
    assertEquals(lineup.left(), List.of());
  }
}
