package org.lastref.link;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.lastref.link.Request.Part;

/**
 * Puts a reply together from numbered pieces that come in any order: a sequence of kind(1)
 * length(4, little-endian) payload, cut anywhere.
 */
final class LineReply {

  private static final int HEADER = 5;

  /** An agent keeps 1 MiB of a reply, in pieces of 240 bytes. */
  private static final int MOST_PIECES = 1 << 14;

  private static final int UNKNOWN = -1;

  private final Map<Integer, byte[]> early = new TreeMap<>();
  private byte[] begun = {};
  private int next;
  private int count = UNKNOWN;

  /**
   * Takes a piece.
   *
   * @return the parts that are complete by it; null if it was there already
   */
  @Nullable List<Part> add(int number, byte[] piece) throws Unusable {
    if (number < next || number >= next + MOST_PIECES || early.putIfAbsent(number, piece) != null) {
      return null;
    }
    List<Part> parts = new ArrayList<>();
    for (byte[] each = early.remove(next); each != null; each = early.remove(next)) {
      next++;
      begun = joined(begun, each);
      cut(parts);
    }
    return parts;
  }

  private void cut(List<Part> parts) throws Unusable {
    int at = 0;
    while (begun.length - at >= HEADER) {
      int length = ByteBuffer.wrap(begun, at + 1, 4).order(ByteOrder.LITTLE_ENDIAN).getInt();
      if (length < 0 || length > AgentFrame.MAX_PAYLOAD) {
        throw new Unusable(
            "a part of the reply says it has %d bytes".formatted(length & 0xffffffffL));
      }
      int end = at + HEADER + length;
      if (begun.length < end) {
        break;
      }
      parts.add(new Part((char) (begun[at] & 0xff), Arrays.copyOfRange(begun, at + HEADER, end)));
      at = end;
    }
    begun = Arrays.copyOfRange(begun, at, begun.length);
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** Takes how many pieces there are. */
  void end(int pieces) {
    count = pieces;
  }

  /** Whether it is known how many pieces there are. */
  boolean ended() {
    return count != UNKNOWN;
  }

  /** The first of the pieces that are missing of a reply that has ended. */
  List<Integer> missing(int most) {
    List<Integer> missing = new ArrayList<>();
    for (int number = next; number < count && missing.size() < most; number++) {
      if (!early.containsKey(number)) {
        missing.add(number);
      }
    }
    return missing;
  }
}
