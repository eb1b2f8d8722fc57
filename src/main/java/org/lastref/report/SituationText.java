package org.lastref.report;

import java.util.stream.Collectors;
import org.lastref.model.Situation;
import org.lastref.verify.HeldOpen;

/** What is to be said of a case because of what else was done. */
public final class SituationText {

  private static final int MOST = 3;

  private SituationText() {}

  /** By what it is judged. */
  public static String unmodelled(Situation situation) {
    return "no model has the situation %s: it is judged by what every kernel promises"
        .formatted(situation);
  }

  /** The same outcome with what was held open; untested if nothing was. */
  public static CaseOutcome told(CaseOutcome outcome, HeldOpen held) {
    CaseOutcome noted = outcome.noting(unmodelled(Situation.HELD));
    if (held.what().isEmpty()) {
      return noted.untested("nothing came with it that can be held open");
    }
    String what = String.join(", ", held.what());
    return noted.adding(
        held.in().isEmpty()
            ? "it did not wait for what was open: " + what
            : "it waited until %s was closed, %.1f s, in %s"
                .formatted(
                    what,
                    held.micros() / 1e6,
                    held.in().stream().limit(MOST).collect(Collectors.joining(" \u2190 "))));
  }
}
