package org.lastref.fault;

import org.jspecify.annotations.Nullable;

/**
 * The lab failed, so nothing can be said of the kernel: a port, a cable, QEMU, a full disk, a trace
 * that lost events. Exit 3, and an {@code error} in the XML.
 */
public sealed class LabFault extends Fault permits BootPanic {

  public LabFault(String message) {
    this(message, null);
  }

  public LabFault(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
