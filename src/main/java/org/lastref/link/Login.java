package org.lastref.link;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;

/**
 * Brings a console, from power on or from whatever it was left in, to root's shell: logs in, or
 * takes the shell that is there. A password is in no log, message or exception.
 */
public final class Login {

  /** A prompt is one when nothing follows it for so long; agetty throws away what comes sooner. */
  private static final Duration SETTLED = Duration.ofMillis(300);

  /** After so long without a prompt that is known, Enter is pressed. */
  private static final Duration IDLE = Duration.ofSeconds(2);

  private static final int PASSWORD_TRIES = 2;

  private static final Pattern USER_PROMPT = Pattern.compile("(?i)\\blogin: *$");
  private static final Pattern PASSWORD_PROMPT = Pattern.compile("(?i)\\bpassword[^\\n]{0,80}: *$");
  private static final Pattern REFUSED =
      Pattern.compile(
          "(?i)login incorrect|authentication failure|permission denied|maximum number of tries");
  private static final Pattern SHELL_PROMPT =
      Pattern.compile("[#$%>] *(\\x1b\\[[0-9;?]*[A-Za-z])*$");
  private static final Pattern SUDO_REFUSED =
      Pattern.compile(
          "(?i)[^\\n]*(not in the sudoers|may not run sudo|not allowed|sorry, try again|sudo: |sudo.*not found)[^\\n]*");

  private final Console console;
  private final String board;
  private final Account account;
  private final Duration limit;
  private final long deadline;
  private final String id = freshId();
  private final Pattern shell = Pattern.compile("<" + id + "<(\\d+)>");
  private Console.Mark from;
  private int passwords;
  private boolean userSent;

  private Login(Console console, String board, Account account, Duration limit) {
    this.console = console;
    this.board = board;
    this.account = account;
    this.limit = limit;
    this.deadline = System.nanoTime() + limit.toNanos();
    this.from = console.mark();
  }

  /**
   * Waits for a login prompt, answers it, and becomes root if asked to. A shell that is there
   * already is taken as it is, whoever's it is.
   *
   * @param board for messages
   * @param limit for all of it, booting included
   * @throws LabFault if there is no root shell in the end: what was seen and what to do
   */
  public static void toRootShell(Console console, String board, Account account, Duration limit) {
    new Login(console, board, account, limit).run();
  }

  private void run() {
    long user = toShell();
    if (user == 0) {
      return;
    }
    if (!account.sudo()) {
      throw new LabFault(
          ("%s: the shell on %s belongs to user %d, but root's is needed. Log in as root, or set"
                  + " sudo: true in the board's login.")
              .formatted(board, console.name(), user));
    }
    becomeRoot();
  }

  /** The id of the user whose shell it is. */
  private long toShell() {
    int nudges = 0;
    String before = "";
    while (true) {
      String seen = settled(nudges == 0 ? SETTLED : IDLE);
      Matcher answer = shell.matcher(seen);
      if (answer.find()) {
        return Long.parseLong(answer.group(1));
      }
      if (passwords > 0 && REFUSED.matcher(seen).find()) {
        refused();
      }
      boolean silent = seen.isBlank() || seen.equals(before);
      before = seen;
      if (USER_PROMPT.matcher(seen).find()) {
        say(account.user());
        userSent = true;
      } else if (PASSWORD_PROMPT.matcher(seen).find()) {
        password(seen);
      } else if (SHELL_PROMPT.matcher(seen).find() || (silent && nudges > 1)) {
        // What prints nothing for Enter may be a shell whose prompt and echo are off.
        probe();
        nudges = 1;
        continue;
      } else if (silent) {
        say("");
      }
      nudges = silent ? nudges + 1 : 1;
    }
  }

  private void password(String seen) {
    if (!userSent) {
      say(""); // someone else's attempt
      return;
    }
    if (passwords == PASSWORD_TRIES) {
      refused();
    }
    passwords++;
    userSent = false;
    sendPassword(
        "asks for a password" + (seen.contains("sudo") ? " for sudo" : "") + ", but there is none");
  }

  private void refused() {
    // Once more: the line may have changed it.
    if (passwords < PASSWORD_TRIES) {
      return;
    }
    throw new LabFault(
        ("%s: %s does not let %s log in: the password was refused %d times. Check user and password"
                + " of the board's login.")
            .formatted(board, console.name(), account.user(), passwords));
  }

  private void becomeRoot() {
    String prompt = "<" + id + " password>";
    // In two parts, so that the echo is no prompt.
    say("exec sudo -S -p '<'\"" + id + " password>\" sh");
    boolean given = false;
    while (true) {
      String seen = settled(IDLE);
      Matcher answer = shell.matcher(seen);
      if (answer.find() && answer.group(1).equals("0")) {
        return;
      }
      Matcher no = SUDO_REFUSED.matcher(seen);
      if (no.find() || USER_PROMPT.matcher(seen).find() || (given && seen.contains(prompt))) {
        throw new LabFault(
            ("%s: sudo on %s does not make %s root%s. Let it in the board's sudoers, or log in as"
                    + " root.")
                .formatted(
                    board,
                    console.name(),
                    account.user(),
                    no.reset().find() ? ": " + shown(no.group()) : ""));
      }
      if (seen.contains(prompt)) {
        given = true;
        sendPassword("asks for a password for sudo, but there is none");
      } else {
        probe();
      }
    }
  }

  private void sendPassword(String problem) {
    Supplier<char[]> password = account.password();
    if (password == null) {
      throw new LabFault(
          "%s: %s %s in the board's login.".formatted(board, console.name(), problem));
    }
    char[] secret = password.get();
    ByteBuffer encoded = ByteBuffer.allocate(4 * secret.length + 1);
    StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(secret), encoded, true);
    int length = encoded.position();
    encoded.put((byte) '\n');
    from = console.mark();
    console.hide(Arrays.copyOf(encoded.array(), length));
    console.writePaced(Arrays.copyOf(encoded.array(), length + 1));
    Arrays.fill(secret, '\0');
    Arrays.fill(encoded.array(), (byte) 0);
  }

  private void probe() {
    say("echo \"<\"\"" + id + "<$(id -u)>\"");
  }

  private void say(String line) {
    from = console.mark();
    console.writePaced((line + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  /** What came since something was said last, once nothing more comes; or nothing for so long. */
  private String settled(Duration idle) {
    Console.Mark at = from;
    StringBuilder text = new StringBuilder();
    long end = System.nanoTime() + idle.toNanos();
    while (true) {
      long now = System.nanoTime();
      if (now > deadline) {
        throw new LabFault(
            "%s: no shell on %s within %.1f s.%s Check that the board boots, and its login."
                .formatted(board, console.name(), limit.toMillis() / 1000.0, console.lastLines()));
      }
      byte[] more = console.next(at, Math.min(end, deadline), "a login prompt or a shell");
      if (more.length == 0) {
        return text.toString();
      }
      text.append(new String(more, StandardCharsets.ISO_8859_1));
      text.delete(0, Math.max(0, text.length() - 4096));
      at = new Console.Mark(at.position() + more.length);
      end = System.nanoTime() + SETTLED.toNanos();
    }
  }

  private static String shown(String text) {
    byte[] bytes = text.strip().getBytes(StandardCharsets.ISO_8859_1);
    return Printable.line(bytes, 0, Math.min(bytes.length, 200));
  }

  private static String freshId() {
    byte[] bytes = new byte[3];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /**
   * Who logs in.
   *
   * @param user printable ASCII
   * @param password gives a fresh copy, which is wiped once sent; null if none is needed
   * @param sudo whether to become root by it
   */
  public record Account(String user, @Nullable Supplier<char[]> password, boolean sudo) {}
}
