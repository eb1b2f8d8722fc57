package org.lastref.report;

import java.util.List;

/** Head and tail of a text that is too long to keep whole. */
final class Excerpt {

  /** Characters kept at either end of a headline. */
  static final int HEADLINE = 250;

  /** The same of a detail, or of the console, of a try before the last. */
  static final int TRY = 5_000;

  private static final int PASSING = 300;
  private static final int OTHERS = 20_000;

  private Excerpt() {}

  static int around(Status status) {
    return status == Status.PASSED ? PASSING : OTHERS;
  }

  /**
   * Jenkins keeps 500 characters at either end of the output of a case that passed or was skipped,
   * 50,000 of any other's.
   */
  static int keptByJenkins(Status status) {
    return status == Status.PASSED || status == Status.SKIPPED ? 500 : 50_000;
  }

  static List<String> of(List<String> lines, int around) {
    var whole = String.join("\n", lines);
    return whole.length() <= 2 * around ? lines : of(whole, around).lines().toList();
  }

  /** At most {@code around} characters of either end, whole lines where they are short enough. */
  static String of(String whole, int around) {
    if (whole.length() <= 2 * around) {
      return whole;
    }
    int head = around;
    int newline = whole.lastIndexOf('\n', head);
    if (newline >= around / 2) {
      head = newline;
    } else if (Character.isHighSurrogate(whole.charAt(head - 1))) {
      head--;
    }
    int tail = whole.length() - around;
    newline = whole.indexOf('\n', tail - 1);
    if (newline >= 0 && newline < tail + around / 2) {
      tail = newline + 1;
    } else if (Character.isLowSurrogate(whole.charAt(tail))) {
      tail++;
    }
    var note = "[... " + (tail - head) + " characters left out ...]";
    var glue = whole.indexOf('\n') < 0 ? " " : "\n";
    return whole.substring(0, head) + glue + note + glue + whole.substring(tail);
  }
}
