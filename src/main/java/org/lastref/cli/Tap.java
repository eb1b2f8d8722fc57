package org.lastref.cli;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;
import org.lastref.link.Console;

/** A board's console for a person: bytes both ways. One thread reads, another writes. */
interface Tap extends AutoCloseable {

  /** What came, empty if nothing did for a moment, null at the end. */
  byte @Nullable [] read();

  /** Sends it to the board. */
  void write(byte[] bytes);

  /** Ends it; a reader sees the end. */
  @Override
  void close();

  /** The console of this very process. Who closes the tap leaves it open. */
  static Tap of(Console console) {
    return new Tap() {
      private static final Pattern ANYTHING = Pattern.compile("(?s).+");
      private static final Duration MOMENT = Duration.ofMillis(500);

      private Console.Mark seen = new Console.Mark(0);
      private volatile boolean closed;

      @Override
      public byte @Nullable [] read() {
        try {
          Console.Match match = console.await(ANYTHING, seen, MOMENT, "anything");
          seen = match.end();
          return match.text().getBytes(StandardCharsets.ISO_8859_1);
        } catch (LabFault e) {
          return closed || console.gone() ? null : new byte[0];
        }
      }

      @Override
      public void write(byte[] bytes) {
        console.write(bytes);
      }

      @Override
      public void close() {
        closed = true;
      }
    };
  }

  /** That of another process, which serves it at a Unix socket. */
  static Tap at(Path socket) {
    try {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.connect(UnixDomainSocketAddress.of(socket));
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
      return new SocketTap(channel);
    } catch (IOException | IllegalArgumentException e) {
      throw new LabFault(
          "cannot reach the console at %s: %s. Is the run that serves it still booting the board?"
              .formatted(socket, e.getMessage()),
          e);
    }
  }

  /** Bytes as they are. */
  record SocketTap(SocketChannel channel) implements Tap {

    @Override
    public byte @Nullable [] read() {
      ByteBuffer buffer = ByteBuffer.allocate(8192);
      try {
        int count = channel.read(buffer);
        if (count < 0) {
          return null;
        }
        byte[] bytes = new byte[count];
        buffer.flip().get(bytes);
        return bytes;
      } catch (IOException e) {
        return null;
      }
    }

    @Override
    public void write(byte[] bytes) {
      try {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      } catch (IOException e) {
        throw new LabFault("the console is gone: " + e.getMessage(), e);
      }
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new LabFault("cannot leave the console: " + e.getMessage(), e);
      }
    }
  }
}
