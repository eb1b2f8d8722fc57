package org.lastref.link;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.lastref.link.Courier.Reply;
import org.lastref.link.Request.Part;

/**
 * One request and its reply over a console, on which anything may get lost or changed either way
 * and the kernel writes in between.
 *
 * <p>Both travel in numbered pieces, each with a check sum; only what did not arrive goes again.
 * The agent does a request once it has all of it, and never again. When nothing comes for a while
 * it is asked how the request stands; that question may wait behind what it does, whose reply then
 * comes first.
 */
final class LineExchange {

  /** Nothing for so long beyond the time on the line, and the agent is asked. */
  private static final Duration QUIET = Duration.ofSeconds(1);

  /** An agent that works long is asked less and less often. */
  private static final Duration MOST_QUIET = Duration.ofSeconds(16);

  /** How often one thing is tried; where 0.1 % of all bytes get lost, five times do. */
  private static final int TRIES = 20;

  /** A piece of a request, its kind included, in bytes: short, since a bad one goes again. */
  private static final int PIECE = 180;

  /** No line is as long, in characters. */
  private static final int MOST_HELD = 64 << 10;

  /** So many pieces are asked for at once. */
  private static final int WINDOW = 32;

  private final Console console;
  private final LineSender sender;
  private final String session;
  private final int id;
  private final Answer answer;
  private final List<String> lines = new ArrayList<>();
  private KernelLines kernel = new KernelLines();

  /** A line of the agent's that the kernel came into, and whose rest has not come. */
  private final StringBuilder begun = new StringBuilder();

  private final LineReply reply = new LineReply();

  /** The pieces that were asked for and have not come. */
  private final Set<Integer> asked = new HashSet<>();

  private Console.Mark from;
  private Duration quiet = QUIET;
  private long heard;
  private long progress;
  private int tries;
  private int mended;

  /**
   * @param session what the shell says when the agent ends begins with this
   * @param request null if the agent speaks first
   */
  LineExchange(
      Console console,
      LineSender sender,
      String session,
      int id,
      @Nullable Request request,
      Answer answer) {
    this.console = console;
    this.sender = sender;
    this.session = session;
    this.id = id;
    this.answer = answer;
    from = console.mark();
    if (request != null) {
      List<Part> parts = request.parts(PIECE - 1);
      for (int i = 0; i < parts.size(); i++) {
        lines.add(line(i, parts.size(), parts.get(i)));
      }
    }
  }

  private String line(int number, int count, Part part) {
    byte[] piece = new byte[1 + part.bytes().length];
    piece[0] = (byte) part.kind();
    System.arraycopy(part.bytes(), 0, piece, 1, part.bytes().length);
    return CheckedLine.of(
        '>', id + " " + number + "/" + count + " " + Base64.getEncoder().encodeToString(piece));
  }

  /** Sends the request. */
  void send() {
    sender.send(String.join("", lines));
  }

  /**
   * Waits for the reply.
   *
   * @param limit how long nothing of it may come
   * @return null if nothing came for so long
   * @throws Ended if the agent has
   */
  @Nullable Reply await(Duration limit) throws Unusable, Ended {
    heard = System.nanoTime();
    progress = Math.max(heard, sender.allSent());
    while (true) {
      long due = Math.max(heard, sender.allSent()) + quiet.toNanos();
      long end = progress + limit.toNanos();
      byte[] bytes = console.next(from, Math.min(due, end), "the agent's reply");
      from = new Console.Mark(from.position() + bytes.length);
      if (bytes.length > 0) {
        Reply whole = take(kernel.without(new String(bytes, StandardCharsets.ISO_8859_1)));
        if (whole != null) {
          return whole;
        }
        if (kernel.held() + begun.length() > MOST_HELD) {
          kernel = new KernelLines(); // noise without a newline
          begun.setLength(0);
        }
      }
      long now = System.nanoTime();
      if (now >= progress + limit.toNanos()) {
        return null;
      }
      if (now >= Math.max(heard, sender.allSent()) + quiet.toNanos()) {
        ask();
        heard = now;
        quiet = quiet.compareTo(MOST_QUIET) < 0 ? quiet.multipliedBy(2) : quiet;
      }
    }
  }

  /** How often something had to be sent or asked for again. */
  int mended() {
    return mended;
  }

  private @Nullable Reply take(String text) throws Unusable, Ended {
    begun.append(text);
    int whole = begun.lastIndexOf("\n") + 1;
    // Each line of the agent's begins so; newlines may be lost.
    List<String> rests = List.of(begun.substring(0, whole).split("<", -1));
    begun.delete(0, whole);
    for (String rest : rests.subList(1, rests.size())) {
      int end = rest.indexOf('\n');
      String line = end < 0 ? rest : rest.substring(0, end);
      Ended.check(session, line);
      String[] words = CheckedLine.words(line);
      if (words != null && words.length >= 3 && words[0].equals("" + id)) {
        heard = System.nanoTime();
        Reply said = take(words);
        if (said != null) {
          return said;
        }
      }
    }
    return null;
  }

  private @Nullable Reply take(String[] words) throws Unusable {
    switch (words[1]) {
      case "." -> {
        ended(number(words[2]));
        return null;
      }
      case "?" -> {
        stand(words);
        return null;
      }
      default -> {
        return piece(number(words[1]), bytes(words[2]));
      }
    }
  }

  private void ended(int count) throws Unusable {
    boolean known = reply.ended();
    reply.end(count);
    if (reply.missing(1).isEmpty()) {
      throw new Unusable("the reply ended without saying what came of the request");
    }
    // What was asked for may be on its way.
    if (!known || asked.isEmpty()) {
      ask();
    }
  }

  private @Nullable Reply piece(int number, byte[] bytes) throws Unusable {
    List<Part> parts = reply.add(number, bytes);
    if (parts == null) {
      return null;
    }
    progress = heard;
    quiet = QUIET;
    tries = 0;
    for (Part part : parts) {
      Reply whole = answer.take(part);
      if (whole != null) {
        return whole;
      }
    }
    if (asked.remove(number) && asked.isEmpty()) {
      ask();
    }
    return null;
  }

  /** Asks for what is missing of a reply that has ended, or else how the request stands. */
  private void ask() throws Unusable {
    asked.clear();
    asked.addAll(reply.missing(WINDOW));
    if (asked.isEmpty()) {
      sender.send(CheckedLine.of('?', "" + id));
      return;
    }
    mended++;
    tried("the same %d pieces of the reply".formatted(asked.size()));
    String numbers = asked.stream().sorted().map(String::valueOf).collect(Collectors.joining(","));
    sender.send(CheckedLine.of('?', id + " " + numbers));
  }

  /** The agent has not got all of the request: sends what it lacks. */
  private void stand(String[] words) throws Unusable {
    if (words[2].equals("busy")) {
      return;
    }
    List<Integer> lacking = lacking(words);
    if (lacking.isEmpty()) {
      return;
    }
    mended++;
    tried("the request");
    sender.slowDown();
    sender.send(
        lacking.stream().map(lines::get).collect(Collectors.joining())
            + CheckedLine.of('?', "" + id));
    quiet = QUIET;
    progress = Math.max(System.nanoTime(), sender.allSent()); // it was not there to be done
  }

  /** All of it if the agent knows nothing of it. */
  private List<Integer> lacking(String[] words) throws Unusable {
    if (!words[words.length - 2].equals("missing")) {
      return IntStream.range(0, lines.size()).boxed().toList();
    }
    List<Integer> lacking = new ArrayList<>();
    for (String word : words[words.length - 1].split(",", -1)) {
      int number = number(word);
      if (number >= lines.size()) {
        throw new Unusable("the agent lacks a piece of the request that there is not: " + word);
      }
      lacking.add(number);
    }
    return lacking;
  }

  private static int number(String word) throws Unusable {
    try {
      return Integer.parseUnsignedInt(word);
    } catch (NumberFormatException e) {
      throw new Unusable("the agent wrote " + Printable.text(word, 40) + " for a number");
    }
  }

  private static byte[] bytes(String word) throws Unusable {
    try {
      return Base64.getDecoder().decode(word);
    } catch (IllegalArgumentException e) {
      throw new Unusable("the agent wrote a piece that is not in base 64");
    }
  }

  private void tried(String what) throws Unusable {
    if (++tries > TRIES) {
      throw new Unusable(
          "%s got lost or came garbled %d times. Check the cable and the rate, or use SSH"
              .formatted(what, TRIES));
    }
  }

  /** The agent is no more. */
  static final class Ended extends Exception {

    private static final Pattern SAID = Pattern.compile("(\\w+) ended (\\d{1,3})>");

    private final int exitCode;

    private Ended(int exitCode) {
      this.exitCode = exitCode;
    }

    int exitCode() {
      return exitCode;
    }

    /** For a message. */
    String why() {
      return "the agent ended with exit code " + exitCode;
    }

    private static void check(String session, String line) throws Ended {
      Matcher said = SAID.matcher(line);
      if (said.matches() && said.group(1).equals(session)) {
        throw new Ended(Integer.parseInt(said.group(2)));
      }
    }
  }
}
