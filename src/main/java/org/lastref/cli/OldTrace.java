package org.lastref.cli;

import org.lastref.offline.Replay;

/** What a trace of version 0 is of, which only its reader knows. */
final class OldTrace {

  private OldTrace() {}

  /** The overlay that was chosen, on the tree of the board that was. */
  static Replay.Assumed assumed(Selection selection) {
    return new Replay.Assumed(selection.one(), Main.base(selection.board()));
  }
}
