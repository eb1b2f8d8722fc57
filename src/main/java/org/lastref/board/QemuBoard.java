package org.lastref.board;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.lastref.link.Console;
import org.lastref.link.FramedShell;
import org.lastref.link.Shell;
import org.lastref.link.Ssh;

/** A board in QEMU. */
record QemuBoard(BoardDefinition definition, QemuGuest guest, Shell shell) implements Board {

  static QemuBoard boot(
      BoardDefinition definition, BoardDefinition.Qemu machine, Boot boot, Path runDirectory) {
    QemuGuest guest =
        QemuGuest.load(
            definition.name(),
            QemuCommand.of(definition, machine, boot),
            definition.serial().baud(),
            runDirectory);
    try {
      Shell shell =
          guest.attend(
              () -> {
                guest.start(definition.timeouts().boot());
                return shell(definition, guest, boot);
              });
      return new QemuBoard(definition, guest, new AttendedShell(shell, guest));
    } catch (RuntimeException e) {
      guest.close();
      throw e;
    }
  }

  private static Shell shell(BoardDefinition definition, QemuGuest guest, Boot boot) {
    return switch (boot.channel()) {
      case SERIAL -> FramedShell.onConsole(guest.console(), definition.name());
      case SSH ->
          Ssh.connect(
              "127.0.0.1",
              guest.qemu().forwardedPort(),
              definition.ssh().user(),
              boot.image().clientKey(),
              boot.image().hostKey(),
              definition.timeouts().shell());
    };
  }

  @Override
  public Console console() {
    return guest.console();
  }

  @Override
  public void close() {
    try {
      shell.close();
    } finally {
      guest.close();
    }
  }

  /** Says that the guest has died if that is why the shell failed. */
  private record AttendedShell(Shell shell, QemuGuest guest) implements Shell {

    @Override
    public Reply run(List<String> words, Duration limit) {
      return guest.attend(() -> shell.run(words, limit));
    }

    @Override
    public void upload(byte[] content, String path) {
      guest.attend(
          () -> {
            shell.upload(content, path);
            return path;
          });
    }

    @Override
    public Traffic traffic() {
      return shell.traffic();
    }

    @Override
    public void close() {
      shell.close();
    }
  }
}
