package org.lastref.link;

/** The CRC of POSIX {@code cksum}, which every board has. */
final class Cksum {

  private static final int POLYNOMIAL = 0x04C11DB7;
  private static final int[] TABLE = new int[256];

  static {
    for (int i = 0; i < TABLE.length; i++) {
      int remainder = i << 24;
      for (int bit = 0; bit < 8; bit++) {
        remainder = remainder < 0 ? remainder << 1 ^ POLYNOMIAL : remainder << 1;
      }
      TABLE[i] = remainder;
    }
  }

  private Cksum() {}

  /** As a number without sign. */
  static long of(byte[] bytes, int from, int to) {
    int crc = 0;
    for (int i = from; i < to; i++) {
      crc = crc << 8 ^ TABLE[crc >>> 24 ^ (bytes[i] & 0xff)];
    }
    for (int length = to - from; length != 0; length >>>= 8) {
      crc = crc << 8 ^ TABLE[crc >>> 24 ^ (length & 0xff)];
    }
    return Integer.toUnsignedLong(~crc);
  }

  /** What {@code cksum} says of its standard input. */
  static String line(byte[] bytes) {
    return of(bytes, 0, bytes.length) + " " + bytes.length;
  }
}
