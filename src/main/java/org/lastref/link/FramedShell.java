package org.lastref.link;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.lastref.fault.LabFault;

/**
 * A shell in which each command is one round trip: its text goes out with a fresh id, its output
 * comes back between markers with that id and its exit code, see {@link Framing}. On a console,
 * what gets lost or garbled on the way is sent or asked for again, and no command ever runs twice.
 *
 * <p>Commands run in a subshell without input, so {@code cd} or {@code exit} do not outlive them. A
 * command that leaves a process behind must redirect that process's output. After a command that
 * did not end in time, at most 10 s more are spent on getting the shell back.
 */
public final class FramedShell implements Shell {

  private static final Duration START_LIMIT = Duration.ofSeconds(5);
  private static final int ATTEMPTS = 3;

  private final Console console;
  private final String name;
  private final Calls calls;
  private final Runnable onClose;
  private String dead = "";

  private FramedShell(Console console, String name, Calls calls, Runnable onClose) {
    this.console = console;
    this.name = name;
    this.calls = calls;
    this.onClose = onClose;
  }

  /**
   * Takes over a POSIX shell that waits for input on a console: turns echo and newline translation
   * off, then checks that commands come back whole. The shell must have the console as its
   * controlling terminal, or a command that hangs cannot be interrupted; commands ignore SIGINT.
   * Closing the shell leaves the console open.
   *
   * @param name the board, for messages
   * @throws LabFault if no shell answers
   */
  public static FramedShell onConsole(Console console, String name) {
    return new FramedShell(
        console, name, new ConsoleCalls(console, name, freshSession()), () -> {});
  }

  /** Takes over a shell that reads from a channel of its own; closes the console in the end. */
  static FramedShell onChannel(Console console, String name, PlainCalls.Interrupt interrupt) {
    String session = freshSession();
    FramedShell shell =
        new FramedShell(console, name, new PlainCalls(console, session, interrupt), console::close);
    Reply reply = shell.run(List.of("echo", session), START_LIMIT);
    if (!reply.equals(new Reply(0, session + "\n"))) {
      throw new LabFault(
          name + ": the shell on " + console.name() + " is no POSIX shell: " + reply);
    }
    return shell;
  }

  @Override
  public synchronized Reply run(List<String> words, Duration limit) {
    if (words.isEmpty() || words.stream().anyMatch(word -> word.indexOf('\0') >= 0)) {
      throw new IllegalArgumentException("a command has words, and no NUL in them: " + words);
    }
    if (!dead.isEmpty()) {
      throw new LabFault(name + ": cannot run " + Printable.words(words) + ": " + dead);
    }
    String problem;
    try {
      Reply reply = calls.call(words, Printable.words(words), System.nanoTime() + limit.toNanos());
      if (reply != null) {
        return reply;
      }
      problem = "gave no reply within " + limit.toMillis() / 1000.0 + " s on " + console.name();
    } catch (Frame.Garbled e) {
      throw new LabFault(
          "%s: the reply to %s on %s is garbled: %s. Check the cable and the rate, or use SSH.%s"
              .formatted(
                  name,
                  Printable.words(words),
                  console.name(),
                  e.getMessage(),
                  console.lastLines()),
          e);
    } catch (Calls.Flood e) {
      problem = "wrote more than " + (Frame.MAX_OUTPUT >> 20) + " MiB on " + console.name();
    }
    String seen = console.lastLines();
    String now = recover() ? ". It was stopped; the shell answers again." : "; " + dead;
    throw new LabFault(name + ": " + Printable.words(words) + " " + problem + now + seen);
  }

  @Override
  public synchronized void upload(byte[] content, String path) {
    new Upload(this, name).send(content, path);
  }

  @Override
  public Traffic traffic() {
    return console.traffic();
  }

  @Override
  public boolean gone() {
    return console.gone();
  }

  /** How often something had to be sent or asked for again, since it got lost or garbled. */
  public int mended() {
    return calls.mended();
  }

  @Override
  public void close() {
    onClose.run();
  }

  /** Ends the command that runs and waits for the shell to answer again. */
  private boolean recover() {
    try {
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        calls.interrupt(attempt);
        if (calls.answers()) {
          return true;
        }
      }
      dead = "the shell on " + console.name() + " does not answer since a command hung.";
    } catch (LabFault e) {
      dead = console.name() + " was lost after a command hung.";
    }
    dead += " Restart the board.";
    return false;
  }

  private static String freshSession() {
    byte[] bytes = new byte[3];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
