package org.lastref.link;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** Lines of a courier and an agent on a console: a mark, words, and the check sum of these. */
final class CheckedLine {

  private static final Pattern CHECKED = Pattern.compile("(.* )([0-9a-f]{8})\\s*");

  private CheckedLine() {}

  /**
   * A line with its newline.
   *
   * @param words with a blank between each two
   */
  static String of(char mark, String words) {
    return mark + words + " " + crc((words + " ").getBytes(StandardCharsets.US_ASCII)) + "\n";
  }

  /**
   * Checks a line without its mark.
   *
   * @return its words, null if it is garbled
   */
  static String @Nullable [] words(String line) {
    Matcher checked = CHECKED.matcher(line);
    return checked.matches()
            && crc(checked.group(1).getBytes(StandardCharsets.ISO_8859_1)).equals(checked.group(2))
        ? checked.group(1).strip().split(" ", -1)
        : null;
  }

  private static String crc(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }
}
