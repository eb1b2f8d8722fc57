package org.lastref.link;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Collects the reply to one call, as {@link Framing} has it, from a stream of bytes. */
final class Frame {

  /** The largest output of a command, in bytes. */
  static final int MAX_OUTPUT = 8 << 20;

  /** What may come beside the output: the kernel's messages. */
  private static final int MAX_OTHER = 1 << 20;

  /** Checked: the exit code comes twice, as no sum covers it. */
  private static final Pattern CHECKED_TRAILER =
      Pattern.compile("(\\d{1,3}|lost) ([0-9a-f]{32}|[0-9a-f]{64}|empty) +- (\\w+)>\n");

  private static final Pattern PLAIN_TRAILER = Pattern.compile("(\\d{1,3}) ->\n");

  private final boolean checked;
  private final String begin;
  private final String end;
  private final KernelLines kernelLines = new KernelLines();

  // A char a byte, as ISO 8859-1. Without CHECKED they are the same.
  private final StringBuilder raw = new StringBuilder();
  private final StringBuilder clean;
  private int searched;
  private boolean begun;
  private byte[] whole = {};

  private Frame(String id, boolean checked) {
    this.checked = checked;
    this.begin = "<" + id + "<";
    this.end = ">" + id + " ";
    this.clean = checked ? new StringBuilder() : raw;
  }

  /** For a terminal, see {@link Framing#definition}. */
  static Frame checked(String id) {
    return new Frame(id, true);
  }

  /** For a channel that is reliable and the shell's alone. */
  static Frame plain(String id) {
    return new Frame(id, false);
  }

  /** Whether more came than a reply can have, so that its end is not worth waiting for. */
  boolean tooLong() {
    return raw.length() > MAX_OUTPUT + MAX_OTHER;
  }

  /**
   * Takes the next bytes.
   *
   * @return the reply once it is complete
   * @throws Garbled if it is complete and wrong
   */
  Shell.@Nullable Reply add(byte[] bytes) throws Garbled {
    String piece = new String(bytes, StandardCharsets.ISO_8859_1);
    raw.append(piece);
    if (checked) {
      clean.append(kernelLines.without(piece));
    }
    begun = begun || clean.indexOf(begin, Math.max(0, searched - begin.length())) >= 0;
    int endAt = clean.indexOf(end, searched);
    if (endAt < 0) {
      searched = Math.max(0, clean.length() - end.length());
      return null;
    }
    searched = endAt;
    int newline = clean.indexOf("\n", endAt);
    return newline < 0 ? null : reply(endAt, newline + 1);
  }

  /** Whether the reply has begun to come. */
  boolean begun() {
    return begun;
  }

  /** What came of the output, damaged as it may be. */
  byte[] damaged() {
    int beginAt = clean.indexOf(begin);
    int endAt = clean.indexOf(end);
    int from = beginAt < 0 ? 0 : beginAt + begin.length();
    return clean
        .substring(from, endAt < from ? clean.length() : endAt)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private Shell.Reply reply(int endAt, int after) throws Garbled {
    Matcher trailer =
        (checked ? CHECKED_TRAILER : PLAIN_TRAILER)
            .matcher(clean)
            .region(endAt + end.length(), after);
    if (!trailer.matches() || (checked && !trailer.group(1).equals(trailer.group(3)))) {
      throw new Garbled("its end could not be read, or the board has no sha256sum");
    }
    if (trailer.group(1).equals("lost")) {
      throw new Lost();
    }
    byte[] output = output(clean, endAt);
    if (output.length > MAX_OUTPUT) {
      throw new Hopeless("it is longer than " + (MAX_OUTPUT >> 20) + " MiB");
    }
    if (checked && !isRight(output, trailer.group(2))) {
      // What looked like kernel messages may have been the output's own.
      output = output(raw, raw.lastIndexOf(end));
      if (!isRight(output, trailer.group(2))) {
        throw new Garbled("its sum differs from the board's");
      }
    }
    whole = output;
    return new Shell.Reply(
        Integer.parseInt(trailer.group(1)), new String(output, StandardCharsets.UTF_8));
  }

  /** The output of a complete reply. */
  byte[] output() {
    return whole;
  }

  private byte[] output(StringBuilder text, int endAt) throws Garbled {
    int beginAt = text.indexOf(begin);
    if (beginAt < 0 || beginAt + begin.length() > endAt) {
      throw new Garbled("its beginning is missing");
    }
    return text.substring(beginAt + begin.length(), endAt).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static boolean isRight(byte[] output, String sum) {
    return switch (sum.length()) {
      case 64 -> Sha256.of(output).equals(sum);
      case 32 -> Md5.of(output, 0, output.length).equals(sum);
      default -> output.length == 0;
    };
  }

  /** A reply that came but cannot be trusted; the message says why. */
  static class Garbled extends Exception {
    Garbled(String why) {
      super(why);
    }
  }

  /** The call did not arrive whole, so it did not run. */
  static final class Lost extends Garbled {
    Lost() {
      super("characters of the command got lost on the way to the board; it did not run");
    }
  }

  /** Nothing that is sent again makes it better. */
  static final class Hopeless extends Garbled {
    Hopeless(String why) {
      super(why);
    }
  }
}
