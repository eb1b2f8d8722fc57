package org.lastref.link;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Takes requests to the agent on a board, one at a time, and brings its replies: while a request is
 * being done in pieces, at its end in words.
 *
 * <p>Each request is done once at most, whatever happens on the way. After a fault of the line or
 * an agent that fell silent a courier brings nothing more and says so; what the agent itself
 * refuses to do leaves it as it was.
 */
public interface Courier extends AutoCloseable {

  /**
   * Has the agent do something and waits for its end.
   *
   * @param words what to do; no NUL in them, 64 KiB in all
   * @param content what goes with {@code file} and {@code arm}, empty for all else
   * @param pieces is given what comes before the reply, in this thread and as it comes; 64 MiB of
   *     {@link Records} in all
   * @param limit how long nothing may come
   * @return what the agent said after its {@code ok}
   * @throws org.lastref.fault.LabFault with the agent's own words if it could not do it; or if the
   *     line failed, the agent ended, or nothing came for so long
   */
  Reply call(List<String> words, byte[] content, Consumer<Piece> pieces, Duration limit);

  /** The same for what has no content and no pieces. */
  default Reply call(List<String> words, Duration limit) {
    return call(words, new byte[0], piece -> {}, limit);
  }

  /** How often something had to be sent or asked for again, since it got lost or garbled. */
  default int mended() {
    return 0;
  }

  /** Bytes sent and received on this courier's line so far, for the figures of a run. */
  Shell.Traffic traffic();

  /** Ends what waits; on a console, gives the terminal back to the shell. */
  @Override
  void close();

  /** The words of a reply. */
  record Reply(List<String> words) {

    /** Keeps the words as they are now. */
    public Reply {
      words = List.copyOf(words);
    }
  }

  /** What comes while a request is being done. */
  sealed interface Piece permits Records, CycleEnd {}

  /**
   * Some of the records of the cycle that runs, cut anywhere: together they are the cycle's.
   *
   * @param bytes at most 64 KiB; the receiver's own
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Records(byte[] bytes) implements Piece {}

  /**
   * The end of a cycle.
   *
   * @param text lines {@code STEP RESULT}, and before them {@code # WORD NUMBER}
   */
  record CycleEnd(String text) implements Piece {}
}
