package org.lastref.link;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.lastref.link.Request.Part;

/**
 * Cuts a stream of bytes into frames. What comes before the first one is skipped, since it may be
 * the rest of what an earlier run left half read; from then on anything that is no frame is a
 * fault.
 */
final class AgentFrames {

  /** A frame and a read after it fit in. */
  private static final int KEPT = 4 * AgentFrame.MAX_PAYLOAD;

  private static final int SHOWN = 300;

  private byte[] bytes = new byte[1 << 12];
  private int from;
  private int to;
  private boolean synchronised;

  void add(byte[] more, int count) {
    if (to + count > bytes.length) {
      int kept = Math.min(to - from, Math.max(0, KEPT - count)); // more is kept only of noise
      byte[] room =
          kept + count > bytes.length ? new byte[Integer.highestOneBit(kept + count) * 2] : bytes;
      System.arraycopy(bytes, to - kept, room, 0, kept);
      bytes = room;
      from = 0;
      to = kept;
    }
    System.arraycopy(more, 0, bytes, to, count);
    to += count;
  }

  /** The next frame, null if it is not there yet. */
  @Nullable AgentFrame next() throws Unusable {
    if (synchronised) {
      return strictly();
    }
    for (int at = from; at + AgentFrame.AROUND <= to; at++) {
      if (fault(at) == null && whole(at)) {
        synchronised = true;
        return taken(at);
      }
    }
    return null;
  }

  private @Nullable AgentFrame strictly() throws Unusable {
    if (to - from < AgentFrame.HEADER && !(to > from && bytes[from] != 'L')) {
      return null;
    }
    String fault = fault(from);
    if (fault != null) {
      throw new Unusable(fault + ": " + left());
    }
    return whole(from) ? taken(from) : null;
  }

  /** Why no frame begins here; null if one does, or may once more has come. */
  private @Nullable String fault(int at) {
    if (bytes[at] != 'L' || to - at < AgentFrame.HEADER || bytes[at + 1] != 'R') {
      return "what came is no frame";
    }
    int length = length(at);
    if (length < 0 || length > AgentFrame.MAX_PAYLOAD) {
      return "a frame came that says it has %d bytes".formatted(length & 0xffffffffL);
    }
    if (whole(at)) {
      int summed = AgentFrame.HEADER + length;
      if (number(at + summed) != AgentFrame.crc(bytes, at, summed)) {
        return "a frame of %d bytes came garbled".formatted(length);
      }
    }
    return null;
  }

  private boolean whole(int at) {
    return to - at >= AgentFrame.AROUND + length(at);
  }

  private AgentFrame taken(int at) {
    int payload = at + AgentFrame.HEADER;
    int end = payload + length(at);
    from = end + 4;
    return new AgentFrame(
        number(at + 4),
        new Part((char) (bytes[at + 2] & 0xff), Arrays.copyOfRange(bytes, payload, end)));
  }

  private int length(int at) {
    return number(at + 8);
  }

  private int number(int at) {
    return ByteBuffer.wrap(bytes, at, 4).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  /** What was not taken, for a message; empty if nothing is left. */
  String left() {
    int end = Math.min(to, from + SHOWN);
    int begin = from;
    while (begin < end && bytes[begin] == '\n') {
      begin++;
    }
    return Printable.line(bytes, begin, end).strip() + (to > end ? "..." : "");
  }
}
