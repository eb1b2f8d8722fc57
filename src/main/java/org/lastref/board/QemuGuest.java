package org.lastref.board;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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

  private final String board;
  private final QemuProcess qemu;
  private final Console console;
  private final Attendance attendance;
  private final Optional<AgentPort> port;

  private QemuGuest(String board, QemuProcess qemu, Console console, Optional<AgentPort> port) {
    this.port = port;
    this.board = board;
    this.qemu = qemu;
    this.console = console;
    attendance = new Attendance(board, console, this::death);
  }

  /**
   * Starts QEMU with its guest frozen.
   *
   * @param port the agent's, connected and closed with the guest
   */
  static QemuGuest load(
      String board, List<String> command, Optional<AgentPort> port, int baud, Path runDirectory) {
    List<String> words = new ArrayList<>(command);
    port.ifPresent(some -> words.addAll(some.words()));
    QemuProcess qemu = start(board, words, port);
    try {
      port.ifPresent(AgentPort::connect);
      SerialLine line = SerialLine.open(qemu.pty(QemuCommand.CONSOLE), baud);
      QemuGuest guest =
          new QemuGuest(
              board, qemu, Console.attach(line, runDirectory.resolve("console.log")), port);
      // Nobody waits for it: whoever uses the guest sees it gone.
      CompletableFuture<Void> unused =
          qemu.guestShutdown()
              .thenAcceptAsync(
                  reason -> guest.powerOff(), task -> daemon("power-off-" + board, task));
      return guest;
    } catch (LabFault e) {
      qemu.close();
      port.ifPresent(AgentPort::close);
      throw e;
    }
  }

  private static QemuProcess start(String board, List<String> words, Optional<AgentPort> port) {
    try {
      return QemuProcess.start(board, words);
    } catch (LabFault e) {
      port.ifPresent(AgentPort::close);
      throw e;
    }
  }

  Console console() {
    return console;
  }

  QemuProcess qemu() {
    return qemu;
  }

  Attendance attendance() {
    return attendance;
  }

  /** Lets the guest run. */
  void start() {
    qemu.resume();
  }

  /** Why the guest does no more, if that is so; waits a second for QEMU's end. */
  Optional<String> death() {
    return qemu.guestShutdown().isDone()
        ? Optional.of("it reset or switched off by itself (" + qemu.guestShutdown().join() + ")")
        : qemu.end();
  }

  /** Ends QEMU, and reads the console to its last byte. */
  @Override
  public void close() {
    powerOff();
    port.ifPresent(AgentPort::close);
    console.close();
  }

  private synchronized void powerOff() {
    try {
      if (qemu.isAlive()) {
        qemu.freeze();
        attendance.drain();
      }
    } catch (LabFault e) {
      LOG.debug("Board {}: the console's end may be missing", board, e);
    } finally {
      qemu.close();
    }
  }

  private static void daemon(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }
}
