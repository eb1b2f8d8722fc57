package org.lastref.link;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;

/**
 * A shell in which each command is one round trip: its text goes out with a fresh id, its output
 * comes back between markers with that id and its exit code, see {@link Framing}.
 *
 * <p>Commands run in a subshell without input, so {@code cd} or {@code exit} do not outlive them. A
 * command that leaves a process behind must redirect that process's output. After a command that
 * did not end in time, at most 10 s more are spent on getting the shell back.
 */
public final class FramedShell implements Shell {

  private static final Duration START_LIMIT = Duration.ofSeconds(5);
  private static final Duration RECOVER_LIMIT = Duration.ofSeconds(3);
  private static final int ATTEMPTS = 3;

  private final Console console;
  private final String name;
  private final Framing framing;
  private final Interrupt interrupt;
  private final Runnable onClose;
  private final String session = HexFormat.of().formatHex(randomBytes());
  private int calls;
  private String dead = "";

  private FramedShell(
      Console console, String name, Framing framing, Interrupt interrupt, Runnable onClose) {
    this.console = console;
    this.name = name;
    this.framing = framing;
    this.interrupt = interrupt;
    this.onClose = onClose;
  }

  /**
   * Takes over a POSIX shell that waits for input on a console: turns echo and newline translation
   * off, then checks that commands come back whole. The shell must have the console as its
   * controlling terminal, or a command that hangs cannot be interrupted. Closing the shell leaves
   * the console open.
   *
   * @param name the board, for messages
   * @throws LabFault if no shell answers
   */
  public static FramedShell onConsole(Console console, String name) {
    Interrupt byKey =
        (session, attempt) -> console.write(new byte[] {(byte) (attempt < ATTEMPTS - 1 ? 3 : 28)});
    FramedShell shell = new FramedShell(console, name, Framing.CHECKED, byKey, () -> {});
    shell.quietTerminal();
    shell.define();
    return shell;
  }

  /** Takes over a shell that reads from a channel of its own; closes the console in the end. */
  static FramedShell onChannel(Console console, String name, Interrupt interrupt) {
    FramedShell shell = new FramedShell(console, name, Framing.PLAIN, interrupt, console::close);
    shell.define();
    return shell;
  }

  @Override
  public synchronized Reply run(List<String> words, Duration limit) {
    if (words.isEmpty() || words.stream().anyMatch(word -> word.indexOf('\0') >= 0)) {
      throw new IllegalArgumentException("a command has words, and no NUL in them: " + words);
    }
    if (!dead.isEmpty()) {
      throw new LabFault(name + ": cannot run " + shown(words) + ": " + dead);
    }
    String problem;
    try {
      Reply reply = exchange(words, limit);
      if (reply != null) {
        return reply;
      }
      problem = "gave no reply within " + limit.toMillis() / 1000.0 + " s on " + console.name();
    } catch (Frame.Garbled e) {
      throw new LabFault(
          "%s: the reply to %s on %s is garbled: %s. Check the cable and the rate, or use SSH.%s"
              .formatted(name, shown(words), console.name(), e.getMessage(), console.lastLines()),
          e);
    } catch (Flood e) {
      problem = "wrote more than " + (Frame.MAX_OUTPUT >> 20) + " MiB on " + console.name();
    }
    String seen = console.lastLines();
    String now = recover() ? ". It was stopped; the shell answers again." : "; " + dead;
    throw new LabFault(name + ": " + shown(words) + " " + problem + now + seen);
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
  public void close() {
    onClose.run();
  }

  /** Null if no reply came in time. */
  private @Nullable Reply exchange(List<String> words, Duration limit) throws Frame.Garbled, Flood {
    long deadline = System.nanoTime() + limit.toNanos();
    String id = freshId();
    Frame frame = new Frame(id, framing);
    Console.Mark from = console.mark();
    send(framing.call(id, words));
    while (true) {
      byte[] bytes = console.next(from, deadline, "the reply to " + shown(words));
      if (bytes.length == 0) {
        return null;
      }
      Reply reply = frame.add(bytes);
      if (reply != null) {
        return reply;
      }
      if (frame.tooLong()) {
        throw new Flood();
      }
      from = new Console.Mark(from.position() + bytes.length);
    }
  }

  /** Ends the command that runs and waits for the shell to answer again. */
  private boolean recover() {
    try {
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        interrupt.send(session, attempt);
        if (answers()) {
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

  private boolean answers() {
    try {
      return exchange(List.of("true"), RECOVER_LIMIT) != null;
    } catch (Frame.Garbled | Flood e) {
      return false; // what the command had written may still be on its way
    }
  }

  private void quietTerminal() {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      String id = freshId();
      Console.Mark from = console.mark();
      // Control-U takes away what someone may have left on the line. A fresh shell knows nothing of
      // the old one's line editing, history and prompt.
      send(
          List.of(
              "\u0015",
              "stty sane -echo -onlcr -ixon cols 200; printf '<%s<\\n' " + id + "; exec sh"));
      Pattern marker = Pattern.compile("<" + id + "<");
      if (console.find(marker, from, START_LIMIT, "a shell to answer") != null) {
        return;
      }
    }
    throw new LabFault(
        "%s: no shell answered on %s within %d s. Check that the board has booted to a shell.%s"
            .formatted(
                name, console.name(), ATTEMPTS * START_LIMIT.toSeconds(), console.lastLines()));
  }

  private void define() {
    send(framing.definition(session));
    Reply reply = run(List.of("echo", session), START_LIMIT);
    if (!reply.equals(new Reply(0, session + "\n"))) {
      throw new LabFault(
          name + ": the shell on " + console.name() + " is no POSIX shell: " + reply);
    }
  }

  private void send(List<String> lines) {
    String text = String.join("\n", lines) + "\n";
    console.write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private String freshId() {
    calls++;
    return session + "." + calls;
  }

  private static byte[] randomBytes() {
    byte[] bytes = new byte[6];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  /** A command for a message. */
  private static String shown(List<String> words) {
    String all = String.join(" ", words);
    byte[] bytes = all.substring(0, Math.min(all.length(), 120)).getBytes(StandardCharsets.UTF_8);
    return "`" + Printable.line(bytes, 0, bytes.length) + (all.length() > 120 ? "..." : "") + "`";
  }

  /** Stops the command that runs in a session; later attempts may use more force. */
  interface Interrupt {
    void send(String session, int attempt);
  }

  /** More came than a reply can have. */
  private static final class Flood extends Exception {}
}
