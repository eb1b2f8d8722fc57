package org.lastref.link;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import org.lastref.link.Request.Part;

/**
 * A part of a request or of a reply as it travels where nothing gets lost:
 *
 * <pre>
 *   'L' 'R' kind(1) 0(1) id(4) length(4) payload crc32(4)
 * </pre>
 *
 * Numbers are little-endian, the check sum is over all before it.
 *
 * @param id the request's
 */
record AgentFrame(int id, Part part) {

  /** The most that a payload has, in bytes. */
  static final int MAX_PAYLOAD = 64 << 10;

  static final int HEADER = 12;
  static final int AROUND = HEADER + 4;

  /** The same in bytes. */
  byte[] encoded() {
    byte[] payload = part.bytes();
    ByteBuffer all =
        ByteBuffer.allocate(AROUND + payload.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put((byte) 'L')
            .put((byte) 'R')
            .put((byte) part.kind())
            .put((byte) 0)
            .putInt(id)
            .putInt(payload.length)
            .put(payload);
    return all.putInt(crc(all.array(), 0, HEADER + payload.length)).array();
  }

  static int crc(byte[] bytes, int from, int count) {
    CRC32 crc = new CRC32();
    crc.update(bytes, from, count);
    return (int) crc.getValue();
  }
}
