package org.lastref.cases;

import static org.testng.Assert.assertTrue;

import org.lastref.Recorded;
import org.lastref.model.Policy;
import org.testng.annotations.Test;

public class RemovalTestCaseTest {

  @Test
  public void tellsWhetherTheDelayAloneMakesAPolicyLeak() {
    assertTrue(delay(Recorded.WAITED).endsWith("without it nothing leaks under this policy"));
    assertTrue(delay(Recorded.LEAKING).endsWith("without it this policy may leak too"));
  }

  private static String delay(Policy policy) {
    return RemovalTestCase.delay(
        new Recorded("chain", policy).removal(policy.withDelayedRelease()));
  }
}
