package org.lastref.link;

import java.util.Arrays;

/** The last bytes of an endless stream, by their position in it. Not thread-safe. */
final class Backlog {

  private final int limit;
  private byte[] ring = new byte[1 << 16];
  private long end;

  /**
   * @param limit how many bytes are kept at most; a power of two of at least 64 KiB
   */
  Backlog(int limit) {
    this.limit = limit;
  }

  /** The position after the last byte: how many there have been. */
  long end() {
    return end;
  }

  /** The position of the oldest byte still kept. */
  long start() {
    return Math.max(0, end - ring.length);
  }

  void append(byte[] bytes, int count) {
    while (end + count > ring.length && ring.length < limit) {
      // Nothing has wrapped yet, so every byte keeps its place.
      ring = Arrays.copyOf(ring, ring.length * 2);
    }
    int from = Math.max(0, count - ring.length);
    end += from;
    while (from < count) {
      int place = (int) (end % ring.length);
      int piece = Math.min(count - from, ring.length - place);
      System.arraycopy(bytes, from, ring, place, piece);
      from += piece;
      end += piece;
    }
  }

  /** Copies what is kept from a position on; the position is at least {@link #start}. */
  byte[] since(long position) {
    byte[] copy = new byte[(int) (end - position)];
    int place = (int) (position % ring.length);
    int piece = Math.min(copy.length, ring.length - place);
    System.arraycopy(ring, place, copy, 0, piece);
    System.arraycopy(ring, 0, copy, piece, copy.length - piece);
    return copy;
  }
}
