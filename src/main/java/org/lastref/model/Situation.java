package org.lastref.model;

import java.util.function.Predicate;
import org.lastref.trace.Verb;

/** What else happens while an overlay is removed. */
public enum Situation {
  /** Nothing: one thread removes it. */
  REMOVE("remove"),
  /**
   * Its drivers are unbound first, by hand, the last device first. Links that a driver made with
   * {@code DL_FLAG_AUTOREMOVE_CONSUMER} are released then, before the nodes are detached: the doubt
   * of the author of {@code sync-overlay}, thread 000. Those that were inferred from the devicetree
   * stay: {@code __device_links_no_driver()}, drivers/base/core.c.
   */
  UNBIND("unbind"),
  /** Its last consumer is still probing when the removal begins. */
  PROBE("probe"),
  /** Two threads remove it at once. */
  TWICE("twice"),
  /** Somebody looks one of its nodes up, and returns it soon after. */
  READ("read");

  private final String word;

  Situation(String word) {
    this.word = word;
  }

  /**
   * What else happens, as what is done says.
   *
   * @param done whether anything is done with a verb
   */
  public static Situation of(Predicate<Verb> done) {
    return done.test(Verb.UNBIND) ? UNBIND : REMOVE;
  }

  /** Whether it can be brought about on a board; the model alone has the others. */
  public boolean isOnBoard() {
    return this == REMOVE || this == UNBIND;
  }

  @Override
  public String toString() {
    return word;
  }
}
