package org.lastref.board;

import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.lastref.board.LifeCycle.State;
import org.lastref.fault.LabFault;
import org.lastref.link.Console;
import org.lastref.link.FramedShell;
import org.lastref.link.Login;
import org.lastref.link.Shell;
import org.lastref.link.Ssh;

/**
 * From power on to a shell that answers: the same for every board.
 *
 * @param host where its SSH server is
 * @param port the same
 */
record Startup(
    BoardDefinition definition,
    Boot boot,
    LifeCycle life,
    Attendance board,
    String host,
    int port) {

  // The first is said by harness/rootfs/init, the second by panic() in kernel/panic.c of Linux 6.1.
  private static final Pattern READY_OR_PANIC =
      Pattern.compile("lastref: ready\\r?\\n|Kernel panic - not syncing[^\\r\\n]*\\r?\\n");

  /**
   * Waits for the board's init, and for a shell then.
   *
   * @param powerOn the console's place when it was switched on
   */
  Shell await(Console.Mark powerOn) {
    String said =
        board
            .console()
            .await(
                READY_OR_PANIC,
                powerOn,
                definition.timeouts().boot(),
                "'lastref: ready' of its init")
            .text()
            .strip();
    if (said.startsWith("Kernel panic")) {
      board.drain();
      throw new LabFault(
          "Board %s did not boot: %s%n%s"
              .formatted(
                  definition.name(), said, board.console().tail(40).indent(4).stripTrailing()));
    }
    return attach("it says '%s'".formatted(said));
  }

  private static Path key(@Nullable String own, Path image) {
    return own == null ? image : Path.of(own);
  }

  /** Takes a shell on the chosen channel. */
  Shell attach(String cause) {
    if (boot.channel() == Channel.SERIAL && definition.login() != null) {
      life.to(State.LOGIN, cause, definition.timeouts().shell());
      Login.toRootShell(
          board.console(),
          definition.name(),
          definition.login().account(),
          definition.timeouts().shell());
    }
    Shell shell =
        board.attended(
            switch (boot.channel()) {
              case SERIAL -> FramedShell.onConsole(board.console(), definition.name());
              case SSH ->
                  Ssh.connect(
                      host,
                      port,
                      definition.ssh().user(),
                      key(definition.ssh().clientKey(), boot.image().clientKey()),
                      key(definition.ssh().hostKey(), boot.image().hostKey()),
                      definition.timeouts().shell());
            });
    life.to(State.SHELL, cause, definition.timeouts().shell());
    return shell;
  }
}
