package org.lastref.link;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;
import org.lastref.link.LineExchange.Ended;

/**
 * A courier over a board's console, where it takes the terminal from the shell until it is closed:
 * meanwhile no command can run there. What gets lost or garbled on the way is sent or asked for
 * again, and no request is ever done twice.
 *
 * <p>The agent is a command of that shell, which says when it has ended.
 */
public final class LineCourier implements Courier {

  private static final Duration TAKE_OVER_TRY = Duration.ofMillis(1500);
  private static final int TAKE_OVER_TRIES = 10;
  private static final Duration QUIT_LIMIT = Duration.ofSeconds(3);

  private static final int COMMAND_NOT_FOUND = 127;
  private static final byte CONTROL_C = 3;
  private static final byte CONTROL_U = 21;
  private static final byte CONTROL_BACKSLASH = 28;

  private final Console console;
  private final String board;
  private final LineSender sender;
  private final String session = freshSession();
  private int calls;
  private int mended;

  /** Why nothing more will come; empty while something may. */
  private String end = "";

  /** Whether the shell has the terminal. */
  private boolean released;

  private LineCourier(Console console, String board) {
    this.console = console;
    this.board = board;
    sender = new LineSender(console);
  }

  /**
   * Starts the agent in the shell that waits on a console.
   *
   * @param board its name, for messages
   * @throws LabFault if there is no agent on the board, or none answers
   */
  public static LineCourier over(Console console, String board) {
    LineCourier courier = new LineCourier(console, board);
    courier.takeOver();
    return courier;
  }

  private void takeOver() {
    Request start = new Request(List.of("lastref-agent", "console"), new byte[0]);
    try {
      for (int i = 0; i < TAKE_OVER_TRIES; i++) {
        LineExchange greeting = exchange(0, null, new Answer(board, start, piece -> {}));
        sender.send(startLine());
        if (greeting.await(TAKE_OVER_TRY) != null) {
          return;
        }
        // Nothing but noise to an agent, while a shell forgets what it has of a line.
        sender.slowDown();
        console.write(new byte[] {CONTROL_C, CONTROL_U});
        console.awaitSilence(TAKE_OVER_TRY);
      }
    } catch (Ended e) {
      released = true;
      throw notStarted(
          e.exitCode() == COMMAND_NOT_FOUND
              ? "the board has none; build the image again"
              : e.why());
    } catch (Unusable e) {
      close();
      throw notStarted(e.why());
    }
    close();
    throw notStarted(
        "it did not greet within %d s"
            .formatted(TAKE_OVER_TRY.multipliedBy(2 * TAKE_OVER_TRIES).toSeconds()));
  }

  /** However the agent ends, the terminal becomes what it was. */
  private String startLine() {
    return ("_t=$(stty -g); lastref-agent console; _r=$?; stty $_t;"
            + " printf '\\n<%%s ended %%d>\\n' %s $_r\n")
        .formatted(session);
  }

  private LabFault notStarted(String why) {
    return new LabFault(
        "%s: the agent did not start on %s: %s.%s"
            .formatted(board, console.name(), why, console.lastLines()));
  }

  @Override
  public synchronized Reply call(
      List<String> words, byte[] content, Consumer<Piece> pieces, Duration limit) {
    Request request = new Request(words, content);
    if (!end.isEmpty()) {
      throw new LabFault("%s: cannot ask the agent for %s: %s".formatted(board, request, end));
    }
    Answer answer = new Answer(board, request, pieces);
    LineExchange exchange = exchange(++calls, request, answer);
    try {
      exchange.send();
      Reply reply = exchange.await(limit);
      if (reply != null) {
        return reply;
      }
      throw failed(
          request,
          answer,
          "nothing came from the agent for %.1f s".formatted(limit.toMillis() / 1000.0),
          null);
    } catch (Unusable e) {
      throw failed(request, answer, e.why(), e);
    } catch (Ended e) {
      released = true;
      throw failed(request, answer, e.why(), e);
    } finally {
      mended += exchange.mended();
    }
  }

  private LineExchange exchange(int id, @Nullable Request request, Answer answer) {
    return new LineExchange(console, sender, session, id, request, answer);
  }

  private LabFault failed(Request request, Answer answer, String why, @Nullable Exception because) {
    end = why + ". Take the board's shell anew, or restart it";
    return new LabFault(
        "%s: %s on %s: %s; %s.%s"
            .formatted(board, request, console.name(), end, answer.soFar(), console.lastLines()),
        because);
  }

  @Override
  public synchronized int mended() {
    return mended;
  }

  /** Of the console: the kernel's lines are in it. */
  @Override
  public Shell.Traffic traffic() {
    return console.traffic();
  }

  /**
   * Ends the agent, by force if need be, and waits a few seconds for it.
   *
   * @return whether the shell has its terminal again
   */
  public synchronized boolean release() {
    boolean asked = end.isEmpty();
    end = "it was closed";
    try {
      if (!released && !console.gone()) {
        released = (asked && quits()) || isKilled();
      }
    } catch (LabFault e) {
      return false; // the line is gone
    }
    return released;
  }

  private boolean quits() {
    Console.Mark before = console.mark();
    Request quit = new Request(List.of("quit"), new byte[0]);
    LineExchange exchange = exchange(++calls, quit, new Answer(board, quit, piece -> {}));
    try {
      exchange.send();
      return exchange.await(QUIT_LIMIT) != null && ends(before);
    } catch (Ended e) {
      return true;
    } catch (Unusable e) {
      return false;
    }
  }

  private boolean isKilled() {
    Console.Mark before = console.mark();
    console.write(new byte[] {CONTROL_BACKSLASH});
    return ends(before);
  }

  private boolean ends(Console.Mark since) {
    Pattern said = Pattern.compile("<" + session + " ended \\d+>\\n");
    return console.find(said, since, QUIT_LIMIT, "the agent's end") != null;
  }

  @Override
  public void close() {
    release();
  }

  private static String freshSession() {
    byte[] bytes = new byte[3];
    new SecureRandom().nextBytes(bytes);
    return "a" + HexFormat.of().formatHex(bytes);
  }
}
