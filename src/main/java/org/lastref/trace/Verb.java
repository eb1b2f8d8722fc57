package org.lastref.trace;

import java.util.Locale;

/**
 * What a board can be told to do. On the board, each is a function {@code step_VERB} of the agent,
 * which says what its argument is.
 */
public enum Verb {
  /** Applies an overlay. */
  APPLY("applied"),
  /** Removes it. */
  REMOVE("removed"),
  /**
   * Unbinds a device, {@code BUS/DEVICE}, from its driver, or all of overlays, {@code all/ORDER}.
   */
  UNBIND("unbound"),
  /** Binds it again, {@code BUS/DRIVER/DEVICE}, or all that were unbound, {@code all/again}. */
  BIND("bound"),
  /** Waits until devices have drivers. */
  BOUND("bound"),
  /** Waits until nothing is probed any more. */
  PROBED("probed"),
  /** Waits until every device link that was released has let go. */
  SETTLE("settled"),
  /** Loads a module, with parameters. */
  LOAD("loaded"),
  /** Unloads it. */
  UNLOAD("unloaded"),
  /** Sets a module's parameter, {@code MODULE/PARAMETER=VALUE}. */
  SET("set"),
  /** Begins another instruction, and goes on. */
  START("started"),
  /** Waits for the end of one that was begun, and has its result. */
  FINISH(""),
  /** Waits until an event was seen. */
  UNTIL("seen"),
  /** Listens to what the kernel tells user space. */
  LISTEN("listening"),
  /** Listens no more. */
  IGNORE("ignoring"),
  /** Waits until user space was told so often. */
  HEARD("heard"),
  /** Makes a mediated device, {@code PARENT/TYPE}. */
  CHILD("created"),
  /** Says whether one that was begun ends within a second. */
  AWAIT(""),
  /** Opens what can be opened of the devices of overlays; says how much that is. */
  HOLD("held"),
  /** Closes it. */
  CLOSE("closed"),
  /** Stands still until it is told to go on. */
  PAUSE("resumed"),
  /** Asks whether the kernel still proves its locking. */
  LOCKDEP("on");

  private final String done;

  Verb(String done) {
    this.done = done;
  }

  /** The result of one that was done as it should be. */
  String done() {
    return done;
  }

  /** As it stands in a trace. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
