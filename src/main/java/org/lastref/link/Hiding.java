package org.lastref.link;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Takes secrets out of a stream, should a board repeat them; each may come in pieces. */
final class Hiding {

  /** Less of a secret's beginning than this tells nothing, and may be anything. */
  private static final int TELLING = 3;

  private final List<byte[]> secrets = new ArrayList<>();
  private byte[] held = {};

  synchronized void hide(byte[] secret) {
    if (secret.length > 0 && secrets.stream().noneMatch(known -> Arrays.equals(known, secret))) {
      secrets.add(secret);
    }
  }

  /**
   * Takes what was read.
   *
   * @param count 0 if nothing came in time, so that what was held back is not going on
   * @return what may be seen of it, and of what was held back
   */
  synchronized byte[] seen(byte[] bytes, int count) {
    if (secrets.isEmpty()) {
      return Arrays.copyOf(bytes, count);
    }
    byte[] all = Arrays.copyOf(held, held.length + count);
    System.arraycopy(bytes, 0, all, held.length, count);
    ByteArrayOutputStream out = new ByteArrayOutputStream(all.length);
    int at = 0;
    int begun = 0;
    while (at < all.length) {
      int hidden = 0;
      begun = 0;
      for (byte[] secret : secrets) {
        int same = same(all, at, secret);
        hidden = same == secret.length ? Math.max(hidden, same) : hidden;
        begun = at + same == all.length ? Math.max(begun, same) : begun;
      }
      if (hidden == 0 && begun > 0) {
        break;
      }
      for (int i = 0; i < hidden; i++) {
        out.write('*');
      }
      if (hidden == 0) {
        out.write(all[at]);
      }
      at += Math.max(1, hidden);
    }
    held = Arrays.copyOfRange(all, at, all.length);
    if (count == 0 && held.length > 0) {
      boolean telling = held.length >= TELLING;
      for (byte b : held) {
        out.write(telling ? '*' : b);
      }
      held = new byte[0];
    }
    return out.toByteArray();
  }

  private static int same(byte[] all, int at, byte[] secret) {
    int same = 0;
    while (same < secret.length && at + same < all.length && all[at + same] == secret[same]) {
      same++;
    }
    return same;
  }
}
