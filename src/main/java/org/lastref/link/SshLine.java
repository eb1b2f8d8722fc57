package org.lastref.link;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.channel.ChannelPipedInputStream;
import org.lastref.fault.LabFault;

/**
 * The standard input and output of one command over SSH. What it writes to its standard error is
 * dropped.
 */
final class SshLine implements Line {

  private static final int READ_WAIT_MILLIS = 100;
  private static final Duration OPEN_LIMIT = Duration.ofSeconds(10);

  private final ClientSession session;
  private final ChannelExec channel;
  private final String name;
  private final boolean sudo;
  private final Runnable onClose;
  private final ChannelPipedInputStream out;

  private SshLine(
      ClientSession session, ChannelExec channel, String name, boolean sudo, Runnable onClose) {
    this.onClose = onClose;
    this.session = session;
    this.channel = channel;
    this.name = name;
    this.sudo = sudo;
    this.out = (ChannelPipedInputStream) channel.getInvertedOut();
    out.setTimeout(READ_WAIT_MILLIS);
  }

  /**
   * The first line of a session: a shell; owns the session and the client.
   *
   * @param sudo whether this and all others of the session are root's by {@code sudo}
   */
  static SshLine open(SshClient client, ClientSession session, String name, boolean sudo)
      throws IOException {
    return open(
        session,
        "exec sh",
        name,
        sudo,
        () -> {
          session.close(true);
          client.stop();
        });
  }

  /** One more, which owns nothing but its channel. */
  SshLine another(String command) {
    try {
      return open(session, command, name, sudo, () -> {});
    } catch (IOException e) {
      throw noChannel(e);
    }
  }

  private static SshLine open(
      ClientSession session, String command, String name, boolean sudo, Runnable onClose)
      throws IOException {
    ChannelExec channel = session.createExecChannel(as(sudo, command));
    channel.setErr(OutputStream.nullOutputStream());
    channel.open().verify(OPEN_LIMIT);
    return new SshLine(session, channel, name, sudo, onClose);
  }

  private static String as(boolean root, String command) {
    return root ? "exec sudo -n sh -c " + Framing.quoted(command) : command;
  }

  /**
   * Why {@code sudo} lets nobody become root without being asked, in its words; empty if it does.
   */
  static String whyNoSudo(ClientSession session) throws IOException {
    ByteArrayOutputStream words = new ByteArrayOutputStream();
    try (ChannelExec channel = session.createExecChannel("sudo -n true 2>&1 | head -c 500")) {
      channel.setOut(words);
      channel.setErr(OutputStream.nullOutputStream());
      channel.open().verify(OPEN_LIMIT);
      channel.waitFor(List.of(ClientChannelEvent.CLOSED), OPEN_LIMIT);
    }
    return words.toString(StandardCharsets.UTF_8).strip();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int read(byte[] buffer) {
    try {
      return out.read(buffer, 0, buffer.length);
    } catch (SocketException e) {
      // So MINA says that nothing came in time.
      return channel.isOpen() ? 0 : -1;
    } catch (IOException e) {
      return -1;
    }
  }

  @Override
  public synchronized void write(byte[] bytes) {
    try {
      OutputStream in = channel.getInvertedIn();
      in.write(bytes);
      in.flush();
    } catch (IOException e) {
      throw new LabFault(
          "Cannot write to " + name + ": " + e.getMessage() + ". Check that the board still runs.",
          e);
    }
  }

  /** Whether its command has ended, and not the connection alone; waits a moment for its word. */
  boolean hasEnded() {
    channel.waitFor(List.of(ClientChannelEvent.CLOSED), OPEN_LIMIT);
    return channel.getExitStatus() != null || channel.getExitSignal() != null;
  }

  /** Runs a short command beside this one and forgets it. */
  void beside(String command, Duration limit) {
    try (ChannelExec other = session.createExecChannel(as(sudo, command))) {
      other.setOut(OutputStream.nullOutputStream());
      other.setErr(OutputStream.nullOutputStream());
      other.open().verify(limit);
      other.waitFor(List.of(ClientChannelEvent.CLOSED), limit);
    } catch (IOException e) {
      throw noChannel(e);
    }
  }

  private LabFault noChannel(IOException e) {
    return new LabFault("Cannot open a second channel on " + name + ": " + e.getMessage() + ".", e);
  }

  @Override
  public void close() {
    channel.close(true);
    onClose.run();
  }
}
