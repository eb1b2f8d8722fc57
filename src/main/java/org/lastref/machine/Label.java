package org.lastref.machine;

/**
 * How a step shows.
 *
 * @param act what is done
 * @param object what it is done to, such as the path of a node, or the name of a device or link
 * @param doer who does it
 */
public record Label(Act act, String object, Doer doer) {

  /** As a call: {@code put_device(lr-osc)}. */
  public String call() {
    return act.call() + "(" + object + ")";
  }

  /** With its doer: {@code device puts node: of_node_put(/lr-osc) by a work item}. */
  @Override
  public String toString() {
    return "%s: %s by %s".formatted(act.words(), call(), doer);
  }
}
