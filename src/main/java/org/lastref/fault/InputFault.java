package org.lastref.fault;

import org.jspecify.annotations.Nullable;

/** The user's input cannot be used: an option, a board file, an overlay, a stored trace. Exit 2. */
public final class InputFault extends Fault {

  public InputFault(String message) {
    this(message, null);
  }

  public InputFault(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
