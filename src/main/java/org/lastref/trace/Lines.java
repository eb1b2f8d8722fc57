package org.lastref.trace;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Function;
import org.lastref.fault.Fault;

/** The lines of a stream, one after the other in one buffer, and how a fault in one is told. */
final class Lines {

  /** The longest line read, in bytes; ftrace's own are cut at a page. */
  static final int MAX_LINE = 16 << 10;

  private final InputStream in;
  private final long most;
  private final String name;
  private final Function<String, Fault> kind;
  private byte[] bytes = new byte[4 * MAX_LINE];
  private int filled;
  private int from;
  private int to;
  private int following;
  private int number;
  private long total;

  /**
   * @param most how many bytes are read before the stream is refused
   * @param name what messages call it
   * @param kind makes a fault of a message
   */
  Lines(InputStream in, long most, String name, Function<String, Fault> kind) {
    this.in = in;
    this.most = most;
    this.name = name;
    this.kind = kind;
  }

  /**
   * Goes on to the next line.
   *
   * @param limit how long it may be, in bytes
   * @return false at the end
   */
  boolean next(int limit) {
    from = following;
    int end = from;
    while (true) {
      while (end < filled && bytes[end] != '\n') {
        end++;
      }
      if (end - from > limit) {
        number++;
        throw fault("this line is longer than the %d bytes that are read".formatted(limit));
      }
      if (end < filled) {
        following = end + 1;
        break;
      }
      int length = end - from;
      if (!more()) {
        if (length == 0) {
          return false;
        }
        following = filled;
        end = from + length;
        break;
      }
      end = from + length;
    }
    to = end;
    number++;
    return true;
  }

  /** Reads on behind what there is of the line, which is moved to the front. */
  private boolean more() {
    System.arraycopy(bytes, from, bytes, 0, filled - from);
    filled -= from;
    from = 0;
    if (filled == bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * bytes.length);
    }
    int read;
    try {
      read = in.read(bytes, filled, bytes.length - filled);
    } catch (EOFException e) {
      throw fault("the compressed data is cut short after this line");
    } catch (IOException e) {
      throw fault("what comes after this line cannot be read: " + e.getMessage());
    }
    if (read < 0) {
      return false;
    }
    filled += read;
    total += read;
    if (total > most) {
      throw fault("it goes on after this line for more than the %d MiB".formatted(most >> 20));
    }
    return true;
  }

  byte[] bytes() {
    return bytes;
  }

  int from() {
    return from;
  }

  int to() {
    return to;
  }

  /** The line. Names in it may be any bytes. */
  String text() {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  boolean startsWith(char first) {
    return to > from && bytes[from] == first;
  }

  boolean blank() {
    for (int i = from; i < to; i++) {
      if (!EventLine.isSpace(bytes[i])) {
        return false;
      }
    }
    return true;
  }

  /** A fault of this line, or where none was read of what should begin here. */
  Fault fault(String what) {
    return kind.apply("%s:%d: %s".formatted(name, Math.max(1, number), what));
  }
}
