package org.lastref.board;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.lastref.link.Courier;
import org.lastref.link.FrameCourier;
import org.lastref.link.Shell;
import org.lastref.link.SshShell;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Over SSH the agent has a line of its own: the guest's port where there is one and its kernel
 * knows it, else a second channel beside the shell's.
 */
final class SshContact implements Contact {

  private static final Logger LOG = LoggerFactory.getLogger(SshContact.class);
  private static final Duration START = Duration.ofSeconds(15);

  /** An agent that hung may still have the port for a moment after it was killed. */
  private static final String ON_PORT =
      "set -- /sys/class/virtio-ports/*;"
          + " [ -e \"$1\" ] || { echo the kernel has no driver for virtio ports; exit 1; };"
          + " killall lastref-agent 2>/dev/null;"
          + " for _ in 1 2 3 4 5; do lastref-agent port "
          + AgentPort.NAME
          + " 2>&1 && exit; sleep 0.2; done; exit 1";

  private static final String ON_CHANNEL =
      "lastref-agent stdio 2>/dev/null || echo lastref-agent ended with exit code $?";

  private final Attendance board;
  private final SshShell ssh;
  private final Optional<AgentPort> port;
  private final Shell shell;
  private volatile @Nullable Courier courier;

  SshContact(Attendance board, SshShell ssh, Optional<AgentPort> port) {
    this.board = board;
    this.ssh = ssh;
    this.port = port;
    shell = board.attended(ssh);
  }

  @Override
  public Shell shell() {
    return shell;
  }

  @Override
  public Courier courier() {
    Courier open = courier;
    if (open == null) {
      open = board.attended(board.attend(this::connect));
      courier = open;
    }
    return open;
  }

  private Courier connect() {
    if (port.isPresent()) {
      Shell.Reply reply = ssh.run(List.of("sh", "-c", ON_PORT), START);
      if (reply.exitCode() == 0) {
        return FrameCourier.over(port.get().line(), board.board(), START);
      }
      LOG.info(
          "Board {}: its agent is reached over SSH, since it does not take its port: {}",
          board.board(),
          reply.output().strip());
    }
    return FrameCourier.over(ssh.start(ON_CHANNEL), board.board(), START);
  }

  @Override
  public void close() {
    Courier open = courier;
    if (open != null) {
      open.close();
    }
    shell.close();
  }
}
