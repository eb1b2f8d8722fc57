package org.lastref.link;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.lastref.fault.Fault;
import org.lastref.fault.LabFault;

/**
 * Lets people on this machine see a console live and type on it, while it is read and logged as
 * ever: a Unix domain socket for its owner alone, raw bytes both ways. Whoever connects gets the
 * last 4 KiB first. Whoever falls far behind is disconnected.
 */
public final class ConsoleSocket implements AutoCloseable {

  private static final int HISTORY = 4 << 10;
  private static final int BEHIND = 1 << 20;
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final Console console;
  private final Path path;
  private final ServerSocketChannel server;
  private final Set<SocketChannel> clients = ConcurrentHashMap.newKeySet();

  private ConsoleSocket(Console console, Path path, ServerSocketChannel server) {
    this.console = console;
    this.path = path;
    this.server = server;
  }

  /**
   * Serves a console until closed; the console stays open then.
   *
   * @param path the socket, at most some 100 bytes long; one that nobody serves any more is
   *     replaced
   * @throws LabFault if it cannot be made, or another process serves it
   */
  public static ConsoleSocket serve(Console console, Path path) {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
    try {
      if (Files.exists(path)) {
        refuseIfServed(address);
        Files.delete(path);
      }
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(address);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
      ConsoleSocket socket = new ConsoleSocket(console, path, server);
      daemon("console socket " + path, socket::accept);
      return socket;
    } catch (IOException e) {
      throw new LabFault(
          "Cannot offer the console of %s on %s: %s. Its folder must exist, and its name be short."
              .formatted(console.name(), path, e.getMessage()),
          e);
    }
  }

  /**
   * What a terminal may be given: tabs, line ends and printable ASCII, other bytes as {@code \xNN}.
   */
  public static String printable(byte[] bytes, int count) {
    StringBuilder text = new StringBuilder(count);
    for (int i = 0; i < count; i++) {
      if (bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t' || bytes[i] == '\\') {
        text.append((char) bytes[i]);
      } else {
        Printable.append(text, bytes[i]);
      }
    }
    return text.toString();
  }

  @Override
  public void close() {
    closeQuietly(server);
    clients.forEach(ConsoleSocket::closeQuietly);
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new LabFault("Cannot take " + path + " away: " + e.getMessage(), e);
    }
  }

  private static void refuseIfServed(UnixDomainSocketAddress address) {
    try (SocketChannel other = SocketChannel.open(address)) {
      throw new LabFault(
          "The console is already offered on %s by another process."
              .formatted(other.getRemoteAddress()));
    } catch (IOException e) {
      // Left behind by a process that died.
    }
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = server.accept();
        clients.add(client);
        daemon("console to a person", () -> attend(client, () -> show(client)));
        daemon("console from a person", () -> attend(client, () -> type(client)));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void attend(SocketChannel client, Work work) {
    try {
      work.go();
    } catch (IOException | Fault e) {
      // The person, or the console, is gone.
    } finally {
      clients.remove(client);
      closeQuietly(client);
    }
  }

  /** Reads from the console's memory: how fast a person is, the console's reader never notices. */
  private void show(SocketChannel client) throws IOException {
    Console.Mark from = console.earlier(HISTORY);
    while (client.isOpen()) {
      long deadline = System.nanoTime() + LOOK.toNanos();
      byte[] bytes = console.next(from, deadline, "more of the console");
      from = new Console.Mark(from.position() + bytes.length);
      for (ByteBuffer rest = ByteBuffer.wrap(bytes); rest.hasRemaining(); ) {
        client.write(rest);
      }
      if (console.mark().position() - from.position() > BEHIND) {
        return;
      }
    }
  }

  private void type(SocketChannel client) throws IOException {
    ByteBuffer typed = ByteBuffer.allocate(256);
    while (client.read(typed) >= 0) {
      console.write(Arrays.copyOf(typed.array(), typed.position()));
      typed.clear();
    }
  }

  private static void closeQuietly(AutoCloseable channel) {
    try {
      channel.close();
    } catch (Exception e) {
      // Nothing is left to do with it.
    }
  }

  private static void daemon(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  private interface Work {
    void go() throws IOException;
  }
}
