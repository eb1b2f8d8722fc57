package org.lastref.verify;

import org.jspecify.annotations.Nullable;

/**
 * A single change to a trace that makes all of it conform.
 *
 * @param kind what is changed
 * @param from the index of the first event that it concerns
 * @param to the index of the last; for an event that is missing, it belongs somewhere after the
 *     first and before the last
 * @param sentence for a person
 * @param holding whose the reference is that it concerns; null if that is not known
 */
public record Repair(Kind kind, int from, int to, String sentence, @Nullable Holding holding) {

  /** What is changed; those that leave more of what was seen as it is come first. */
  public enum Kind {
    /** An event that stands there twice is removed once. */
    REMOVE_TWIN,
    /** Two neighbours change places. */
    SWAP,
    /** An event read another count. */
    COUNT,
    /** An event is added. */
    INSERT,
    /** An event is by another holder, or a get instead of a put. */
    CHANGE,
    /** An event is removed. */
    REMOVE
  }
}
