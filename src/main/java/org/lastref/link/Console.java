package org.lastref.link;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;

/**
 * Reads a line without ever stopping, until it is closed or the other side is gone, whoever waits
 * for what: each byte goes to the log, then to a bounded memory in which everything else looks.
 *
 * <p>Owns the line and the one thread that reads it. All methods may be called from any thread.
 */
public final class Console implements AutoCloseable {

  /** How far a consumer may fall behind, in bytes: twice the largest output of a command. */
  private static final int KEEP = 16 << 20;

  private static final int TAIL = 64 << 10;
  private static final int TAIL_COLUMNS = 300;

  /** The longest text a pattern can match when it comes in pieces, in bytes. */
  private static final int CARRY = 4096;

  /** A board that says nothing for so long has said all. */
  private static final Duration SILENCE = Duration.ofMillis(300);

  /** What a UART's FIFO holds, in bytes. */
  private static final int FIFO = 16;

  private static final long BITS_A_BYTE = 10;

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

  private final Line line;
  private final @Nullable ConsoleLog log;
  private final Thread reader;
  private final Hiding hiding = new Hiding();
  private final AtomicLong sent = new AtomicLong();

  /** Guards the fields below and tells of their changes. */
  private final Object change = new Object();

  private final Backlog backlog = new Backlog(KEEP);
  private boolean gone;
  private @Nullable Exception lineFailure;
  private @Nullable IOException logFailure;
  private volatile boolean closed;

  private Console(Line line, @Nullable ConsoleLog log) {
    this.line = line;
    this.log = log;
    this.reader = new Thread(this::readAll, "console " + line.name());
    reader.setDaemon(true);
  }

  /**
   * Starts to read a line, which the console closes in the end.
   *
   * @param log the file every byte goes to, appended to if it exists
   */
  public static Console attach(Line line, Path log) {
    Console console = new Console(line, ConsoleLog.open(log));
    console.reader.start();
    return console;
  }

  /** Starts to read a line that is worth no log. */
  static Console attach(Line line) {
    Console console = new Console(line, null);
    console.reader.start();
    return console;
  }

  /** The name of the line. */
  public String name() {
    return line.name();
  }

  /** A place in the stream: after everything that has been read so far. */
  public Mark mark() {
    synchronized (change) {
      return new Mark(backlog.end());
    }
  }

  /** The place where the line begins that is not complete yet, or where the next one will. */
  public Mark lineStart() {
    synchronized (change) {
      byte[] last = backlog.since(Math.max(backlog.start(), backlog.end() - CARRY));
      int begin = last.length;
      while (begin > 0 && last[begin - 1] != '\n') {
        begin--;
      }
      return new Mark(backlog.end() - last.length + begin);
    }
  }

  /** Whether the other side is gone, or the console closed: nothing more will be read. */
  public boolean gone() {
    synchronized (change) {
      return gone;
    }
  }

  /** Bytes sent and received so far. */
  public Shell.Traffic traffic() {
    synchronized (change) {
      return new Shell.Traffic(sent.get(), backlog.end());
    }
  }

  /**
   * Writes to the board.
   *
   * @throws LabFault if the other side does not take the bytes in time or is gone
   */
  public void write(byte[] bytes) {
    line.write(bytes);
    sent.addAndGet(bytes.length);
  }

  /**
   * Writes to the board no faster than half its rate, and never more at once than a UART holds.
   *
   * @throws LabFault as {@link #write}
   */
  void writePaced(byte[] bytes) {
    for (int from = 0; from < bytes.length; from += FIFO) {
      int to = Math.min(from + FIFO, bytes.length);
      long free = System.nanoTime() + 2L * (to - from) * nanosAByte();
      write(Arrays.copyOfRange(bytes, from, to));
      for (long left = free - System.nanoTime(); left > 0; left = free - System.nanoTime()) {
        LockSupport.parkNanos(left);
        if (Thread.currentThread().isInterrupted()) {
          throw new LabFault("Interrupted while writing to " + name() + ".");
        }
      }
    }
  }

  /** Sends a break, which starts a SysRq of the kernel where the line has such a thing. */
  public void sendBreak() {
    line.sendBreak();
  }

  /** From now on, what comes and is this goes nowhere, not even into the log, but as asterisks. */
  void hide(byte[] secret) {
    hiding.hide(secret);
  }

  /** A place at most so many bytes back. */
  Mark earlier(int bytes) {
    synchronized (change) {
      return new Mark(Math.max(backlog.start(), backlog.end() - bytes));
    }
  }

  /** How long a byte takes on the line. */
  long nanosAByte() {
    return BITS_A_BYTE * 1_000_000_000 / line.baud();
  }

  /**
   * Waits for text of the board, such as its login prompt.
   *
   * @param pattern what to find; it sees bytes as ISO 8859-1, and no more than 4 KiB at once of
   *     what comes in pieces
   * @param from where to start looking
   * @param what what is waited for, for the message, such as {@code the shell to be ready}
   * @throws LabFault if it does not come in time or the board is gone
   */
  public Match await(Pattern pattern, Mark from, Duration limit, String what) {
    Match match = find(pattern, from, limit, what);
    if (match == null) {
      throw new LabFault(
          "Waited %.1f s for %s on %s.%s"
              .formatted(limit.toMillis() / 1000.0, what, name(), lastLines()));
    }
    return match;
  }

  /** As {@link #await}, but nothing in time is null. */
  public @Nullable Match find(Pattern pattern, Mark from, Duration limit, String what) {
    long deadline = System.nanoTime() + limit.toNanos();
    StringBuilder text = new StringBuilder();
    long end = from.position();
    while (true) {
      byte[] more = next(new Mark(end), deadline, what);
      if (more.length == 0) {
        return null;
      }
      text.append(new String(more, StandardCharsets.ISO_8859_1));
      end += more.length;
      Matcher matcher = pattern.matcher(text);
      if (matcher.find()) {
        return new Match(matcher.group(), new Mark(end - text.length() + matcher.end()));
      }
      text.delete(0, Math.max(0, text.length() - CARRY));
    }
  }

  /**
   * Waits for bytes after a mark.
   *
   * @param deadline in {@link System#nanoTime}
   * @return all there are, or none if none came in time
   * @throws LabFault if none will ever come, or the log could not be written
   */
  byte[] next(Mark from, long deadline, String what) {
    synchronized (change) {
      // A monitor rather than polling: this wait is part of the round trip of every command.
      while (true) {
        byte[] bytes = since(from);
        if (bytes.length > 0) {
          return bytes;
        }
        if (gone) {
          throw new LabFault(
              name()
                  + (closed ? " was closed" : " went away")
                  + " while waiting for "
                  + what
                  + "."
                  + lastLines(),
              lineFailure);
        }
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return bytes;
        }
        try {
          TimeUnit.NANOSECONDS.timedWait(change, left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new LabFault("Interrupted while waiting for " + what + " on " + name() + ".", e);
        }
      }
    }
  }

  /** Waits until nothing more comes, for so long at most. */
  public void awaitSilence(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    Mark from = mark();
    while (System.nanoTime() < deadline && !gone()) {
      long quiet = System.nanoTime() + SILENCE.toNanos();
      if (next(from, Math.min(quiet, deadline), "silence").length == 0) {
        return;
      }
      from = mark();
    }
  }

  /** The lines since a mark, as {@link #tail} shows them, the unfinished last one included. */
  public List<String> lines(Mark from) {
    synchronized (change) {
      return lines(since(from));
    }
  }

  /** The lines between two marks. */
  public List<String> lines(Mark from, Mark to) {
    synchronized (change) {
      byte[] bytes = since(from);
      return lines(Arrays.copyOf(bytes, (int) (to.position() - from.position())));
    }
  }

  /**
   * The last lines of at most 64 KiB, for a message: printable ASCII, other bytes as {@code \xNN}.
   */
  public String tail(int count) {
    List<String> lines;
    synchronized (change) {
      lines = lines(backlog.since(Math.max(backlog.start(), backlog.end() - TAIL)));
    }
    List<String> last = lines.subList(Math.max(0, lines.size() - count), lines.size());
    return String.join(
        "\n",
        last.stream()
            .map(text -> text.substring(0, Math.min(text.length(), TAIL_COLUMNS)))
            .toList());
  }

  /** The tail as the end of a message. */
  String lastLines() {
    String tail = tail(10);
    return tail.isBlank()
        ? " Nothing has been received from it."
        : " Its last lines:\n    " + tail.replace("\n", "\n    ");
  }

  /** Closes the line and the log and waits for the reader to end. */
  @Override
  public void close() {
    closed = true;
    line.close();
    try {
      reader.join(CLOSE_LIMIT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void readAll() {
    byte[] buffer = new byte[64 << 10];
    try {
      for (int count = 0; count >= 0 && !closed; count = line.read(buffer)) {
        byte[] seen = hiding.seen(buffer, count);
        if (seen.length > 0) {
          record(seen, seen.length);
        }
      }
    } catch (RuntimeException e) {
      synchronized (change) {
        lineFailure = e;
      }
    } finally {
      closeLog();
      synchronized (change) {
        gone = true;
        change.notifyAll();
      }
    }
  }

  private void record(byte[] bytes, int count) {
    IOException failure = logFailure;
    if (log != null && failure == null) {
      try {
        log.write(bytes, count, Instant.now());
      } catch (IOException e) {
        failure = e;
      }
    }
    synchronized (change) {
      logFailure = failure;
      backlog.append(bytes, count);
      change.notifyAll();
    }
  }

  private void closeLog() {
    if (log != null) {
      try {
        log.close();
      } catch (IOException e) {
        synchronized (change) {
          logFailure = e;
        }
      }
    }
  }

  private byte[] since(Mark from) {
    if (logFailure != null) {
      throw new LabFault(
          "The console log of "
              + name()
              + " could not be written: "
              + logFailure.getMessage()
              + ". Free some space and run again.",
          logFailure);
    }
    if (from.position() < backlog.start()) {
      throw new LabFault(
          "More than " + (KEEP >> 20) + " MiB came from " + name() + " before anyone looked.");
    }
    return backlog.since(from.position());
  }

  private static List<String> lines(byte[] bytes) {
    List<String> lines = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= bytes.length; i++) {
      boolean unfinished = i == bytes.length;
      if (unfinished ? i > from : bytes[i] == '\n') {
        lines.add(Printable.line(bytes, from, i));
        from = i + 1;
      }
    }
    return lines;
  }

  /** A place in the stream of a console, by the number of bytes before it. */
  public record Mark(long position) {}

  /** What a pattern matched and the place after it. */
  public record Match(String text, Mark end) {}
}
