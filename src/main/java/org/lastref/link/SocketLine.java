package org.lastref.link;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.lastref.fault.LabFault;

/** A Unix socket that stands for a port of a guest, such as QEMU's {@code -chardev socket}. */
public final class SocketLine implements Line {

  private static final int READ_WAIT_MILLIS = 100;
  private static final Duration WRITE_LIMIT = Duration.ofSeconds(10);

  private final SocketChannel channel;
  private final Selector readable;
  private final Selector writable;
  private final String name;
  private volatile boolean closed;

  private SocketLine(SocketChannel channel, String name) throws IOException {
    this.channel = channel;
    this.name = name;
    channel.configureBlocking(false);
    readable = Selector.open();
    writable = Selector.open();
    channel.register(readable, SelectionKey.OP_READ);
    channel.register(writable, SelectionKey.OP_WRITE);
  }

  /**
   * Connects to a socket that somebody listens on.
   *
   * @param name what stands behind it, for messages
   * @throws LabFault if nobody does
   */
  public static SocketLine connect(Path socket, String name) {
    try {
      return new SocketLine(SocketChannel.open(UnixDomainSocketAddress.of(socket)), name);
    } catch (IOException e) {
      throw new LabFault(
          "Cannot connect to %s, socket %s: %s. Check that QEMU still runs."
              .formatted(name, socket, e.getMessage()),
          e);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int read(byte[] buffer) {
    try {
      readable.select(READ_WAIT_MILLIS);
      readable.selectedKeys().clear();
      return channel.read(ByteBuffer.wrap(buffer));
    } catch (IOException | ClosedSelectorException e) {
      return -1;
    }
  }

  @Override
  public synchronized void write(byte[] bytes) {
    long deadline = System.nanoTime() + WRITE_LIMIT.toNanos();
    ByteBuffer left = ByteBuffer.wrap(bytes);
    try {
      while (channel.write(left) >= 0 && left.hasRemaining()) {
        if (System.nanoTime() > deadline) {
          throw new LabFault(
              "Cannot write to %s: the other side took %d of %d bytes in %d s. Check that the agent runs on the board."
                  .formatted(name, left.position(), bytes.length, WRITE_LIMIT.toSeconds()));
        }
        writable.select(READ_WAIT_MILLIS);
        writable.selectedKeys().clear();
        if (Thread.currentThread().isInterrupted()) {
          throw new LabFault("Interrupted while writing to " + name + ".");
        }
      }
    } catch (IOException | ClosedSelectorException e) {
      throw new LabFault(
          "Cannot write to %s: %s."
              .formatted(
                  name, closed ? "it is closed" : "the other side is gone: " + e.getMessage()),
          e);
    }
  }

  @Override
  public void close() {
    closed = true;
    closeQuietly(channel);
    closeQuietly(readable);
    closeQuietly(writable);
  }

  private static void closeQuietly(AutoCloseable what) {
    try {
      what.close();
    } catch (Exception e) {
      // Nothing is lost: each write is done when it returns.
    }
  }
}
