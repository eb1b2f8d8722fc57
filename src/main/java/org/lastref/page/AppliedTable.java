package org.lastref.page;

import java.util.ArrayList;
import java.util.List;
import org.lastref.report.Text;
import org.lastref.verify.Application;
import org.lastref.verify.Application.Placed;
import org.lastref.verify.Application.State;
import org.lastref.verify.Linked;

/** What should have come of an overlay when it was applied, beside what was seen to come. */
final class AppliedTable {

  /** About what a row takes. */
  static final int BYTES = 200;

  private static final int MOST = 100;
  private static final int MOST_TEXT = 300;

  /**
   * A node or a link.
   *
   * @param differs in a word, or empty
   */
  record Row(String what, String expected, String seen, String differs) {

    private static Row of(String what, String expected, String seen, boolean differs) {
      return new Row(
          Text.line(what, MOST_TEXT),
          expected,
          Text.line(seen, MOST_TEXT),
          differs ? "differs" : "");
    }
  }

  private AppliedTable() {}

  /** Its rows; none where no driver is wanted. */
  static List<Row> of(Application application) {
    List<Row> rows = new ArrayList<>();
    for (Placed each : application.placed()) {
      boolean bound = each.state() == State.BOUND;
      rows.add(
          Row.of(
              each.path() + " (" + String.join(", ", each.compatible()) + ")",
              each.expected() ? "no driver" : "a driver",
              bound ? "device " + each.device() + " has one" : application.why(each),
              bound == each.expected()));
    }
    for (Linked each : application.links()) {
      String kind = each.kind();
      rows.add(
          Row.of(
              each.name(),
              each.expected() ? "a device link" : "no device link",
              !each.there() ? "none" : kind.isEmpty() ? "there" : "there: " + kind,
              each.there() != each.expected()));
    }
    if (application.references().out() > 0) {
      int out = application.references().out();
      int anywhere = out - application.references().placed();
      rows.add(
          Row.of(
              "references to its nodes that are out",
              "all come back",
              "%d, of which %d have their exact place%s"
                  .formatted(
                      out,
                      out - anywhere,
                      anywhere == 0 ? "" : " and others may come back anywhere before the check"),
              false));
    }
    if (rows.size() <= MOST) {
      return rows;
    }
    List<Row> first = new ArrayList<>(rows.subList(0, MOST));
    first.add(Row.of("and %d more".formatted(rows.size() - MOST), "", "", false));
    return first;
  }
}
