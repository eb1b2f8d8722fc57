package org.lastref.report;

/** Makes text of unknown origin safe to show: what a board says may hold anything. */
public final class Text {

  private Text() {}

  /**
   * Writes what XML cannot hold or a terminal would act upon as a visible {@code \}{@code u001b}:
   * control characters but newline and tab, halves of surrogate pairs, non-characters, and the
   * marks that turn the direction of reading. A carriage return before a newline is dropped.
   */
  public static String printable(String raw) {
    var out = new StringBuilder(raw.length() + 16);
    for (int i = 0; i < raw.length(); ) {
      int c = raw.codePointAt(i);
      i += Character.charCount(c);
      if (c == '\r' && i < raw.length() && raw.charAt(i) == '\n') {
        continue;
      }
      if (isPrintable(c)) {
        out.appendCodePoint(c);
      } else {
        out.append(String.format("\\u%04x", c));
      }
    }
    return out.toString();
  }

  /** The same on one line. */
  public static String line(String raw) {
    return printable(raw).replace('\n', ' ').replace('\t', ' ');
  }

  /** The same, cut to {@code columns} characters. */
  public static String line(String raw, int columns) {
    var line = line(raw);
    return width(line) <= columns
        ? line
        : line.substring(0, line.offsetByCodePoints(0, columns - 3)) + "...";
  }

  static int width(String text) {
    return text.codePointCount(0, text.length());
  }

  static String padded(String text, int columns) {
    return text + " ".repeat(Math.max(0, columns - width(text)));
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL -> c == '\n' || c == '\t';
      case Character.SURROGATE -> false;
      default ->
          (c & 0xFFFE) != 0xFFFE && !(c >= 0x202A && c <= 0x202E) && !(c >= 0x2066 && c <= 0x2069);
    };
  }
}
