package org.lastref.link;

import java.time.Duration;
import java.util.List;

/** Runs commands in a POSIX shell on a board, one at a time, one round trip each. */
public interface Shell extends AutoCloseable {

  /**
   * Runs a command and waits for its end.
   *
   * @param words the command and its arguments, each passed on as it is: quoting is done here
   * @param limit how long it may take
   * @throws org.lastref.fault.LabFault if no complete, checked reply came within the limit
   */
  Reply run(List<String> words, Duration limit);

  /**
   * Writes a file on the board and verifies what arrived.
   *
   * @param path an absolute path on the board; parents exist
   * @throws org.lastref.fault.LabFault if the board's copy differs from what was sent
   */
  void upload(byte[] content, String path);

  /** Whether its line is known to have ended, so that nothing will run here any more. */
  default boolean gone() {
    return false;
  }

  /** Bytes sent and received on this shell's line so far, for the figures of a run. */
  Traffic traffic();

  @Override
  void close();

  /** What a command wrote to its standard output, as UTF-8 and bounded, and its exit code. */
  record Reply(int exitCode, String output) {}

  /** Bytes moved over a line. */
  record Traffic(long sent, long received) {}
}
