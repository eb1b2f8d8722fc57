package org.lastref.report;

import java.util.stream.Collectors;
import org.lastref.verify.Application;
import org.lastref.verify.Application.Placed;
import org.lastref.verify.Application.State;

/** What came of the application of overlays, in words. */
final class ApplicationText {

  private static final int MOST = 20;

  private ApplicationText() {}

  /** The nodes without a driver, with what they are compatible with. */
  static String without(Application seen) {
    return seen.placed().stream()
        .filter(each -> each.state() != State.BOUND)
        .limit(MOST)
        .map(each -> each.path() + " (" + String.join(", ", each.compatible()) + ")")
        .collect(Collectors.joining(", "));
  }

  /** Why each of them has none, a line each, and what this kernel never frees by its design. */
  static String lines(Application seen) {
    String without =
        seen.placed().stream()
            .filter(each -> each.state() != State.BOUND)
            .limit(MOST)
            .map(each -> line(seen, each))
            .collect(Collectors.joining());
    return seen.kept().isEmpty()
        ? without
        : without
            + "no failure: this kernel never frees a property that an overlay puts on a node of the"
            + " base tree: "
            + seen.kept().stream().limit(MOST).collect(Collectors.joining(", "))
            + "\n";
  }

  private static String line(Application seen, Placed each) {
    return each.path() + ": " + seen.why(each) + "\n";
  }
}
