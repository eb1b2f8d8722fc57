package org.lastref.link;

/** What came from an agent cannot be used. */
final class Unusable extends Exception {

  private final String why;

  Unusable(String why) {
    super(why);
    this.why = why;
  }

  /** What is wrong with it, as a part of a sentence. */
  String why() {
    return why;
  }
}
