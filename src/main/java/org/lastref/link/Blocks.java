package org.lastref.link;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Puts an output together from what is right in a damaged copy and from blocks asked for again. */
final class Blocks {

  /** A block may lie so much before its place, where bytes got lost ... */
  private static final int BEFORE = 40;

  /** ... and so much after it, where a line of the kernel could not be told from it. */
  private static final int AFTER = 600;

  private final byte[] output;
  private final byte[] damaged;
  private final String[] sums;

  /** How much further than in the output things are in the damaged copy. */
  private int shift;

  Blocks(int size, byte[] damaged) {
    this.output = new byte[size];
    this.damaged = damaged;
    this.sums = new String[(size + Framing.BLOCK - 1) / Framing.BLOCK];
  }

  int count() {
    return sums.length;
  }

  byte[] bytes() {
    return output;
  }

  /**
   * Takes the board's sums of some blocks.
   *
   * @param text FROM TO and the beginning of an MD5 each
   * @return those that the damaged copy does not have
   */
  List<Integer> missing(int from, int to, String text) throws Frame.Garbled {
    String[] words = text.split(" ", -1);
    if (words.length != 2 + to - from) {
      throw new Frame.Hopeless("the board sums up " + (words.length - 2) + " of its blocks");
    }
    List<Integer> missing = new ArrayList<>();
    for (int block = from; block < to; block++) {
      sums[block] = words[2 + block - from];
      if (!found(block)) {
        missing.add(block);
      }
    }
    return missing;
  }

  /** Whether this is the block's content, which is kept then. */
  boolean accept(int block, byte[] content) {
    int at = block * Framing.BLOCK;
    if (content.length != length(block)
        || !Md5.beginning(content, 0, content.length).equals(sums[block])) {
      return false;
    }
    System.arraycopy(content, 0, output, at, content.length);
    return true;
  }

  private boolean found(int block) {
    int place = block * Framing.BLOCK + shift;
    int length = length(block);
    int last = Math.min(place + AFTER, damaged.length - length);
    for (int at = Math.max(0, place - BEFORE); at <= last; at++) {
      if (Md5.beginning(damaged, at, at + length).equals(sums[block])) {
        shift = at - block * Framing.BLOCK;
        return accept(block, Arrays.copyOfRange(damaged, at, at + length));
      }
    }
    return false;
  }

  private int length(int block) {
    return Math.min(Framing.BLOCK, output.length - block * Framing.BLOCK);
  }
}
