package org.lastref.link;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The text that goes to a board's shell. The shell is given functions once; a call of {@code _lr}
 * runs words and wraps what they write in markers that carry the call's id:
 *
 * <pre>
 *   &lt;ID&lt;output&gt;ID code sum code&gt;
 * </pre>
 *
 * What is sent never has a marker in it, so no echo can be taken for a reply.
 */
final class Framing {

  /** How much of an output is asked for again at once, in bytes. */
  static final int BLOCK = 256;

  /** Up to this many characters a call is checked by being sent twice, which costs no process. */
  private static final int TWICE = 160;

  /** The longest piece of a call, in characters; short, since a bad one is sent again. */
  private static final int PIECE = 250;

  /** What md5sum says beyond {@link Md5#SHORT}, as a pattern of the shell's. */
  private static final String REST = "?".repeat(32 - Md5.SHORT) + "  -";

  private static final Pattern PLAIN_WORD = Pattern.compile("[A-Za-z0-9%+,./:=@_-]+");
  private static final Pattern NEEDS_NO_QUOTES = Pattern.compile("[A-Za-z0-9%+,./:=@_-]*");

  private Framing() {}

  /**
   * The functions for a terminal, where characters get lost or changed and the kernel writes in
   * between.
   *
   * <p>{@code _lr ID PAYLOAD CHECK} runs a payload if the check, a copy or the MD5 of the id and
   * it, says that it arrived whole, and if this is not the id it ran last; so a call that is sent
   * again never runs again. Its output is kept in a file until the next, and sent in one go with
   * its SHA-256 (or {@code empty}, which spares two processes), so what it writes to its standard
   * error comes before the frame. SIGINT is ignored meanwhile: Control-C only ever clears the line
   * that is being read. Of the last call, {@code _lq} tells id, exit code, size and SHA-256, {@code
   * _ls} the MD5 of some blocks, {@code _lb} gives one. {@code _ll} runs a payload that came in
   * pieces.
   */
  private static String definition() {
    return String.join(
        "\n",
        "PS1= PS2= TERM=dumb; export TERM; unset ENV HISTFILE; ulimit -c 0 2>/dev/null",
        // One name a terminal, so that what earlier sessions left is written over.
        "for _d in /run /dev/shm /tmp; do [ -d $_d ] && [ -w $_d ] && break; done",
        "_f=$_d/lastref$(tty | tr / _) _i= _r=; : >$_f",
        "_lr() { trap '' INT; if [ \"$1 $2\" = \"$3\" ] ||"
            + " [ \"$(printf %s \"$1 $2\" | md5sum)\" = \"$3  -\" ]; then",
        "if [ $1 != \"$_i\" ]; then _i=$1 _r= _w=$2;"
            + " case $2 in *\\\\*) _w=$(printf %b \"$2\");; esac",
        "( eval \"set -- $_w\"; \"$@\" ) </dev/null >$_f; _r=$?; fi",
        "_s='empty -'; printf '\\n<%s<' $_i; if [ -s $_f ]; then"
            + (" head -c " + (Frame.MAX_OUTPUT + 1) + " $_f; _s=$(sha256sum <$_f); fi"),
        "printf '>%s %s %s %s %s>\\n' $_i $_r $_s $_r",
        "else printf '\\n<%s<>%s lost empty - lost>\\n' \"$1\" \"$1\"; fi; trap - INT; }",
        "_ll() { _w= _k=0; while [ $_k -lt $2 ]; do eval \"_w=\\$_w\\$_p$_k\"; _k=$((_k+1)); done;"
            + " _lr \"$1\" \"$_w\" \"$3\"; }",
        "_lt() { printf '\\n<%s<%s>%s 0 %s 0>\\n' $1 \"$2\" $1 \"$(printf %s \"$2\" | md5sum)\"; }",
        "_lq() { _lt $1 \"${_i:--} ${_r:--} $(wc -c <$_f) $(sha256sum <$_f)\"; }",
        "_ld() { dd if=$_f bs=" + BLOCK + " skip=$1 count=1 2>/dev/null; }",
        "_ls() { _t=\"$2 $3\" _k=$2; while [ $_k -lt $3 ]; do _w=$(_ld $_k | md5sum);"
            + (" _t=\"$_t ${_w%" + REST + "}\"; _k=$((_k+1)); done; _lt $1 \"$_t\"; }"),
        "_lb() { printf '\\n<%s<' $1; _ld $2; printf '>%s 0 %s 0>\\n' $1 \"$(_ld $2 | md5sum)\"; }",
        "");
  }

  /** The functions as {@code printf %b} takes them between single quotes, in pieces. */
  static List<String> definitionInPieces() {
    return pieces(
        definition().replace("\\", "\\0134").replace("'", "\\0047").replace("\n", "\\0012"));
  }

  /** The lines that run a call on a terminal; all but the last are pieces of {@link #pieces}. */
  static List<String> call(String id, String payload) {
    if (payload.length() <= TWICE) {
      return List.of("_lr %s '%s' '%s %s'".formatted(id, payload, id, payload));
    }
    String sum = Md5.of(id + " " + payload);
    if (payload.length() <= PIECE) {
      return List.of("_lr %s '%s' '%s'".formatted(id, payload, sum));
    }
    List<String> lines = new ArrayList<>();
    List<String> pieces = pieces(payload);
    for (int i = 0; i < pieces.size(); i++) {
      lines.add(piece(i, pieces.get(i)));
    }
    lines.add("_ll %s %d '%s'".formatted(id, pieces.size(), sum));
    return lines;
  }

  /** A text in pieces that go over one by one. */
  static List<String> pieces(String text) {
    List<String> pieces = new ArrayList<>();
    for (int i = 0; i < text.length(); i += PIECE) {
      pieces.add(text.substring(i, Math.min(i + PIECE, text.length())));
    }
    return pieces;
  }

  /** The line that brings a piece. */
  static String piece(int number, String piece) {
    boolean bare = NEEDS_NO_QUOTES.matcher(piece).matches();
    return "_p" + number + "=" + (bare ? piece : "'" + piece + "'");
  }

  /** The line that asks for the check sums of pieces, a line each: number and MD5. */
  static String askForPieces(String id, List<Integer> numbers) {
    String list = numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
    return ("printf '\\n<%%s<\\n' %s; for _k in %s; do eval \"_w=\\$_p$_k\";"
            + " _w=$(printf %%s \"$_w\" | md5sum); echo $_k:${_w%%%s}.; done; printf '>%%s \\n' %s")
        .formatted(id, list, REST, id);
  }

  /** The line that runs the pieces as a program of the shell's own, if they are all there. */
  static String evaluate(List<String> pieces) {
    StringBuilder all = new StringBuilder("_w=");
    for (int i = 0; i < pieces.size(); i++) {
      all.append("$_p").append(i);
    }
    String sum = Md5.of(String.join("", pieces));
    return all
        + "; [ \"$(printf %%s \"$_w\" | md5sum)\" = '%s  -' ] && eval \"$(printf %%b \"$_w\")\""
            .formatted(sum);
  }

  /**
   * A command as a terminal carries it best: words that need it in quotes, then as {@code printf
   * %b} takes it, so that nothing is left in it that means something to a shell. A character that
   * is lost or changed can then not set another one free.
   */
  static String payload(List<String> words) {
    return words.stream()
        .map(word -> PLAIN_WORD.matcher(word).matches() ? word : escaped(quoted(word)))
        .collect(Collectors.joining(" "));
  }

  private static String escaped(String text) {
    StringBuilder out = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b == ' ' || PLAIN_WORD.matcher(String.valueOf((char) b)).matches()) {
        out.append((char) b);
      } else {
        out.append("\\0%03o".formatted(b & 0xff));
      }
    }
    return out.toString();
  }

  static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }
}
