package org.lastref.board;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.lastref.board.LifeCycle.State;
import org.lastref.fault.LabFault;
import org.lastref.image.Guest;
import org.lastref.image.KernelModule;
import org.lastref.link.Console;
import org.lastref.link.Courier;
import org.lastref.link.FrameCourier;
import org.lastref.link.Shell;
import org.lastref.link.Ssh;
import org.lastref.link.SshShell;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A board that runs its own system, as a guest of which the harness is: over SSH, by sudo where the
 * user is not root. Its console is its kernel's log, read there.
 *
 * <p>All that is brought along is in a folder that only root may enter, kept by {@code
 * harness/agent/keeper}: when that ends, by our will or since the connection did, it puts all back,
 * so the board is left as it was even by a harness that was killed.
 */
final class OwnSystemBoard implements Board {

  private static final Logger LOG = LoggerFactory.getLogger(OwnSystemBoard.class);

  private static final Duration COMMAND = Duration.ofSeconds(20);
  private static final Duration GOING = Duration.ofSeconds(40);
  private static final int SSH_PORT = 22;

  /** FOLDER of harness/agent/agent.h. */
  private static final String FOLDER = "/tmp/lastref";

  /** Waits for a visit that is ending, and clears up after one that could not. */
  private static final String MOVE_IN =
      "d="
          + FOLDER
          + "; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do"
          + " [ -e $d/keeper-pid ] && kill -0 $(cat $d/keeper-pid) 2>/dev/null || break;"
          + " [ $i != 12 ] || { echo another Lastref is on it, process $(cat $d/keeper-pid); exit 1; };"
          + " sleep 0.5; done;"
          + " for m in lastref_overlay lastref_watch; do"
          + " [ ! -d /sys/module/$m ] || rmmod $m 2>&1 || exit; done;"
          + " rm -rf $d && mkdir -m 700 $d 2>&1";

  private static final String MOVE_OUT = "kill $(cat " + FOLDER + "/keeper-pid)";

  private static final String LEFT =
      "ls -d " + FOLDER + " 2>/dev/null; grep -o '^lastref_[a-z]*' /proc/modules; true";

  private static final Pattern LOG_BEGINS = Pattern.compile("lastref: the kernel's log");

  private final BoardDefinition definition;
  private final @Nullable PowerSwitch power;
  private final Guest guest;
  private final Path log;
  private final LifeCycle life;
  private SshShell ssh;
  private Console console;
  private Console.Mark started;
  private Attendance attendance;
  private Shell shell;
  private @Nullable Courier courier;

  private OwnSystemBoard(
      BoardDefinition definition,
      @Nullable PowerSwitch power,
      Guest guest,
      Path log,
      LifeCycle life) {
    this.definition = definition;
    this.power = power;
    this.guest = guest;
    this.log = log;
    this.life = life;
    ssh = connected();
    console = movedIn();
    started = console.mark();
    attendance = new Attendance(definition.name(), console, this::death);
    shell = attendance.attended(ssh);
  }

  /** Moves in on a board, which is switched on for that if it can be. */
  static OwnSystemBoard open(
      BoardDefinition definition,
      BoardDefinition.OwnSystem hardware,
      Guest guest,
      Path runDirectory,
      LifeCycle life) {
    PowerSwitch power =
        hardware.power() == null ? null : new PowerSwitch(definition.name(), hardware.power());
    life.to(State.BOOTING, "it runs its own system", definition.timeouts().boot());
    try {
      if (power != null) {
        power.on();
      }
      OwnSystemBoard board =
          new OwnSystemBoard(definition, power, guest, runDirectory.resolve("console.log"), life);
      life.to(State.SHELL, "it is root's");
      return board;
    } catch (RuntimeException e) {
      life.to(State.OFF, "left to itself, as it cannot be used: " + e.getMessage());
      throw e;
    }
  }

  /**
   * A shell of root's, for what comes before.
   *
   * @throws LabFault if none answers
   */
  static SshShell shell(BoardDefinition definition) {
    BoardDefinition.Ssh way = definition.ssh();
    return Ssh.connectAsRoot(
        String.valueOf(way.host()),
        way.port() == null ? SSH_PORT : way.port(),
        way.user(),
        Path.of(String.valueOf(way.clientKey())),
        Path.of(String.valueOf(way.hostKey())),
        definition.timeouts().boot());
  }

  private SshShell connected() {
    return shell(definition);
  }

  private Console movedIn() {
    try {
      Shell.Reply reply = ssh.run(List.of("sh", "-c", MOVE_IN), COMMAND);
      if (reply.exitCode() != 0) {
        throw new LabFault(
            "Board %s cannot be used: %s".formatted(definition.name(), reply.output().strip()));
      }
      upload("lastref-agent", Files.readAllBytes(guest.agent()));
      for (KernelModule module : guest.modules()) {
        upload(module.file().getFileName().toString(), module.bytes());
      }
      upload("keeper", Files.readAllBytes(guest.keeper()));
      ssh.run(List.of("chmod", "700", FOLDER + "/lastref-agent", FOLDER + "/keeper"), COMMAND);
      Console console = Console.attach(ssh.start("exec " + FOLDER + "/keeper"), log);
      console.await(LOG_BEGINS, new Console.Mark(0), COMMAND, "the kernel's log");
      return console;
    } catch (IOException e) {
      clearUp();
      throw new LabFault(
          "Board %s: cannot read the agent: %s".formatted(definition.name(), e.getMessage()), e);
    } catch (LabFault e) {
      clearUp();
      throw e;
    }
  }

  /** What was brought along goes, unless somebody keeps it. */
  private void clearUp() {
    try {
      ssh.run(List.of("sh", "-c", "[ -e " + FOLDER + "/keeper-pid ] || rm -rf " + FOLDER), COMMAND);
    } catch (LabFault e) {
      LOG.warn("Board {} may not be as it was: {}", definition.name(), e.getMessage());
    } finally {
      ssh.close();
    }
  }

  private void upload(String name, byte[] content) {
    ssh.upload(content, FOLDER + "/" + name);
  }

  @Override
  public BoardDefinition definition() {
    return definition;
  }

  @Override
  public Console console() {
    return console;
  }

  @Override
  public Console.Mark started() {
    return started;
  }

  @Override
  public Shell shell() {
    return shell;
  }

  @Override
  public Courier courier() {
    Courier open = courier;
    if (open == null) {
      open =
          attendance.attended(
              attendance.attend(
                  () ->
                      FrameCourier.over(
                          ssh.start(FOLDER + "/lastref-agent visit 2>/dev/null"),
                          definition.name(),
                          COMMAND)));
      courier = open;
    }
    return open;
  }

  /** No more than that it is not heard of: its last words come by the same way. */
  @Override
  public Optional<String> death() {
    return ssh.gone() ? Optional.of("its connection ended") : Optional.empty();
  }

  @Override
  public void attach() {
    closeCourier();
    // What was brought along goes with the connection.
    leave();
    ssh = connected();
    moveInAgain();
    life.to(State.SHELL, "it is visited anew");
  }

  private void leave() {
    console.close();
    ssh.close();
    courier = null;
  }

  private void moveInAgain() {
    console = movedIn();
    started = console.mark();
    attendance = new Attendance(definition.name(), console, this::death);
    shell = attendance.attended(ssh);
  }

  private void closeCourier() {
    if (courier != null) {
      courier.close();
      courier = null;
    }
  }

  @Override
  public void sysRq(char key) {
    ssh.run(List.of("sh", "-c", "echo " + key + " >/proc/sysrq-trigger"), COMMAND);
  }

  @Override
  public void reboot() {
    life.to(State.BOOTING, "reboot", definition.timeouts().boot());
    String before = bootId();
    restart("(sleep 0.2; reboot) >/dev/null 2>&1 &");
    if (!ends()) {
      // A kernel that hangs keeps its system from going down.
      restart(
          "(sleep 0.2; echo s >/proc/sysrq-trigger; echo b >/proc/sysrq-trigger) >/dev/null 2>&1 &");
      if (!ends()) {
        throw new LabFault("Board %s does not go down for a reboot".formatted(definition.name()));
      }
    }
    leave();
    ssh = connected();
    if (bootId().equals(before)) {
      throw new LabFault("Board %s was to reboot and did not".formatted(definition.name()));
    }
    moveInAgain();
    life.to(State.SHELL, "it rebooted");
  }

  private void restart(String command) {
    try {
      ssh.run(List.of("sh", "-c", command), COMMAND);
    } catch (LabFault e) {
      LOG.debug("Board {} goes down before it answers", definition.name(), e);
    }
  }

  private boolean ends() {
    return await("the end of the connection", ssh::gone);
  }

  private boolean await(String what, Callable<Boolean> condition) {
    try {
      Awaitility.await("%s of %s".formatted(what, definition.name()))
          .atMost(GOING)
          .until(condition);
      return true;
    } catch (ConditionTimeoutException e) {
      return false;
    }
  }

  private String bootId() {
    return ssh.run(List.of("cat", "/proc/sys/kernel/random/boot_id"), COMMAND).output().strip();
  }

  /**
   * Moves out. A board that is being brought back loses its power then, if it can be switched; else
   * it is left running.
   */
  @Override
  public void close() {
    boolean cycled = life.state() == State.RECOVERING;
    try {
      closeCourier();
      if (!cycled) {
        moveOut();
      } else if (power == null) {
        restart("(sleep 0.2; echo b >/proc/sysrq-trigger) >/dev/null 2>&1 &");
        ends();
      }
    } catch (LabFault e) {
      LOG.warn("Board {} may not be as it was: {}", definition.name(), e.getMessage());
    } finally {
      leave();
      if (cycled && power != null) {
        cut(power);
      }
      life.to(State.OFF, "left to itself");
    }
  }

  private void cut(PowerSwitch from) {
    try {
      from.off();
    } catch (LabFault e) {
      LOG.warn("Board {} may still have power: {}", definition.name(), e.getMessage());
    }
  }

  private void moveOut() {
    if (!ssh.gone()) {
      ssh.run(List.of("sh", "-c", MOVE_OUT), COMMAND);
      await("the guest's moving out", console::gone);
      left(ssh)
          .ifPresent(
              what -> {
                throw new LabFault("left on it: " + what);
              });
    }
  }

  /** What of ours is on a board that nobody visits; empty if nothing is. */
  static Optional<String> left(Shell root) {
    String left = root.run(List.of("sh", "-c", LEFT), COMMAND).output().strip();
    return Optional.of(left.replace('\n', ' ')).filter(what -> !what.isEmpty());
  }
}
