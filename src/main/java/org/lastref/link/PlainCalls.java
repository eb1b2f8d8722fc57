package org.lastref.link;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Calls over a channel that is reliable and the shell's alone, such as SSH without a terminal: the
 * output streams through, and nothing is ever asked for twice.
 */
final class PlainCalls implements Calls {

  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(3);

  private final Console console;
  private final String session;
  private final Interrupt interrupt;
  private int calls;

  PlainCalls(Console console, String session, Interrupt interrupt) {
    this.console = console;
    this.session = session;
    this.interrupt = interrupt;
    send(
        "export TERM=dumb LASTREF_SHELL="
            + session
            + "\n_lr() { _i=$1; shift; printf '\\n<%s<' $_i; ( \"$@\" ) </dev/null;"
            + " printf '>%s %s ->\\n' $_i $?; }");
  }

  @Override
  public Shell.@Nullable Reply call(List<String> words, String shown, long deadline)
      throws Frame.Garbled, Flood {
    String id = session + "." + ++calls;
    Frame frame = Frame.plain(id);
    Console.Mark from = console.mark();
    send(
        "_lr "
            + id
            + words.stream().map(word -> " " + Framing.quoted(word)).collect(Collectors.joining()));
    while (true) {
      byte[] bytes = console.next(from, deadline, "the reply to " + shown);
      if (bytes.length == 0) {
        return null;
      }
      Shell.Reply reply = frame.add(bytes);
      if (reply != null) {
        return reply;
      }
      if (frame.tooLong()) {
        throw new Flood();
      }
      from = new Console.Mark(from.position() + bytes.length);
    }
  }

  @Override
  public void interrupt(int attempt) {
    interrupt.send(session, attempt);
  }

  @Override
  public boolean answers() {
    try {
      long deadline = System.nanoTime() + ANSWER_LIMIT.toNanos();
      return call(List.of("true"), "`true`", deadline) != null;
    } catch (Frame.Garbled | Flood e) {
      return false; // what the command had written may still be on its way
    }
  }

  private void send(String text) {
    console.write((text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Stops the command that runs in a session. */
  interface Interrupt {
    void send(String session, int attempt);
  }
}
