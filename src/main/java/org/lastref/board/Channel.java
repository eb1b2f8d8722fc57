package org.lastref.board;

/** The way a board's shell is reached. */
public enum Channel {
  /** Over the serial console. */
  SERIAL,
  /** Over the network, with the host's key pinned. */
  SSH
}
