package org.lastref.klog;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.util.List;
import java.util.Optional;
import org.lastref.fault.InputFault;
import org.testng.annotations.Test;

/** What a step declares of the kernel's log. */
public class ExpectationsTest {

  private static final String LEAK =
      "[    9.100000] OF: ERROR: memory leak before free overlay changeset,  /hil-reg";
  private static final String TALK = "[    9.200000] lastref: probed";
  private static final String BUSY = "[    9.3] OF: overlay: overlay #2 is not topmost";

  @Test
  public void isKeptByAQuietLog() {
    assertTrue(Expectations.none().judge(List.of(TALK)).kept());
  }

  @Test
  public void namesTheSplatThatNobodyDeclared() {
    Expectations.Outcome outcome = Expectations.none().judge(List.of(TALK, LEAK));
    assertEquals(
        outcome.sentences(), List.of("the kernel's log: reference to /hil-reg returned too late"));
    assertEquals(outcome.worst(), Optional.of(Meaning.REPORT));
  }

  @Test
  public void takesASplatThatIsExpectedOrTolerated() {
    Expectations declared =
        Expectations.none().expecting("memory leak before .* /hil-reg").tolerating("not topmost");
    assertTrue(declared.judge(List.of(LEAK, BUSY)).kept());
    assertTrue(declared.judge(List.of(LEAK)).kept());
  }

  @Test
  public void missesWhatIsExpected() {
    Expectations.Outcome outcome =
        Expectations.none().expecting("is not topmost").judge(List.of(TALK));
    assertEquals(outcome.missing(), List.of("is not topmost"));
    assertEquals(outcome.worst(), Optional.empty());
  }

  @Test
  public void findsWhatIsForbiddenThoughItIsNoFault() {
    Expectations.Outcome outcome =
        Expectations.none().forbidding("^lastref: ").judge(List.of(TALK));
    assertEquals(outcome.forbidden(), List.of("lastref: probed"));
    assertFalse(outcome.kept());
  }

  @Test
  public void refusesWhatIsNoRegularExpression() {
    InputFault fault =
        expectThrows(InputFault.class, () -> Expectations.none().expecting("overlay (#2"));
    assertTrue(fault.getMessage().startsWith("'overlay (#2' is no regular expression"));
  }
}
