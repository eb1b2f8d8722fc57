package org.lastref.link;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;

/**
 * A courier over a line that is reliable and the agent's alone, such as a virtio port or an SSH
 * channel: whatever is not right there is a fault. Owns the line and the one thread that reads it.
 */
public final class FrameCourier implements Courier {

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

  private final Line line;
  private final String board;
  private final Thread reader;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong received = new AtomicLong();

  /** Guards the fields below and tells of their changes. */
  private final Object change = new Object();

  /** Of the call that waits, which bounds it by {@link Answer#MAX_RECORDS}. */
  private final Queue<AgentFrame> arrived = new ArrayDeque<>();

  private long queued;

  /** The last request's. The agent may know one from an earlier run, so not from 1. */
  private int id = new SecureRandom().nextInt();

  /** Why nothing more will come; empty while something may. */
  private String end = "";

  private @Nullable Throwable cause;
  private volatile boolean closed;

  private FrameCourier(Line line, String board) {
    this.line = line;
    this.board = board;
    reader = new Thread(this::readAll, "agent " + line.name());
    reader.setDaemon(true);
  }

  /**
   * Finds the agent at the other end of a line.
   *
   * @param board its name, for messages
   * @param limit how long the agent may take to answer
   * @throws LabFault if no agent answers; the line is closed then
   */
  public static FrameCourier over(Line line, String board, Duration limit) {
    FrameCourier courier = new FrameCourier(line, board);
    courier.reader.start();
    try {
      courier.call(List.of("true"), limit);
      return courier;
    } catch (LabFault e) {
      courier.close();
      throw e;
    }
  }

  @Override
  public synchronized Reply call(
      List<String> words, byte[] content, Consumer<Piece> pieces, Duration limit) {
    Request request = new Request(words, content);
    Answer answer = new Answer(board, request, pieces);
    String now;
    int mine;
    synchronized (change) {
      now = end;
      mine = ++id;
      arrived.clear();
      queued = 0;
    }
    if (!now.isEmpty()) {
      throw new LabFault(
          "%s: cannot ask the agent for %s: %s".formatted(board, request, now), cause);
    }
    try {
      for (Request.Part part : request.parts(AgentFrame.MAX_PAYLOAD)) {
        write(new AgentFrame(mine, part).encoded());
      }
      while (true) {
        Reply reply = answer.take(next(request, answer, limit));
        if (reply != null) {
          return reply;
        }
      }
    } catch (Unusable e) {
      throw failed(request, answer, e.why(), e);
    }
  }

  private void write(byte[] bytes) {
    try {
      line.write(bytes);
    } catch (LabFault e) {
      over("it did not take an earlier request", e);
      throw e;
    }
    sent.addAndGet(bytes.length);
  }

  private Request.Part next(Request request, Answer answer, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    synchronized (change) {
      while (true) {
        AgentFrame frame = arrived.poll();
        if (frame != null) {
          queued -= frame.part().bytes().length;
          return frame.part();
        }
        if (!end.isEmpty()) {
          throw failed(request, answer, end, cause);
        }
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw failed(
              request,
              answer,
              "nothing came from the agent for %.1f s. Look at the board's console, then take its shell anew or restart it"
                  .formatted(limit.toMillis() / 1000.0),
              null);
        }
        try {
          TimeUnit.NANOSECONDS.timedWait(change, left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new LabFault(
              "%s: interrupted while waiting for the agent's reply to %s".formatted(board, request),
              e);
        }
      }
    }
  }

  /** From here on nothing can be told any more of what comes. */
  private LabFault failed(Request request, Answer answer, String why, @Nullable Throwable because) {
    over(why, because);
    return new LabFault(
        "%s: %s on %s: %s; %s.".formatted(board, request, line.name(), why, answer.soFar()),
        because);
  }

  private void over(String why, @Nullable Throwable because) {
    synchronized (change) {
      if (end.isEmpty()) {
        end = why;
        cause = because;
      }
      change.notifyAll();
    }
  }

  private void readAll() {
    AgentFrames frames = new AgentFrames();
    byte[] buffer = new byte[64 << 10];
    try {
      for (int count = 0; count >= 0 && !closed; count = line.read(buffer)) {
        received.addAndGet(count);
        frames.add(buffer, count);
        for (AgentFrame frame = frames.next(); frame != null; frame = frames.next()) {
          arrive(frame);
        }
      }
      String left = frames.left();
      over(
          closed
              ? "it was closed"
              : "the agent ended" + (left.isEmpty() ? "" : ", last came " + left),
          null);
    } catch (Unusable | RuntimeException e) {
      over(String.valueOf(e.getMessage()), e);
    }
  }

  /** What an earlier call has left is for nobody, and so is the agent's greeting. */
  private void arrive(AgentFrame frame) throws Unusable {
    synchronized (change) {
      if (frame.id() == id) {
        queued += frame.part().bytes().length;
        if (queued > Answer.MAX_RECORDS) {
          throw new Unusable(
              "more than " + (Answer.MAX_RECORDS >> 20) + " MiB came before anyone looked");
        }
        arrived.add(frame);
        change.notifyAll();
      }
    }
  }

  @Override
  public Shell.Traffic traffic() {
    return new Shell.Traffic(sent.get(), received.get());
  }

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
}
