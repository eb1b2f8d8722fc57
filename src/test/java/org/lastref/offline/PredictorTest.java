package org.lastref.offline;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.lastref.Recorded;
import org.lastref.model.Kernel;
import org.lastref.model.Policy;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.lastref.model.Situation;
import org.lastref.offline.Predictor.Removed;
import org.lastref.report.Prediction;
import org.testng.annotations.Test;

/** What is predicted of which overlays. */
public class PredictorTest {

  private static List<Removed> removed(String... shapes) {
    return Predictor.removed(
        Stream.of(shapes).map(Recorded::shape).toList(), Recorded.base(), Kernel.LINUX_6_1);
  }

  private static Prediction predict(Predictor predictor, Release release, Fix fix) {
    return predictor.predict(
        removed("pair").get(0),
        new Policy(release, fix, Grace.ANY),
        Situation.REMOVE,
        (states, open) -> {});
  }

  @Test
  public void removesTheUppermostOfAStackFirst() {
    assertEquals(
        removed("stacked-upper").stream().map(Removed::overlay).toList(),
        List.of("stacked-upper", "stacked"));
  }

  @Test
  public void removesEachOverlayOnce() {
    assertEquals(
        removed("stacked", "stacked-upper", "pair").stream().map(Removed::overlay).toList(),
        List.of("stacked", "stacked-upper", "pair"));
  }

  @Test
  public void searchesMachinesThatAreEqualButForTheirNamesOnce() {
    Predictor predictor = new Predictor(64 << 20, false);
    Prediction first = predict(predictor, Release.SYSTEM_WQ, Fix.NONE);
    Prediction same = predict(predictor, Release.DEDICATED_WQ, Fix.NONE);
    assertFalse(first.search().repeated());
    assertTrue(same.search().repeated());
    assertEquals(same.configuration().release(), "dedicated-wq");
    assertEquals(same.outcomes(), first.outcomes());
  }

  @Test
  public void searchesMachinesThatDifferEach() {
    Predictor predictor = new Predictor(64 << 20, false);
    predict(predictor, Release.SYSTEM_WQ, Fix.NONE);
    assertFalse(predict(predictor, Release.CALL_SRCU, Fix.NONE).search().repeated());
    assertFalse(predict(predictor, Release.DEDICATED_WQ, Fix.WAIT_REMOVAL).search().repeated());
  }

  @Test
  public void tellsNoWaysWhereOnlyCountsAreWanted() {
    Prediction counts = predict(new Predictor(64 << 20, false), Release.SYSTEM_WQ, Fix.NONE);
    assertEquals(counts.outcomes().size(), 4);
    assertTrue(counts.outcomes().stream().allMatch(end -> end.way().isEmpty()));
    assertEquals(counts.phases(), List.of());
  }
}
