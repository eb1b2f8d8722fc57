package org.lastref.link;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Takes kernel messages out of what came over a serial console.
 *
 * <p>The kernel sends a whole record at once but at any time, so it lands in the middle of a line
 * of a command's output. Its end is told by the carriage return that {@code uart_console_write}
 * (Linux 6.1, {@code drivers/tty/serial/serial_core.c}) puts before each newline, which a command's
 * output has not, since the terminal's {@code onlcr} is off; its beginning by the time stamp of
 * {@code printk.time=1}.
 */
public final class KernelLines {

  private static final Pattern STAMP = Pattern.compile("\\[ *\\d+\\.\\d{6}\\](\\[ *[TC]\\d+\\])? ");

  private static final String MESSAGES = "(?:" + STAMP.pattern() + "[^\\r\\n]*\\r?\\n)*+";

  /** What follows the last newline: whose it is cannot be told yet. */
  private final StringBuilder unfinished = new StringBuilder();

  KernelLines() {}

  /** A regular expression of what finds a text, kernel messages in the middle of it or not. */
  public static String around(String text) {
    return text.chars()
        .mapToObj(letter -> Pattern.quote(Character.toString(letter)))
        .collect(Collectors.joining(MESSAGES));
  }

  /** Takes the next piece of the stream, gives what is no kernel message up to the last newline. */
  String without(String piece) {
    int known = unfinished.length();
    unfinished.append(piece);
    StringBuilder out = new StringBuilder();
    int from = 0;
    int newline = unfinished.indexOf("\n", known);
    while (newline >= 0) {
      String line = unfinished.substring(from, newline + 1);
      out.append(line, 0, line.endsWith("\r\n") ? endOfOthers(line) : line.length());
      from = newline + 1;
      newline = unfinished.indexOf("\n", from);
    }
    unfinished.delete(0, from);
    return out.toString();
  }

  /** How many characters since the last newline are kept. */
  int held() {
    return unfinished.length();
  }

  /** Where the kernel message at the end of a line begins; the line's length if there is none. */
  private static int endOfOthers(String line) {
    Matcher stamps = STAMP.matcher(line);
    int end = line.length();
    // The last one: what was interrupted may be an old kernel message from dmesg.
    while (stamps.find()) {
      end = stamps.start();
    }
    return end;
  }
}
