package org.lastref.board;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.lastref.fault.LabFault;
import org.lastref.link.Console;
import org.lastref.link.SerialLine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A QEMU process and the console of its guest.
 *
 * <p>A pseudo-terminal forgets what was not read when its other end closes, and QEMU looks for a
 * reader only about once a second. So QEMU starts frozen until the console is read, and a guest
 * that resets or switches itself off is paused until its console has been read; only then QEMU
 * ends.
 */
final class QemuGuest implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(QemuGuest.class);

  // The first is said by harness/rootfs/init, the second by panic() in kernel/panic.c of Linux 6.1.
  private static final Pattern READY_OR_PANIC =
      Pattern.compile("lastref: ready\\r?\\n|Kernel panic - not syncing[^\\r\\n]*\\r?\\n");

  private final String board;
  private final QemuProcess qemu;
  private final Console console;

  private QemuGuest(String board, QemuProcess qemu, Console console) {
    this.board = board;
    this.qemu = qemu;
    this.console = console;
  }

  /** Starts QEMU with its guest frozen. */
  static QemuGuest load(String board, List<String> command, int baud, Path runDirectory) {
    makeDirectory(runDirectory);
    QemuProcess qemu = QemuProcess.start(board, command);
    try {
      SerialLine line = SerialLine.open(qemu.pty(QemuCommand.CONSOLE), baud);
      QemuGuest guest =
          new QemuGuest(board, qemu, Console.attach(line, runDirectory.resolve("console.log")));
      // Nobody waits for it: whoever uses the guest sees it gone.
      CompletableFuture<Void> unused =
          qemu.guestShutdown()
              .thenAcceptAsync(
                  reason -> guest.powerOff(), task -> daemon("power-off-" + board, task));
      return guest;
    } catch (LabFault e) {
      qemu.close();
      throw e;
    }
  }

  Console console() {
    return console;
  }

  QemuProcess qemu() {
    return qemu;
  }

  /** Lets the guest run and waits until its init says that it is ready. */
  void start(Duration limit) {
    Console.Mark powerOn = console.mark();
    qemu.resume();
    String said =
        console
            .await(READY_OR_PANIC, powerOn, limit, "'lastref: ready' of its init")
            .text()
            .strip();
    if (said.startsWith("Kernel panic")) {
      drain();
      throw new LabFault(
          "Board %s did not boot: %s%n%s"
              .formatted(board, said, console.tail(40).indent(4).stripTrailing()));
    }
  }

  /** Does something with the guest; if that fails because the guest is gone, says so and why. */
  <T> T attend(Supplier<T> work) {
    try {
      return work.get();
    } catch (LabFault e) {
      Optional<String> death = death();
      if (death.isEmpty()) {
        throw e;
      }
      // The rest of the message is a tail of the shell's line; the console's says more.
      String doing = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new LabFault(
          "Board %s died: %s. %s%nThe console's last lines:%n%s"
              .formatted(
                  board,
                  death.get(),
                  doing.replaceFirst(" *Its last lines:$", ""),
                  console.tail(40).indent(4).stripTrailing()),
          e);
    }
  }

  private Optional<String> death() {
    return qemu.guestShutdown().isDone()
        ? Optional.of("it reset or switched off by itself (" + qemu.guestShutdown().join() + ")")
        : qemu.end();
  }

  /** Ends QEMU, and reads the console to its last byte. */
  @Override
  public void close() {
    powerOff();
    console.close();
  }

  private synchronized void powerOff() {
    try {
      if (qemu.isAlive()) {
        qemu.freeze();
        drain();
      }
    } catch (LabFault e) {
      LOG.debug("Board {}: the console's end may be missing", board, e);
    } finally {
      qemu.close();
    }
  }

  /** Waits until nothing more comes from the console. */
  private void drain() {
    long[] before = {-1};
    try {
      Awaitility.await("the console of " + board + " to fall silent")
          .pollInSameThread()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(250))
          .atMost(Duration.ofSeconds(3))
          .until(
              () -> {
                long now = console.traffic().received();
                boolean silent = now == before[0];
                before[0] = now;
                return silent;
              });
    } catch (ConditionTimeoutException e) {
      LOG.debug("Board {}: its console does not fall silent", board, e);
    }
  }

  private static void makeDirectory(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new LabFault("Cannot make the directory %s: %s".formatted(directory, e), e);
    }
  }

  private static void daemon(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }
}
