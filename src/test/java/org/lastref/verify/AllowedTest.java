package org.lastref.verify;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.lastref.Recorded;
import org.lastref.report.CaseCoverage;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What counts may be, beside what recorded traces show that they were. */
public class AllowedTest {

  @DataProvider
  public Object[][] traces() {
    return Recorded.all().stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  private static List<Allowed> allowed(Recorded recorded) {
    return new Verifier(recorded.exercise(recorded.policy()))
        .allowed(recorded.trace(), CaseCoverage::search);
  }

  private static boolean isOf(Reference reference, Allowed allowed) {
    String name =
        reference.kind() == Kind.NODE && !reference.subject().path().isEmpty()
            ? reference.subject().path()
            : reference.name();
    return reference.kind() == allowed.kind() && allowed.object().endsWith(name);
  }

  /** What a get makes of a count is seen with the next event. */
  private static int after(Reference reference) {
    return reference.count() + (reference.direction() == Direction.GET ? 1 : -1);
  }

  @Test(dataProvider = "traces")
  public void whatTheKernelCountsWhenAnOverlayIsRemovedIsWithin(Recorded recorded) {
    List<String> outside = new ArrayList<>();
    int compared = 0;
    for (Allowed each : allowed(recorded)) {
      for (Event event : recorded.trace().events()) {
        if (event instanceof Reference reference && isOf(reference, each)) {
          int at = reference.at().index();
          for (Allowed.Span span : each.spans()) {
            if (at >= span.from() && at < span.to()) {
              compared++;
              if (after(reference) < span.low() || after(reference) > span.high()) {
                outside.add(reference.describe() + " is not in " + span);
              }
            }
          }
        }
      }
    }
    assertEquals(outside, List.of(), allowed(recorded) + "\n" + outside);
    assertTrue(compared > 0, "none compared");
  }
}
