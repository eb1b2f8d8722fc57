package org.lastref.board;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lastref.fault.LabFault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A QEMU process and its control channel, QMP over standard input and output: no socket to name, to
 * protect or to leave behind, and QEMU's end is seen at once.
 *
 * <p>QEMU cannot outlive the harness, however that ends: {@code setpriv --pdeathsig} asks the
 * kernel to kill it with its parent. Linux takes the <em>thread</em> that started a process for its
 * parent (prctl(2), PR_SET_PDEATHSIG), so a thread of its own starts QEMU and stays until it has
 * ended.
 */
final class QemuProcess implements AutoCloseable {

  /** How long QEMU may take to start, to answer and to end. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final int COMMAND_NOT_FOUND = 127;
  private static final int STDERR_KEPT = 4096;
  private static final Logger LOG = LoggerFactory.getLogger(QemuProcess.class);
  private static final Pattern FORWARD =
      Pattern.compile("TCP\\[HOST_FORWARD\\]\\s+\\d+\\s+127\\.0\\.0\\.1\\s+(\\d+)");
  private static final Pattern PORT_TAKEN =
      Pattern.compile("Could not set up host forwarding rule 'tcp:127\\.0\\.0\\.1:(\\d+)-");

  private final String board;
  private final String program;
  private final Process process;
  private final Qmp qmp;
  private final CompletableFuture<String> lastWords;

  private QemuProcess(
      String board, String program, Process process, CompletableFuture<String> lastWords) {
    this.board = board;
    this.program = program;
    this.process = process;
    this.lastWords = lastWords;
    this.qmp = new Qmp(board, process.getOutputStream(), process.getInputStream());
  }

  /**
   * Starts QEMU and waits until it takes commands.
   *
   * @param command the program and its options, but for QMP
   * @throws LabFault if it does not start, quoting what it said
   */
  static QemuProcess start(String board, List<String> command) {
    List<String> words = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL", "--"));
    words.addAll(command);
    words.addAll(List.of("-qmp", "stdio"));
    CompletableFuture<String> lastWords = new CompletableFuture<>();
    CompletableFuture<Process> started = new CompletableFuture<>();
    Thread keeper = new Thread(() -> keep(words, started, lastWords), "qemu-" + board);
    keeper.setDaemon(true);
    keeper.start();
    QemuProcess qemu = new QemuProcess(board, command.get(0), started(board, started), lastWords);
    try {
      qemu.supervise(() -> qemu.qmp.negotiate(PATIENCE));
      return qemu;
    } catch (LabFault e) {
      qemu.close();
      throw e;
    }
  }

  private static Process started(String board, CompletableFuture<Process> started) {
    try {
      return started.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new LabFault("Board %s: cannot start QEMU: %s".formatted(board, e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabFault("Board %s: interrupted while starting QEMU".formatted(board), e);
    }
  }

  private static void keep(
      List<String> words, CompletableFuture<Process> started, CompletableFuture<String> lastWords) {
    String said = "";
    try {
      Process process = new ProcessBuilder(words).start();
      started.complete(process);
      try (InputStream errors = process.getErrorStream()) {
        byte[] buffer = new byte[1024];
        for (int n = errors.read(buffer); n >= 0; n = errors.read(buffer)) {
          String all = said + new String(buffer, 0, n, StandardCharsets.UTF_8);
          said = all.substring(Math.max(0, all.length() - STDERR_KEPT));
        }
      }
      process.waitFor();
    } catch (IOException e) {
      started.completeExceptionally(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lastWords.complete(said.strip());
    }
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Completes with QEMU's reason once the guest has reset or switched itself off. */
  CompletableFuture<String> guestShutdown() {
    return qmp.guestShutdown();
  }

  /** Lets a frozen guest run. */
  void resume() {
    supervise(() -> qmp.execute("cont", Map.of(), PATIENCE));
  }

  /** Freezes the guest: it writes nothing more to its console. */
  void freeze() {
    supervise(() -> qmp.execute("stop", Map.of(), Duration.ofSeconds(2)));
  }

  /**
   * What becomes of a guest that resets.
   *
   * @param resets whether it starts again; else it is paused, as if it had switched itself off
   */
  void atReset(boolean resets) {
    Map<String, String> action = Map.of("reboot", resets ? "reset" : "shutdown");
    supervise(() -> qmp.execute("set-action", action, PATIENCE));
  }

  /** Sends a break to the guest's side of a character device. */
  void sendBreak(String chardev) {
    supervise(() -> qmp.execute("chardev-send-break", Map.of("id", chardev), PATIENCE));
  }

  /** The device path of the pseudo-terminal that stands behind a {@code -chardev pty}. */
  String pty(String chardev) {
    JsonNode all = supervise(() -> qmp.execute("query-chardev", Map.of(), PATIENCE));
    for (JsonNode one : all) {
      String file = one.path("filename").asText();
      if (one.path("label").asText().equals(chardev) && file.startsWith("pty:")) {
        return file.substring("pty:".length());
      }
    }
    throw new LabFault("QEMU of board %s has no pty %s: %s".formatted(board, chardev, all));
  }

  /** The port on 127.0.0.1 that is forwarded to the guest; QEMU lets the system choose it. */
  int forwardedPort() {
    // Only the monitor for people knows it, so this is text: net/slirp.c, "info usernet".
    String table =
        supervise(
                () ->
                    qmp.execute(
                        "human-monitor-command", Map.of("command-line", "info usernet"), PATIENCE))
            .asText();
    Matcher row = FORWARD.matcher(table);
    if (!row.find()) {
      throw new LabFault("QEMU of board %s forwards no port: %s".formatted(board, table));
    }
    return Integer.parseInt(row.group(1));
  }

  /** Why QEMU has ended, if it has or does within a second. */
  Optional<String> end() {
    return endsWithin(Duration.ofSeconds(1)) ? Optional.of(obituary()) : Optional.empty();
  }

  private <T> T supervise(Supplier<T> work) {
    try {
      return work.get();
    } catch (LabFault e) {
      throw end().map(why -> new LabFault("Board %s: %s".formatted(board, why), e)).orElse(e);
    }
  }

  private String obituary() {
    int exit = process.exitValue();
    // QEMU has closed its standard error by ending, so this comes at once.
    String said = lastWords.completeOnTimeout("", 1, TimeUnit.SECONDS).join();
    Matcher port = PORT_TAKEN.matcher(said);
    if (exit == COMMAND_NOT_FOUND) {
      return "%s is not installed, it comes with the Debian package qemu-system-arm (%s)"
          .formatted(program, said);
    } else if (port.find()) {
      return "port %s in use on 127.0.0.1: free it, or leave ssh.port out of the board's file"
          .formatted(port.group(1));
    }
    String how = exit > 128 ? "was killed by signal " + (exit - 128) : "ended with exit " + exit;
    return "QEMU " + how + (said.isEmpty() ? "" : ", it said: " + said);
  }

  /** Ends QEMU: asks it first, kills it if it does not go. */
  @Override
  public void close() {
    if (!quits()) {
      process.destroyForcibly();
      if (!endsWithin(PATIENCE)) {
        LOG.warn("QEMU of board {}, process {}, does not end even when killed", board, pid());
      }
    }
  }

  private boolean quits() {
    try {
      if (isAlive()) {
        qmp.execute("quit", Map.of(), Duration.ofSeconds(2));
      }
      return endsWithin(Duration.ofSeconds(3));
    } catch (LabFault e) {
      LOG.debug("QEMU of board {} did not quit on request", board, e);
      return false;
    }
  }

  private boolean endsWithin(Duration limit) {
    try {
      return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return !process.isAlive();
    }
  }
}
