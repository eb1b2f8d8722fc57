package org.lastref.link;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;

/**
 * Calls over a terminal, on which anything may get lost, doubled or changed either way.
 *
 * <p>A call that did not arrive whole does not run and is sent again, in pieces of which only the
 * bad ones go again; one that ran never runs again: its reply is asked for in blocks, of which only
 * the bad ones come again. When nothing comes for a while, the board is asked what it ran last;
 * that question waits behind a command that still runs, whose reply then comes first.
 */
final class ConsoleCalls implements Calls {

  private static final Duration TAKE_OVER_TRY = Duration.ofMillis(1500);
  private static final int TAKE_OVER_TRIES = 10;

  /** Nothing for so long beyond the time on the line, and the board is asked. */
  private static final Duration QUIET = Duration.ofSeconds(1);

  /** A command that runs long is asked about less and less often. */
  private static final Duration MOST_QUIET = Duration.ofSeconds(16);

  /** How often one thing is tried; where 0.1 % of all bytes get lost, five times do. */
  private static final int TRIES = 20;

  /** So many blocks are summed up in one answer. */
  private static final int WINDOW = 32;

  private static final byte CONTROL_C = 3;
  private static final byte CONTROL_U = 21;
  private static final byte CONTROL_BACKSLASH = 28;
  private static final String GONE = "gone";
  private static final int TIMES_GONE = 3;
  private static final Pattern PIECE_SUM = Pattern.compile("(\\d+):([0-9a-f]+)\\.");

  private final Console console;
  private final String name;
  private final String session;
  private int calls;
  private int lost;
  private int garbled;
  private boolean paced;

  /** When the line has carried what was written, in {@link System#nanoTime}. */
  private long allSent = System.nanoTime();

  /** Takes over the shell that waits on a console. */
  ConsoleCalls(Console console, String name, String session) {
    this.console = console;
    this.name = name;
    this.session = session;
    takeOver();
  }

  @Override
  public int mended() {
    return lost + garbled;
  }

  @Override
  public Shell.@Nullable Reply call(List<String> words, String shown, long deadline)
      throws Frame.Garbled, Flood {
    String payload = Framing.payload(words);
    String id = freshId();
    List<String> lines = Framing.call(id, payload);
    Ear ear = new Ear("the reply to " + shown, id);
    send(lines);
    int sent = 1;
    int gone = 0;
    long end = deadline;
    Duration quiet = QUIET;
    while (true) {
      boolean ran = true;
      try {
        Shell.Reply reply = ear.listen(end, quiet);
        if (reply != null) {
          return reply;
        }
        if (ear.answer != null) {
          List<String> last = List.of(ear.answer.split(" +", -1));
          if (last.get(0).equals(id)) {
            return fetched(last, ear.own.damaged());
          }
          ran = last.get(0).equals(GONE);
          // Not at once: it is also said of a question whose first word was changed on the way.
          if (ran && ++gone == TIMES_GONE) {
            takeOver();
            throw new Frame.Hopeless(
                "the shell there is another one now; whether it ran is unknown");
          }
        } else if (System.nanoTime() >= end) {
          return null;
        }
        quiet = quiet.compareTo(MOST_QUIET) < 0 ? quiet.multipliedBy(2) : quiet;
      } catch (Frame.Lost e) {
        ran = false;
      } catch (Frame.Hopeless e) {
        throw e;
      } catch (Frame.Garbled e) {
        garbled++;
        // It has ended, so what it wrote is there to be had.
        end = Math.max(end, System.nanoTime() + MOST_QUIET.toNanos());
      }
      if (ran) {
        resynchronise();
        ear.ask(freshId());
      } else {
        lost++;
        if (sent++ == TRIES) {
          throw new Frame.Hopeless(
              "the command itself arrived garbled " + TRIES + " times, so it did not run");
        }
        quiet = QUIET;
        ear = new Ear("the reply to " + shown, id);
        sendAgain(lines, payload);
      }
    }
  }

  @Override
  public void interrupt(int attempt) {
    // Commands ignore Control-C.
    console.write(new byte[] {CONTROL_BACKSLASH});
  }

  @Override
  public boolean answers() {
    try {
      return !isGone(ask("_lq", "", 3, QUIET));
    } catch (Frame.Garbled e) {
      return false;
    }
  }

  /** The reply to the last call, of which only what is damaged is brought over again. */
  private Shell.Reply fetched(List<String> last, byte[] damaged) throws Frame.Garbled {
    if (last.get(1).equals("-")) {
      throw new Frame.Hopeless("it was broken off");
    }
    int size = Integer.parseInt(last.get(2));
    if (size > Frame.MAX_OUTPUT) {
      throw new Frame.Hopeless("it is longer than " + (Frame.MAX_OUTPUT >> 20) + " MiB");
    }
    Blocks blocks = new Blocks(size, damaged);
    for (int from = 0; from < blocks.count(); from += WINDOW) {
      int to = Math.min(from + WINDOW, blocks.count());
      for (int block : blocks.missing(from, to, sums(from, to))) {
        int tries = 0;
        while (!blocks.accept(block, ask("_lb", "" + block, TRIES, MOST_QUIET))) {
          garbled++;
          if (++tries == TRIES) {
            throw new Frame.Hopeless(
                "block %d of it came garbled %d times".formatted(block, tries));
          }
        }
      }
    }
    byte[] output = blocks.bytes();
    if (!Sha256.of(output).equals(last.get(3))) {
      throw new Frame.Hopeless("it was put together from blocks, but its SHA-256 is wrong");
    }
    return new Shell.Reply(
        Integer.parseInt(last.get(1)), new String(output, StandardCharsets.UTF_8));
  }

  /** The question itself may arrive changed: the answer repeats it. */
  private String sums(int from, int to) throws Frame.Garbled {
    String asked = from + " " + to;
    for (int i = 0; i < TRIES; i++) {
      String sums = new String(ask("_ls", asked, TRIES, MOST_QUIET), StandardCharsets.US_ASCII);
      if (sums.startsWith(asked + " ")) {
        return sums;
      }
      garbled++;
    }
    throw new Frame.Hopeless("the question for its blocks arrived garbled " + TRIES + " times");
  }

  private static boolean isGone(byte[] answer) {
    return new String(answer, StandardCharsets.US_ASCII).equals(GONE);
  }

  /**
   * Asks something that may be asked any number of times.
   *
   * @param patience what an answer may take in the end, beyond the time on the line: a slow board
   *     takes seconds to sum up many blocks
   * @return the answer
   */
  private byte[] ask(String function, String arguments, int tries, Duration patience)
      throws Frame.Garbled {
    Duration quiet = QUIET;
    for (int i = 0; i < tries; i++) {
      String id = freshId();
      Ear ear = new Ear("an answer of the shell", id);
      send(List.of(question(function, id, arguments)));
      try {
        if (ear.listen(Long.MAX_VALUE, quiet) != null) {
          return ear.own.output();
        }
        resynchronise();
        quiet = quiet.compareTo(patience) < 0 ? quiet.multipliedBy(2) : quiet;
      } catch (Frame.Garbled | Flood e) {
        paced = true;
      }
      garbled++;
    }
    throw new Frame.Hopeless("the shell gave no whole answer in " + tries + " tries");
  }

  /** A shell that does not know the function says that what knew it is gone. */
  private static String question(String function, String id, String arguments) {
    return "%s %s %s 2>/dev/null || printf '\\n<%%s<%s>%%s 0 %s - 0>\\n' %s %s"
        .formatted(function, id, arguments, GONE, Md5.of(GONE), id, id);
  }

  private void sendAgain(List<String> lines, String payload) throws Frame.Garbled {
    paced = true;
    if (lines.size() > 1) {
      mendPieces(Framing.pieces(payload));
    }
    send(lines.subList(lines.size() - 1, lines.size()));
  }

  /** Has the board say which pieces it has, and sends those again that it has not. */
  private void mendPieces(List<String> pieces) throws Frame.Garbled {
    List<Integer> bad = new ArrayList<>(IntStream.range(0, pieces.size()).boxed().toList());
    for (int i = 0; i < 2 * TRIES; i++) {
      String id = freshId();
      Console.Mark from = console.mark();
      send(List.of(Framing.askForPieces(id, bad)));
      Pattern end = Pattern.compile(">" + id + " ");
      long begun = Math.max(0, allSent - System.nanoTime());
      Duration limit = QUIET.plus(onTheWay(bad.size() * 20)).plusNanos(begun);
      if (console.find(end, from, limit, "the sums of a command's pieces") == null) {
        resynchronise();
      }
      Matcher sums = PIECE_SUM.matcher(String.join(" ", console.lines(from)));
      while (sums.find()) {
        Integer number = Integer.valueOf(sums.group(1));
        if (bad.contains(number) && sums.group(2).equals(Md5.beginning(pieces.get(number)))) {
          bad.remove(number);
        }
      }
      if (bad.isEmpty()) {
        return;
      }
      lost += bad.size();
      send(bad.stream().map(number -> Framing.piece(number, pieces.get(number))).toList());
    }
    throw new Frame.Hopeless("pieces of the command arrived garbled " + 2 * TRIES + " times");
  }

  /** Takes away what is on the shell's line, an open quote too; a command that runs is spared. */
  private void resynchronise() {
    paced = true;
    Console.Mark from = console.mark();
    console.write(new byte[] {CONTROL_C, CONTROL_U});
    // What follows too soon goes with it. No board need be silent, so not for ever.
    long end = System.nanoTime() + Duration.ofMillis(500).toNanos();
    byte[] more = new byte[1];
    while (more.length > 0 && System.nanoTime() < end) {
      long soon = System.nanoTime() + Duration.ofMillis(30).toNanos();
      more = console.next(from, soon, "the shell to take Control-C");
      from = new Console.Mark(from.position() + more.length);
    }
  }

  private void takeOver() {
    quietTerminal();
    List<String> definition = Framing.definitionInPieces();
    try {
      send(
          IntStream.range(0, definition.size())
              .mapToObj(number -> Framing.piece(number, definition.get(number)))
              .toList());
      mendPieces(definition);
      for (int i = 0; i < TRIES; i++) {
        send(List.of(Framing.evaluate(definition)));
        if (!isGone(ask("_lq", "", TRIES, QUIET))) {
          return;
        }
      }
    } catch (Frame.Garbled e) {
      throw noShell("what answers there is no POSIX shell with dd, head, md5sum and sha256sum", e);
    }
    throw noShell("the shell does not take Lastref's functions", null);
  }

  private LabFault noShell(String why, @Nullable Exception cause) {
    return new LabFault(
        "%s: %s: %s.%s".formatted(name, console.name(), why, console.lastLines()), cause);
  }

  private void quietTerminal() {
    for (int attempt = 0; attempt < TAKE_OVER_TRIES; attempt++) {
      String id = freshId();
      Console.Mark from = console.mark();
      // Control-U takes away what someone may have left on the line. A fresh shell knows nothing of
      // the old one's line editing, history and prompt. No key but Control-C and Control-\ does
      // anything, so that no changed byte ends or stops the shell, and they throw nothing away.
      send(
          List.of(
              "\u0015",
              "stty sane -echo -onlcr -ixon cols 200; stty noflsh eof undef susp undef 2>/dev/null;"
                  + " printf '<%s<\\n' "
                  + id
                  + "; exec sh"));
      Pattern marker = Pattern.compile("<" + id + "<");
      if (console.find(marker, from, TAKE_OVER_TRY, "a shell to answer") != null) {
        return;
      }
      // What an earlier run has left in front of the shell, such as an agent.
      console.write(new byte[] {CONTROL_BACKSLASH});
      resynchronise();
    }
    throw new LabFault(
        "%s: no shell answered on %s within %d s. Check that the board has booted to a shell.%s"
            .formatted(
                name,
                console.name(),
                TAKE_OVER_TRY.multipliedBy(TAKE_OVER_TRIES).toSeconds(),
                console.lastLines()));
  }

  private void send(List<String> lines) {
    byte[] text = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.US_ASCII);
    if (paced) {
      console.writePaced(text);
    } else {
      console.write(text);
      allSent = Math.max(allSent, System.nanoTime()) + onTheWay(text.length).toNanos();
    }
  }

  private Duration onTheWay(int bytes) {
    return Duration.ofNanos(bytes * console.nanosAByte());
  }

  private String freshId() {
    calls++;
    return session + "." + Integer.toString(calls, Character.MAX_RADIX);
  }

  /** Listens for the reply to a call, and for the answer to a question about it. */
  private final class Ear {

    private final String what;
    private final Frame own;
    private boolean broken;
    private @Nullable Frame question;
    private @Nullable String answer;
    private Console.Mark from = console.mark();
    private long heard;

    Ear(String what, String id) {
      this.what = what;
      this.own = Frame.checked(id);
      this.heard = System.nanoTime();
    }

    void ask(String id) {
      question = Frame.checked(id);
      send(List.of(question("_lq", id, "")));
      heard = System.nanoTime();
    }

    /** Null if there is an answer, a useless answer, or neither for so long. */
    Shell.@Nullable Reply listen(long end, Duration quiet) throws Frame.Garbled, Flood {
      while (true) {
        long due = Math.max(heard, allSent) + quiet.toNanos();
        byte[] bytes = console.next(from, Math.min(end, due), what);
        if (bytes.length == 0) {
          return null;
        }
        from = new Console.Mark(from.position() + bytes.length);
        if (!broken) {
          try {
            Shell.Reply reply = own.add(bytes);
            if (reply != null) {
              return reply;
            }
          } catch (Frame.Garbled e) {
            broken = true;
            throw e;
          }
          if (own.tooLong()) {
            throw new Flood();
          }
        }
        if (question != null && answered(question, bytes)) {
          question = null;
          return null;
        }
        if (own.begun()) {
          heard = System.nanoTime();
        }
      }
    }

    private boolean answered(Frame asked, byte[] bytes) {
      try {
        Shell.Reply reply = asked.add(bytes);
        answer = reply == null ? null : reply.output();
        return reply != null;
      } catch (Frame.Garbled e) {
        garbled++;
        return true;
      }
    }
  }
}
