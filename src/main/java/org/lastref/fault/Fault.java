package org.lastref.fault;

import org.jspecify.annotations.Nullable;

/**
 * Ends what was attempted. The message is written for the person who reads it: what was attempted,
 * on which board or file, what came back, what to do next.
 */
public abstract sealed class Fault extends RuntimeException permits InputFault, LabFault {

  /** Again here, because a Throwable's may be null. */
  private final String message;

  Fault(String message, @Nullable Throwable cause) {
    super(message, cause);
    this.message = message;
  }

  @Override
  public String getMessage() {
    return message;
  }
}
