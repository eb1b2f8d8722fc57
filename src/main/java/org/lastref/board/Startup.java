package org.lastref.board;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.lastref.board.LifeCycle.State;
import org.lastref.fault.BootPanic;
import org.lastref.fault.LabFault;
import org.lastref.link.Console;
import org.lastref.link.FramedShell;
import org.lastref.link.KernelLines;
import org.lastref.link.Login;
import org.lastref.link.Ssh;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From power on to a shell that answers: the same for every board.
 *
 * @param host where its SSH server is
 * @param port the same
 * @param agentPort what leads to the agent besides SSH
 */
record Startup(
    BoardDefinition definition,
    Boot boot,
    LifeCycle life,
    Attendance board,
    String host,
    int port,
    Optional<AgentPort> agentPort) {

  private static final Logger LOG = LoggerFactory.getLogger(Startup.class);
  private static final Duration COMMAND = Duration.ofSeconds(5);

  /** Later, so that the shell can say that it was understood. */
  private static final List<String> REBOOT =
      List.of("sh", "-c", "(sleep 0.1; reboot -f) >/dev/null 2>&1 &");

  /** What panic() in kernel/panic.c of Linux 6.1 says, as a pattern. */
  static final String PANIC = "Kernel panic - not syncing";

  /** What smp_setup_processor_id() in arch/arm64/kernel/setup.c of Linux 6.1 says first of all. */
  static final String RESET = "Booting Linux on physical CPU";

  private static final Pattern RESETS = Pattern.compile(RESET);

  /** What harness/rootfs/init says. */
  private static final String READY = "lastref: ready";

  private static final Pattern READY_OR_PANIC =
      Pattern.compile(KernelLines.around(READY) + "|" + PANIC + "[^\\r\\n]*\\r?\\n");

  /**
   * Waits for the board's init, and for a shell then.
   *
   * @param powerOn the console's place when it was switched on
   */
  Contact await(Console.Mark powerOn) {
    String said =
        board
            .console()
            .await(
                READY_OR_PANIC,
                powerOn,
                definition.timeouts().boot(),
                "'" + READY + "' of its init")
            .text()
            .strip();
    if (said.startsWith(PANIC)) {
      board.drain();
      throw new BootPanic(
          definition.name(), said, board.console().tail(40).indent(4).stripTrailing());
    }
    return attach("it says '" + READY + "'");
  }

  /**
   * Starts the same kernel again: by the shell, or else by SysRq, which takes no shell.
   *
   * @param old with a shell that answers or does not; closed here
   * @return the console's place where the kernel begins to speak; {@link #await} comes next
   */
  Console.Mark reboot(Contact old, Consumer<Character> sysRq) {
    life.to(State.BOOTING, "reboot", definition.timeouts().boot());
    Console.Mark before = board.console().mark();
    try {
      old.shell().run(REBOOT, COMMAND);
      return begin(before);
    } catch (LabFault e) {
      LOG.debug("Board {} does not reboot by its shell", definition.name(), e);
      sysRq.accept('b');
      return begin(before);
    } finally {
      old.close();
    }
  }

  private Console.Mark begin(Console.Mark before) {
    return board.console().await(RESETS, before, COMMAND, "the reboot").end();
  }

  private static Path key(@Nullable String own, Path image) {
    return own == null ? image : Path.of(own);
  }

  /** Takes a shell on the chosen channel. */
  Contact attach(String cause) {
    if (boot.channel() == Channel.SERIAL && definition.login() != null) {
      life.to(State.LOGIN, cause, definition.timeouts().shell());
      Login.toRootShell(
          board.console(),
          definition.name(),
          definition.login().account(),
          definition.timeouts().shell());
    }
    Contact contact =
        switch (boot.channel()) {
          case SERIAL ->
              new ConsoleContact(
                  board, () -> FramedShell.onConsole(board.console(), definition.name()));
          case SSH ->
              new SshContact(
                  board,
                  Ssh.connect(
                      host,
                      port,
                      definition.ssh().user(),
                      key(definition.ssh().clientKey(), boot.image().clientKey()),
                      key(definition.ssh().hostKey(), boot.image().hostKey()),
                      definition.timeouts().shell()),
                  agentPort);
        };
    life.to(State.SHELL, cause, definition.timeouts().shell());
    return contact;
  }
}
