package org.lastref.verify;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text of the unittest's {@code EXPECT}: literal but for {@code <<int>>}, {@code <<hex>>} and
 * {@code <<all>>}.
 */
record ExpectedText(String text) {

  private static final Pattern SPECIAL = Pattern.compile("<<(int|hex|all)>>");
  private static final Pattern INT = Pattern.compile("[+-]*+[0-9]++");
  private static final Pattern HEX = Pattern.compile("(?:0x)*+[0-9a-f]++");

  /** Whether a line begins with it. */
  boolean begins(String line) {
    Matcher special = SPECIAL.matcher(text);
    int from = 0;
    int at = 0;
    while (special.find()) {
      String literal = text.substring(from, special.start());
      if (!line.startsWith(literal, at)) {
        return false;
      }
      at += literal.length();
      if (special.group(1).equals("all")) {
        return true;
      }
      Matcher value = (special.group(1).equals("int") ? INT : HEX).matcher(line);
      if (!value.region(at, line.length()).lookingAt()) {
        return false;
      }
      at = value.end();
      from = special.end();
    }
    return line.startsWith(text.substring(from), at);
  }
}
