package org.lastref.link;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The check sum of what is sent again if it is wrong: against accidents, not against anybody, and
 * of all check sums the one whose program every board has (Debian's busybox has no {@code cksum}).
 */
final class Md5 {

  /** So many hexadecimal digits tell a piece or a block from a damaged one. */
  static final int SHORT = 8;

  private Md5() {}

  static String of(String ascii) {
    byte[] bytes = ascii.getBytes(StandardCharsets.US_ASCII);
    return of(bytes, 0, bytes.length);
  }

  static String of(byte[] bytes, int from, int to) {
    try {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      digest.update(bytes, from, to - from);
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  static String beginning(String ascii) {
    return of(ascii).substring(0, SHORT);
  }

  static String beginning(byte[] bytes, int from, int to) {
    return of(bytes, from, to).substring(0, SHORT);
  }
}
