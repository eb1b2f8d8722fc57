package org.lastref.board;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.lastref.board.LifeCycle.State;
import org.lastref.fault.LabFault;
import org.lastref.link.Console;
import org.lastref.link.Courier;
import org.lastref.link.ReopeningLine;
import org.lastref.link.Shell;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A board on the bench. Its console is read from before it has power until after it has none.
 *
 * <p>Nothing but its console tells that it died, so a thread of its own watches that: after a panic
 * or an unexpected reset it waits for the end of what is said and closes the console, so that
 * whoever waits for an answer knows at once.
 */
final class PhysicalBoard implements Board {

  private static final Logger LOG = LoggerFactory.getLogger(PhysicalBoard.class);

  private static final Pattern PANIC_OR_RESET =
      Pattern.compile("(?:" + Startup.PANIC + "|" + Startup.RESET + ")[^\\r\\n]*\\r?\\n");

  private static final Duration FOREVER = Duration.ofDays(365);

  /** How long the port may be gone: an adapter that enumerates again takes a second or two. */
  private static final Duration AWAY = Duration.ofSeconds(20);

  private static final int SSH_PORT = 22;

  private final BoardDefinition definition;
  private final PowerSwitch power;
  private final ReopeningLine line;
  private final Console console;
  private final Startup startup;
  private Console.Mark started;
  private volatile @Nullable Contact contact;

  /** Why it died; written by the watching thread. */
  private volatile String dead = "";

  /** The thread that watches the console, of which there is one at a time. */
  private volatile @Nullable Thread watch;

  private PhysicalBoard(
      BoardDefinition definition,
      PowerSwitch power,
      Boot boot,
      LifeCycle life,
      ReopeningLine line,
      Path log) {
    this.definition = definition;
    this.power = power;
    this.line = line;
    console = Console.attach(line, log);
    started = console.mark();
    BoardDefinition.Ssh ssh = definition.ssh();
    startup =
        new Startup(
            definition,
            boot,
            life,
            new Attendance(definition.name(), console, this::death),
            String.valueOf(ssh.host()),
            ssh.port() == null ? SSH_PORT : ssh.port(),
            Optional.empty());
  }

  static PhysicalBoard boot(
      BoardDefinition definition,
      BoardDefinition.Physical hardware,
      Boot boot,
      Path runDirectory,
      LifeCycle life) {
    Deployment deployment = Deployment.of(definition, boot);
    PowerSwitch power = new PowerSwitch(definition.name(), hardware.power());
    BoardDefinition.Serial serial = definition.console();
    ReopeningLine line = ReopeningLine.open(serial.device(), serial.baud(), AWAY);
    PhysicalBoard board =
        new PhysicalBoard(definition, power, boot, life, line, runDirectory.resolve("console.log"));
    try {
      board.powerOn(hardware.deploy(), deployment, life);
      return board;
    } catch (RuntimeException e) {
      life.to(State.OFF, "power off, as it did not come up: " + e.getMessage());
      board.close();
      throw e;
    }
  }

  private void powerOn(BoardDefinition.Deploy deploy, Deployment deployment, LifeCycle life) {
    power.off();
    Duration limit = definition.timeouts().boot();
    boolean resident = false;
    if (deploy instanceof BoardDefinition.BootFolder folder) {
      deployment.to(folder);
    } else if (deploy instanceof BoardDefinition.RemoteBootFolder folder) {
      resident = folder.reboot() != null;
      if (resident) {
        life.to(State.BOOTING, "power on, into its own system", limit);
        power.on();
      }
      deployment.to(folder, limit);
    }
    started = console.mark();
    if (!resident) {
      life.to(State.BOOTING, "power on", limit);
      power.on();
    }
    contact = startup.await(started);
    watch();
  }

  /** Watches from here on. */
  private void watch() {
    Console.Mark from = console.mark();
    Thread thread = new Thread(() -> watch(from), "watch-" + definition.name());
    thread.setDaemon(true);
    watch = thread;
    thread.start();
  }

  private void watch(Console.Mark from) {
    try {
      String said =
          console.await(PANIC_OR_RESET, from, FOREVER, "the board's death").text().strip();
      if (watch == Thread.currentThread()) {
        startup.board().drain();
        dead = said.startsWith(Startup.PANIC) ? said : "it reset by itself: " + said;
        console.close();
        Contact open = contact;
        if (open != null) {
          open.close();
        }
      }
    } catch (LabFault e) {
      LOG.debug("Board {}: nobody watches its console any more", definition.name(), e);
    }
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
    return contact().shell();
  }

  @Override
  public Courier courier() {
    return contact().courier();
  }

  private Contact contact() {
    Contact now = contact;
    if (now == null) {
      throw new IllegalStateException("board " + definition.name() + " has not booted");
    }
    return now;
  }

  @Override
  public Optional<String> death() {
    return Optional.of(dead).filter(why -> !why.isEmpty());
  }

  @Override
  public void attach() {
    contact().close();
    contact = startup.attach("Ctrl-C");
  }

  @Override
  public void sysRq(char key) {
    line.sendBreak();
    console.write(new byte[] {(byte) key});
  }

  @Override
  public void reboot() {
    watch = null;
    started = startup.reboot(contact(), this::sysRq);
    contact = startup.await(started);
    watch();
  }

  /** Takes the power away and then the console. */
  @Override
  public void close() {
    watch = null;
    try {
      Contact open = contact;
      if (open != null) {
        open.close();
      }
      power.off();
    } catch (LabFault e) {
      LOG.warn("Board {} may still have power: {}", definition.name(), e.getMessage());
    } finally {
      console.close();
      startup.life().to(State.OFF, "power off");
    }
  }
}
