package org.lastref.link;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;

/**
 * A serial port that may vanish and come back under its name, as a USB adapter does that enumerates
 * again. Whoever reads goes on reading: a line in between says when it was lost and when it came
 * back. What was sent or said meanwhile is lost. Only a port that stays away is the end.
 */
public final class ReopeningLine implements Line {

  private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long READ_WAIT = TimeUnit.MILLISECONDS.toNanos(100);

  private final String device;
  private final int baud;
  private final Duration limit;
  private final Object change = new Object();
  private @Nullable SerialLine line;
  private long lostAt;
  private long nextTry;
  private long pause;
  private boolean closed;
  private byte[] notice = {};

  private ReopeningLine(String device, int baud, Duration limit) {
    this.device = device;
    this.baud = baud;
    this.limit = limit;
    this.line = SerialLine.open(device, baud);
  }

  /**
   * Opens a port that is there now.
   *
   * @param device a name that stays the same, such as {@code /dev/serial/by-id/...}
   * @param limit how long it may be away
   * @throws LabFault as {@link SerialLine#open}
   */
  public static ReopeningLine open(String device, int baud, Duration limit) {
    return new ReopeningLine(device, baud, limit);
  }

  @Override
  public String name() {
    return "serial " + device;
  }

  @Override
  public int baud() {
    return baud;
  }

  @Override
  public int read(byte[] buffer) {
    SerialLine now;
    synchronized (change) {
      if (notice.length > 0) {
        int count = Math.min(notice.length, buffer.length);
        System.arraycopy(notice, 0, buffer, 0, count);
        notice = Arrays.copyOfRange(notice, count, notice.length);
        return count;
      }
      now = line;
    }
    if (now == null) {
      return reopen();
    }
    int count = now.read(buffer);
    if (count < 0) {
      lost(now);
      return 0;
    }
    return count;
  }

  @Override
  public void write(byte[] bytes) {
    while (true) {
      SerialLine now = present();
      try {
        now.write(bytes);
        return;
      } catch (LabFault e) {
        if (!now.vanished()) {
          throw e;
        }
        lost(now);
      }
    }
  }

  @Override
  public void sendBreak() {
    present().sendBreak();
  }

  @Override
  public void close() {
    SerialLine now;
    synchronized (change) {
      closed = true;
      now = line;
      line = null;
      change.notifyAll();
    }
    if (now != null) {
      now.close();
    }
  }

  /** The port, once it is there. */
  private SerialLine present() {
    synchronized (change) {
      try {
        while (line == null) {
          long left = lostAt + limit.toNanos() - System.nanoTime();
          if (closed || left <= 0) {
            throw new LabFault(
                closed
                    ? "Cannot write to " + name() + ": it is closed."
                    : "%s vanished and did not come back within %d s. Check the adapter and its cable."
                        .formatted(name(), limit.toSeconds()));
          }
          TimeUnit.NANOSECONDS.timedWait(change, left);
        }
        return line;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new LabFault("Interrupted while waiting for " + name() + " to come back.", e);
      }
    }
  }

  private void lost(SerialLine which) {
    synchronized (change) {
      if (line != which) {
        return;
      }
      line = null;
      lostAt = System.nanoTime();
      nextTry = lostAt;
      pause = FIRST_PAUSE;
      say(name() + " was lost");
    }
    which.close();
  }

  /** Only the reader opens. */
  private int reopen() {
    long now = System.nanoTime();
    synchronized (change) {
      if (closed || now - lostAt > limit.toNanos()) {
        return -1;
      }
    }
    if (now < nextTry) {
      LockSupport.parkNanos(Math.min(READ_WAIT, nextTry - now));
      return 0;
    }
    pause = Math.min(2 * pause, LONGEST_PAUSE);
    nextTry = now + pause;
    try {
      SerialLine again = SerialLine.open(device, baud);
      synchronized (change) {
        if (!closed) {
          line = again;
          say("%s came back after %.1f s".formatted(name(), (now - lostAt) / 1e9));
          change.notifyAll();
          return 0;
        }
      }
      again.close();
    } catch (LabFault e) {
      // Not there yet, or its permissions are not.
    }
    return 0;
  }

  private void say(String what) {
    String all = new String(notice, StandardCharsets.US_ASCII) + "\nlastref: " + what + "\n";
    notice = all.getBytes(StandardCharsets.US_ASCII);
  }
}
