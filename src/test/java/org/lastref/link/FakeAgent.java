package org.lastref.link;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.NullUnmarked;
import org.lastref.link.Request.Part;

/**
 * An agent as the protocol has it, with requests for tests: {@code echo WORD...} says its words and
 * the sum of its content, {@code records CYCLES BYTES SEED}, {@code refuse}, {@code silent}, {@code
 * die} and {@code quit}.
 */
@NullUnmarked
final class FakeAgent {

  private static final Pattern START =
      Pattern.compile("lastref-agent console; .*ended %d>\\\\n' (\\w+) ");
  private static final int REPLY_PIECE = 240;

  private final InputStream in;
  private final OutputStream out;

  /** What was done, in order. */
  final List<String> done = new CopyOnWriteArrayList<>();

  /** How many kernel lines come into a reply over a console, each at any place. */
  final AtomicInteger kernelLines = new AtomicInteger();

  private final Random random = new Random(11);
  private boolean over;

  FakeAgent(InputStream in, OutputStream out) {
    this.in = in;
    this.out = out;
  }

  /** Serves frames until the end of the stream. */
  static FakeAgent frames(InputStream in, OutputStream out) {
    FakeAgent agent = new FakeAgent(in, out);
    start(agent::serveFrames);
    return agent;
  }

  /** Serves a console, where it is started by a shell's command line. */
  static FakeAgent console(InputStream in, OutputStream out) {
    FakeAgent agent = new FakeAgent(in, out);
    start(agent::serveConsole);
    return agent;
  }

  private static void start(Serving serving) {
    Thread thread =
        new Thread(
            () -> {
              try {
                serving.serve();
              } catch (IOException e) {
                // The other side is gone.
              }
            },
            "fake agent");
    thread.setDaemon(true);
    thread.start();
  }

  private interface Serving {
    void serve() throws IOException;
  }

  static byte[] records(int bytes, long seed) {
    byte[] records = new byte[bytes];
    new Random(seed).nextBytes(records);
    return records;
  }

  static byte[] result(String... words) {
    return (String.join("\0", words) + "\0").getBytes(UTF_8);
  }

  private List<Part> reply(List<String> words, byte[] content) {
    done.add(words.get(0));
    List<Part> parts = new ArrayList<>();
    switch (words.get(0)) {
      case "echo" -> {
        List<String> said = new ArrayList<>(List.of("ok"));
        said.addAll(words.subList(1, words.size()));
        said.add(Sha256.of(content));
        parts.add(new Part('R', result(said.toArray(String[]::new))));
      }
      case "records" -> {
        int cycles = Integer.parseInt(words.get(1));
        for (int i = 0; i < cycles; i++) {
          byte[] all = records(Integer.parseInt(words.get(2)), Long.parseLong(words.get(3)) + i);
          for (int from = 0; from < all.length; from += 1000) {
            parts.add(
                new Part('D', Arrays.copyOfRange(all, from, Math.min(from + 1000, all.length))));
          }
          parts.add(new Part('C', ("apply " + i + "\n").getBytes(UTF_8)));
        }
        parts.add(new Part('R', result("ok")));
      }
      case "refuse" -> parts.add(new Part('R', result("error", "no such module: x")));
      case "silent" -> {}
      case "die" -> over = true;
      case "quit" -> {
        over = true;
        parts.add(new Part('R', result("ok")));
      }
      default -> parts.add(new Part('R', result("ok")));
    }
    return parts;
  }

  private static Part greeting() {
    return new Part('R', result("ok", "lastref-agent 1", "6.1.0"));
  }

  private static List<String> words(byte[] bytes) {
    return List.of(new String(bytes, UTF_8).split("\0", -1)).stream()
        .filter(word -> !word.isEmpty())
        .toList();
  }

  private void serveFrames() throws IOException {
    AgentFrames frames = new AgentFrames();
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    byte[] buffer = new byte[4096];
    out.write(new AgentFrame(0, greeting()).encoded());
    out.flush();
    for (int count = in.read(buffer); count >= 0 && !over; count = in.read(buffer)) {
      frames.add(buffer, count);
      try {
        for (AgentFrame frame = frames.next(); frame != null; frame = frames.next()) {
          content.write(frame.part().kind() == 'F' ? frame.part().bytes() : new byte[0]);
          if (frame.part().kind() == 'Q') {
            for (Part part : reply(words(frame.part().bytes()), content.toByteArray())) {
              out.write(new AgentFrame(frame.id(), part).encoded());
              out.flush();
            }
            content.reset();
          }
        }
      } catch (Unusable e) {
        throw new IOException(e);
      }
      if (over) {
        out.close();
        return;
      }
    }
  }

  // Of a console.
  private boolean started;
  private String session;
  private final Map<Integer, byte[]> coming = new TreeMap<>();
  private int comingId;
  private int comingCount;
  private int last;
  private boolean busy;
  private byte[] answer = {};

  private void serveConsole() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next != '\n') {
        line.append((char) next);
        continue;
      }
      take(line.toString());
      line.setLength(0);
    }
  }

  private void take(String line) throws IOException {
    Matcher start = START.matcher(line);
    if (!started && start.find()) {
      session = start.group(1);
      started = true;
      over = false;
      last = 0;
      keep(List.of(greeting()));
      sayAll();
    } else if (started && line.lastIndexOf('>') > line.lastIndexOf('?')) {
      String[] words = CheckedLine.words(line.substring(line.lastIndexOf('>') + 1));
      if (words != null) {
        piece(Integer.parseInt(words[0]), words[1].split("/", -1), words[2]);
      }
    } else if (started && line.indexOf('?') >= 0) {
      String[] words = CheckedLine.words(line.substring(line.lastIndexOf('?') + 1));
      if (words != null) {
        asked(Integer.parseInt(words[0]), words);
      }
    }
  }

  private void piece(int id, String[] place, String base64) throws IOException {
    if (id == last) {
      return;
    }
    if (id != comingId) {
      coming.clear();
      comingId = id;
      comingCount = Integer.parseInt(place[1]);
    }
    coming.put(Integer.parseInt(place[0]), Base64.getDecoder().decode(base64));
    if (coming.size() == comingCount) {
      last = id;
      ByteArrayOutputStream words = new ByteArrayOutputStream();
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      for (byte[] each : coming.values()) {
        (each[0] == 'F' ? content : words).write(each, 1, each.length - 1);
      }
      List<Part> parts = reply(words(words.toByteArray()), content.toByteArray());
      busy = parts.isEmpty();
      if (!busy) {
        keep(parts);
        sayAll();
      }
      if (over) {
        started = false;
        out.write(("\n<" + session + " ended " + (busy ? 139 : 0) + ">\n").getBytes(ISO_8859_1));
        out.flush();
      }
    }
  }

  private void asked(int id, String[] words) throws IOException {
    if (id == last && busy) {
      say(id + " ? busy");
    } else if (id == last && words.length == 1) {
      sayEnd();
    } else if (id == last) {
      for (String number : words[1].split(",", -1)) {
        sayPiece(Integer.parseInt(number));
      }
    } else {
      List<String> missing = new ArrayList<>();
      for (int i = 0; id == comingId && i < comingCount && missing.size() < 30; i++) {
        if (!coming.containsKey(i)) {
          missing.add("" + i);
        }
      }
      say(id + " ? unknown" + (missing.isEmpty() ? "" : " missing " + String.join(",", missing)));
    }
  }

  private void keep(List<Part> parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Part part : parts) {
      all.write(part.kind());
      all.writeBytes(
          ByteBuffer.allocate(4)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putInt(part.bytes().length)
              .array());
      all.writeBytes(part.bytes());
    }
    answer = all.toByteArray();
  }

  private int pieces() {
    return (answer.length + REPLY_PIECE - 1) / REPLY_PIECE;
  }

  private void sayAll() throws IOException {
    for (int i = 0; i < pieces(); i++) {
      sayPiece(i);
    }
    sayEnd();
  }

  private void sayPiece(int number) throws IOException {
    int from = number * REPLY_PIECE;
    byte[] piece = Arrays.copyOfRange(answer, from, Math.min(from + REPLY_PIECE, answer.length));
    say(last + " " + number + " " + Base64.getEncoder().encodeToString(piece));
  }

  private void sayEnd() throws IOException {
    say("%d . %d %08x".formatted(last, pieces(), AgentFrame.crc(answer, 0, answer.length)));
  }

  private void say(String words) throws IOException {
    String line = "\n" + CheckedLine.of('<', words);
    if (kernelLines.get() > 0 && random.nextInt(3) == 0) {
      kernelLines.decrementAndGet();
      int at = random.nextInt(line.length());
      line =
          line.substring(0, at)
              + "[   12.345678] OF: ERROR: memory leak, expected refcount 1 <instead> of 2\r\n"
              + line.substring(at);
    }
    try {
      out.write(line.getBytes(ISO_8859_1));
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
