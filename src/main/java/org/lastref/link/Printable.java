package org.lastref.link;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/**
 * Bytes of a board as printable ASCII: anything else becomes {@code \xNN} and a backslash {@code
 * \\}, so that nothing reaches a terminal as a control sequence and every byte can be told.
 */
final class Printable {

  private static final HexFormat HEX = HexFormat.of();

  private Printable() {}

  static void append(StringBuilder out, byte value) {
    if (value == '\\') {
      out.append("\\\\");
    } else if (value >= ' ' && value <= '~') {
      out.append((char) value);
    } else {
      out.append("\\x").append(HEX.toHexDigits(value));
    }
  }

  /** A line as a reader wants it: without its carriage returns at the end. */
  static String line(byte[] bytes, int from, int to) {
    int end = to;
    while (end > from && bytes[end - 1] == '\r') {
      end--;
    }
    StringBuilder out = new StringBuilder(end - from);
    for (int i = from; i < end; i++) {
      append(out, bytes[i]);
    }
    return out.toString();
  }

  /** The beginning of a text, for a message. */
  static String text(String text, int most) {
    byte[] bytes =
        text.substring(0, Math.min(text.length(), most)).getBytes(StandardCharsets.UTF_8);
    return line(bytes, 0, bytes.length) + (text.length() > most ? "..." : "");
  }

  /** Words that were sent to a board, for a message. */
  static String words(List<String> words) {
    return "`" + text(String.join(" ", words), 120) + "`";
  }
}
