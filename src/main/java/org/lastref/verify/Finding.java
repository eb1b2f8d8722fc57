package org.lastref.verify;

import org.lastref.trace.Event.Reference;

/**
 * A difference between what was seen and what the model allows.
 *
 * @param type what kind of difference
 * @param event the index of the event in the trace, or the number of events if it is what is
 *     missing at the end
 * @param object the node, device or link that it is about
 * @param seen what was seen
 * @param allowed what the model allows instead
 */
public record Finding(Type type, int event, String object, String seen, String allowed) {

  /** What kind of difference. */
  public enum Type {
    /** A step that no agent of the model could take then. */
    ORDER,
    /** A count that the gets and puts before it do not add up to. */
    COUNT,
    /** A reference that was never returned, or one returned that nobody had taken. */
    BALANCE,
    /** A reference that the model says is held was not taken, or one too many was. */
    HOLDER,
    /** The kernel's log says something that the model does not. */
    LOG,
    /** A step of the scenario ended in another way. */
    RESULT,
    /** A device of the overlay did not get its driver. */
    APPLY,
    /** Something that no reference shows is there still. */
    LEFT,
    /** A step does not end: nothing else can be said of the cycle. */
    STANDS,
    /** The same, while somebody has something open of the devices that go. */
    WAITS
  }

  /**
   * A count that is not what was counted.
   *
   * @param count what the gets and puts before the event add up to
   */
  static Finding miscounted(Reference event, String object, int count) {
    return new Finding(
        Type.COUNT,
        event.at().index(),
        object,
        event.describe(),
        "count " + count + " by the gets and puts before it");
  }

  /** One sentence. */
  public String sentence() {
    return "event %d, %s: seen: %s; allowed: %s".formatted(event, object, seen, allowed);
  }
}
