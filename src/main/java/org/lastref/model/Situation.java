package org.lastref.model;

/** What else happens while an overlay is removed. */
public enum Situation {
  /** Nothing: one thread removes it. */
  REMOVE("remove"),
  /**
   * Its drivers are unbound first, by hand. Links that were inferred from the devicetree stay:
   * {@code __device_links_no_driver()}, drivers/base/core.c.
   */
  UNBIND("unbind"),
  /**
   * The same where the links are of the kind that a driver makes, with {@code
   * DL_FLAG_AUTOREMOVE_CONSUMER}: they are released at the unbinding, before the nodes are
   * detached. The doubt of the author of {@code sync-overlay}, thread 000.
   */
  UNBIND_AUTOREMOVE("unbind-autoremove"),
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

  @Override
  public String toString() {
    return word;
  }
}
