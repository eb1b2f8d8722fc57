package org.lastref.link;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.util.Optional;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.SshException;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.future.CancelOption;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.lastref.fault.LabFault;

/** Reaches a board's SSH server, which may still be booting, and runs commands in one shell. */
public final class Ssh {

  /** A server greets at once; one that does not is not up yet, and a new connection is quicker. */
  private static final Duration GREETING_LIMIT = Duration.ofSeconds(2);

  private static final Duration KILL_LIMIT = Duration.ofSeconds(5);

  private final SshClient client;
  private final String host;
  private final int port;
  private final String user;
  private final String name;
  private final PublicKey pinned;
  private final Path hostKey;
  private final Path clientKey;
  private final boolean sudo;
  private final long deadline;
  private volatile String lastProblem = "no answer";
  private volatile String wrongKey = "";

  private Ssh(
      String host,
      int port,
      String user,
      Path clientKey,
      Path hostKey,
      boolean sudo,
      Duration limit) {
    this.sudo = sudo;
    this.host = host;
    this.port = port;
    this.user = user;
    this.name = "ssh " + host + ":" + port;
    this.hostKey = hostKey;
    this.clientKey = clientKey;
    this.pinned = SshClients.hostKey(hostKey);
    this.client = SshClients.create(pinned, clientKey, this::isPinned);
    this.deadline = System.nanoTime() + limit.toNanos();
  }

  /**
   * Connects and starts a shell. Connecting is tried again until the limit while nobody answers; a
   * wrong host key or a refused client key end it at once. A board that stops answering afterwards
   * is seen within about 2 s.
   *
   * @param clientKey the private key that logs in, ed25519 or ECDSA, without a passphrase, OpenSSH
   *     or PEM format; there is no other way to log in
   * @param hostKey the only server key that is accepted, public, one line in OpenSSH format
   * @throws LabFault if no shell answers in time, a key is missing, or the server has another one
   */
  public static SshShell connect(
      String host, int port, String user, Path clientKey, Path hostKey, Duration limit) {
    return new Ssh(host, port, user, clientKey, hostKey, false, limit).connect(limit);
  }

  /**
   * The same as root: by {@code sudo}, if the user is another.
   *
   * @throws LabFault the same, and if {@code sudo} is not there or asks for a password
   */
  public static SshShell connectAsRoot(
      String host, int port, String user, Path clientKey, Path hostKey, Duration limit) {
    return new Ssh(host, port, user, clientKey, hostKey, !user.equals("root"), limit)
        .connect(limit);
  }

  private SshShell connect(Duration limit) {
    client.start();
    boolean connected = false;
    try {
      ClientSession opened = session(limit);
      if (sudo) {
        checkSudo(opened);
      }
      SshLine line = SshLine.open(client, opened, name, sudo);
      Shell shell =
          FramedShell.onChannel(
              Console.attach(line),
              name,
              (session, attempt) -> line.beside(killAllOf(session), KILL_LIMIT));
      connected = true;
      return new SshShell(shell, line);
    } catch (IOException e) {
      throw new LabFault(
          "%s logged in as %s, but no shell started: %s.".formatted(name, user, e.getMessage()), e);
    } finally {
      if (!connected) {
        client.stop();
      }
    }
  }

  private void checkSudo(ClientSession session) throws IOException {
    String why = SshLine.whyNoSudo(session);
    if (!why.isEmpty()) {
      throw new LabFault(
          ("%s: %s cannot become root by sudo without being asked: %s. A file in /etc/sudoers.d"
                  + " there allows it: %s ALL=(root) NOPASSWD: ALL")
              .formatted(name, user, Printable.text(why, 300), user));
    }
  }

  private ClientSession session(Duration limit) {
    try {
      // In this thread: each attempt has limits of its own and leaves nothing behind.
      return Awaitility.await("an SSH server on " + host + ":" + port)
          .pollInSameThread()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(100))
          .atMost(limit)
          .until(this::attempt, Optional::isPresent)
          .orElseThrow();
    } catch (ConditionTimeoutException e) {
      throw new LabFault(
          "Waited %.1f s for an SSH server on %s:%d; last: %s. Look at the board's console."
              .formatted(limit.toMillis() / 1000.0, host, port, lastProblem),
          e);
    }
  }

  private Optional<ClientSession> attempt() {
    ClientSession session = null;
    try {
      session =
          client
              .connect(user, host, port)
              .verify(atMost(GREETING_LIMIT), CancelOption.CANCEL_ON_TIMEOUT)
              .getSession();
      awaitGreeting(session);
      session.auth().verify(atMost(Duration.ofDays(1)), CancelOption.CANCEL_ON_TIMEOUT);
      return Optional.of(session);
    } catch (ConditionTimeoutException e) {
      lastProblem = "connected, but no greeting came";
    } catch (UnresolvedAddressException e) {
      lastProblem = "the name " + host + " is unknown";
    } catch (IOException e) {
      lastProblem = String.valueOf(e.getMessage());
      failForGood(e);
    }
    if (session != null) {
      session.close(true);
    }
    return Optional.empty();
  }

  private void awaitGreeting(ClientSession session) {
    Awaitility.await("the greeting of the SSH server on " + host + ":" + port)
        .pollInSameThread()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .atMost(atMost(GREETING_LIMIT))
        .until(() -> session.getServerVersion() != null || session.isClosing());
  }

  private void failForGood(IOException e) {
    if (!wrongKey.isEmpty()) {
      throw new LabFault(
          ("%s has the host key %s, but %s has %s. Someone else answers on this address, or the"
                  + " board has another image: check the address, or build the image again.")
              .formatted(name, wrongKey, hostKey, KeyUtils.getFingerPrint(pinned)),
          e);
    }
    if (e instanceof SshException refused
        && refused.getDisconnectCode()
            == SshConstants.SSH2_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE) {
      throw new LabFault(
          ("%s does not let %s log in with %s. Put its public half into authorized_keys on the"
                  + " board, or build the image again.")
              .formatted(name, user, clientKey),
          e);
    }
  }

  private boolean isPinned(ClientSession session, SocketAddress address, PublicKey key) {
    boolean same = KeyUtils.compareKeys(pinned, key);
    wrongKey = same ? "" : KeyUtils.getFingerPrint(key);
    return same;
  }

  private Duration atMost(Duration limit) {
    long left = Math.max(1_000_000, deadline - System.nanoTime());
    return Duration.ofNanos(Math.min(left, limit.toNanos()));
  }

  /** Kills what a shell has started; the shell's own environment is older than the variable. */
  private static String killAllOf(String session) {
    return "for e in /proc/[0-9]*/environ; do case $(tr '\\0' '\\n' <$e) in"
        + (" *LASTREF_SHELL=" + session + "*)")
        + " p=${e#/proc/}; kill -KILL ${p%/*};; esac; done 2>/dev/null";
  }
}
