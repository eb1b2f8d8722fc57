package org.lastref.link;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How words become a reply on one kind of line. */
interface Calls {

  /**
   * Runs a command, once whatever happens on the line.
   *
   * @param shown the command for a message
   * @param deadline in {@link System#nanoTime}; what is needed to mend a garbled reply may come
   *     after it
   * @return null if there was no reply in time, so the command may still run
   * @throws Frame.Garbled if the reply cannot be had; the message says what was tried
   * @throws Flood if more came than a reply can have
   */
  Shell.@Nullable Reply call(List<String> words, String shown, long deadline)
      throws Frame.Garbled, Flood;

  /** Tries to end the command that runs; later attempts may use more force. */
  void interrupt(int attempt);

  /** Whether the shell answers, within some seconds. */
  boolean answers();

  /** How often something had to be sent or asked for again. */
  default int mended() {
    return 0;
  }

  /** More came than a reply can have. */
  final class Flood extends Exception {}
}
