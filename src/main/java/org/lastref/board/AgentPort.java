package org.lastref.board;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;
import org.lastref.link.Line;
import org.lastref.link.SocketLine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The harness's end of the virtio port by which the agent in a guest is reached.
 *
 * <p>QEMU listens on a socket in a folder that nobody else may enter. The harness connects at once
 * and takes both away again, so nobody else ever reaches the port and nothing is left behind. The
 * connection is as old as QEMU; couriers use it one after the other.
 */
final class AgentPort implements AutoCloseable {

  /** What the agent knows the port by. */
  static final String NAME = "lastref";

  private static final Logger LOG = LoggerFactory.getLogger(AgentPort.class);
  private static final String DEVICE = "agent";

  /** What sun_path of unix(7) holds without its NUL. */
  private static final int LONGEST = 107;

  private final String board;
  private final Path folder;
  private final Path socket;
  private @Nullable SocketLine line;

  private AgentPort(String board, Path folder) {
    this.board = board;
    this.folder = folder;
    socket = folder.resolve("port");
  }

  /**
   * Makes the folder for the socket.
   *
   * @throws LabFault if the folder for temporary files cannot be used for it
   */
  static AgentPort prepare(String board) {
    try {
      AgentPort port = new AgentPort(board, Files.createTempDirectory("lastref-"));
      int length = port.socket.toString().length();
      if (length > LONGEST || port.socket.toString().contains(",")) {
        port.removeFiles();
        throw new LabFault(
            "Board %s: %s is no name for a socket: it has %d characters, at most %d and no comma are possible. Choose a shorter folder for temporary files"
                .formatted(board, port.socket, length, LONGEST));
      }
      return port;
    } catch (IOException e) {
      throw new LabFault(
          "Board %s: cannot make a folder for its agent's socket: %s".formatted(board, e), e);
    }
  }

  /** What QEMU's command line needs. */
  List<String> words() {
    return List.of(
        "-chardev",
        "socket,id=" + DEVICE + ",path=" + socket + ",server=on,wait=off",
        "-device",
        "virtio-serial-device",
        "-device",
        "virtserialport,chardev=" + DEVICE + ",name=" + NAME);
  }

  /** Connects to QEMU, which runs. */
  void connect() {
    try {
      line = SocketLine.connect(socket, "the agent's port of board " + board);
    } finally {
      removeFiles();
    }
  }

  /** The port for one courier, which may close it: the connection stays. */
  Line line() {
    if (line == null) {
      throw new IllegalStateException("the agent's port of board " + board + " is not connected");
    }
    return new Lent(line);
  }

  @Override
  public void close() {
    removeFiles();
    if (line != null) {
      line.close();
    }
  }

  private void removeFiles() {
    try {
      Files.deleteIfExists(socket);
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      LOG.warn("Board {}: cannot remove {}: {}", board, folder, e.getMessage());
    }
  }

  private static final class Lent implements Line {

    private final Line line;
    private volatile boolean closed;

    Lent(Line line) {
      this.line = line;
    }

    @Override
    public String name() {
      return line.name();
    }

    @Override
    public int read(byte[] buffer) {
      return closed ? -1 : line.read(buffer);
    }

    @Override
    public void write(byte[] bytes) {
      line.write(bytes);
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
