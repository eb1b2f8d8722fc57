package org.lastref.board;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.lastref.board.LifeCycle.State;
import org.lastref.link.Console;
import org.lastref.link.Courier;
import org.lastref.link.Shell;

/** A board in QEMU. */
final class QemuBoard implements Board {

  private static final int NO_PORT = 0;

  private final BoardDefinition definition;
  private final QemuGuest guest;
  private final Startup startup;
  private Console.Mark started;
  private Contact contact;

  private QemuBoard(
      BoardDefinition definition,
      QemuGuest guest,
      Startup startup,
      Console.Mark started,
      Contact contact) {
    this.definition = definition;
    this.guest = guest;
    this.startup = startup;
    this.started = started;
    this.contact = contact;
  }

  static QemuBoard boot(
      BoardDefinition definition,
      BoardDefinition.Qemu machine,
      Boot boot,
      Path runDirectory,
      LifeCycle life) {
    Optional<AgentPort> port =
        boot.channel() == Channel.SSH && !machine.isRaspberryPi()
            ? Optional.of(AgentPort.prepare(definition.name()))
            : Optional.empty();
    QemuGuest guest =
        QemuGuest.load(
            definition.name(),
            QemuCommand.of(definition, machine, boot),
            port,
            definition.console().baud(),
            runDirectory);
    try {
      Startup startup =
          new Startup(
              definition,
              boot,
              life,
              guest.attendance(),
              "127.0.0.1",
              boot.channel() == Channel.SSH ? guest.qemu().forwardedPort() : NO_PORT,
              port);
      Console.Mark powerOn = guest.console().mark();
      life.to(State.BOOTING, "power on", definition.timeouts().boot());
      Contact contact =
          guest
              .attendance()
              .attend(
                  () -> {
                    guest.start();
                    return startup.await(powerOn);
                  });
      return new QemuBoard(definition, guest, startup, powerOn, contact);
    } catch (RuntimeException e) {
      guest.close();
      life.to(State.OFF, "power off, as it did not come up: " + e.getMessage());
      throw e;
    }
  }

  QemuGuest guest() {
    return guest;
  }

  @Override
  public BoardDefinition definition() {
    return definition;
  }

  @Override
  public Console console() {
    return guest.console();
  }

  @Override
  public Console.Mark started() {
    return started;
  }

  @Override
  public Shell shell() {
    return contact.shell();
  }

  @Override
  public Courier courier() {
    return contact.courier();
  }

  @Override
  public Optional<String> death() {
    return guest.death();
  }

  @Override
  public void attach() {
    contact.close();
    contact = guest.attendance().attend(() -> startup.attach("Ctrl-C"));
  }

  @Override
  public void sysRq(char key) {
    guest.qemu().sendBreak(QemuCommand.CONSOLE);
    console().write(String.valueOf(key).getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void reboot() {
    guest.qemu().atReset(true);
    contact =
        guest
            .attendance()
            .attend(
                () -> {
                  started = startup.reboot(contact, this::sysRq);
                  return startup.await(started);
                });
    guest.qemu().atReset(false);
  }

  @Override
  public void close() {
    try {
      contact.close();
    } finally {
      guest.close();
      startup.life().to(State.OFF, "power off");
    }
  }
}
