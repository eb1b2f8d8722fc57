package org.lastref.link;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The text that is sent for a command. The board's shell is given a function {@code _lr} once; a
 * call of it runs the words and wraps what they write in markers that carry the call's id:
 *
 * <pre>
 *   &lt;ID&lt;output&gt;ID code sum -&gt;
 * </pre>
 *
 * The words' text never has a marker in it, so no echo can be taken for a reply.
 */
enum Framing {
  /**
   * For a terminal, where characters get lost and the kernel writes in between. The output is kept
   * in a file until the command has ended, then sent in one go with its SHA-256 (or {@code empty},
   * which spares two processes on the board), so what the command writes to its standard error
   * comes before the frame and stays in the console's log.
   */
  CHECKED {
    @Override
    List<String> definition(String session) {
      return List.of(
          "PS1= PS2= TERM=dumb; export TERM; unset ENV HISTFILE",
          // One name a terminal, so that what earlier sessions left is written over.
          "for _d in /run /dev/shm /tmp; do [ -d $_d ] && [ -w $_d ] && break; done",
          "_f=$_d/lastref$(tty | tr / _)",
          "_lr() { _i=$1 _n=$2 _m=$3; shift 3; _w=\"$*\";"
              + " if [ ${#_w} != $_n ] && [ ${#_w} != $_m ]; then"
              + " printf '\\n<%s<>%s lost ->\\n' $_i $_i; return; fi;"
              + " ( \"$@\" ) </dev/null >$_f; _r=$? _s='empty -'; printf '\\n<%s<' $_i;"
              + (" if [ -s $_f ]; then head -c " + (Frame.MAX_OUTPUT + 1) + " $_f;")
              + " _s=$(sha256sum <$_f); fi; printf '>%s %s %s %s>\\n' $_i $_r $_s; }");
    }

    @Override
    List<String> call(String id, List<String> words) {
      return terminalLines(invocation(id, words));
    }
  },

  /**
   * For a channel that is reliable and the shell's alone, such as SSH without a terminal: the
   * output streams through.
   */
  PLAIN {
    @Override
    List<String> definition(String session) {
      return List.of(
          "export TERM=dumb LASTREF_SHELL=" + session,
          "_lr() { _i=$1; shift 3; printf '\\n<%s<' $_i; ( \"$@\" ) </dev/null;"
              + " printf '>%s %s ->\\n' $_i $?; }");
    }

    @Override
    List<String> call(String id, List<String> words) {
      return List.of(invocation(id, words));
    }
  };

  /** A terminal takes 4,095 bytes a line, and a quote in a piece grows fourfold. */
  private static final int PIECE = 800;

  /** The lines that prepare a shell. */
  abstract List<String> definition(String session);

  /** The lines that run a command, printable ASCII only. */
  abstract List<String> call(String id, List<String> words);

  /** The length of the words goes along, in bytes and in characters, to see when some got lost. */
  private static String invocation(String id, List<String> words) {
    String all = String.join(" ", words);
    StringBuilder text = new StringBuilder();
    StringBuilder arguments = new StringBuilder();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.chars().allMatch(c -> c >= ' ' && c <= '~')) {
        arguments.append(' ').append(quoted(word));
      } else {
        // The substitution takes newlines from the end, so an x is put there and taken off.
        text.append("_%d=$(printf '%s'); ".formatted(i, octal(word + "x")));
        arguments.append(" \"${_%d%%x}\"".formatted(i));
      }
    }
    return text.append("_lr ")
        .append(id)
        .append(' ')
        .append(all.getBytes(StandardCharsets.UTF_8).length)
        .append(' ')
        .append(all.codePointCount(0, all.length()))
        .append(arguments)
        .toString();
  }

  static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  private static String octal(String word) {
    StringBuilder out = new StringBuilder();
    for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
      out.append("\\%03o".formatted(b & 0xff));
    }
    return out.toString();
  }

  private static List<String> terminalLines(String command) {
    if (command.length() <= PIECE) {
      return List.of(command);
    }
    List<String> lines = new ArrayList<>(List.of("_c="));
    for (int i = 0; i < command.length(); i += PIECE) {
      lines.add("_c=$_c" + quoted(command.substring(i, Math.min(i + PIECE, command.length()))));
    }
    lines.add("eval \"$_c\"");
    return lines;
  }
}
