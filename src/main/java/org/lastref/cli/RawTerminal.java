package org.lastref.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.lastref.fault.LabFault;

/**
 * The terminal in raw mode: each key goes to the board as it is, Ctrl-C too. However this ends but
 * by SIGKILL, the terminal is as it was.
 */
final class RawTerminal implements AutoCloseable {

  private final String before;
  private final Thread hook = new Thread(this::restore, "restore-terminal");

  private RawTerminal(String before) {
    this.before = before;
  }

  /** Makes the terminal raw; where input or output is none, nothing is done. */
  static AutoCloseable enter() {
    boolean terminal = Boolean.getBoolean("lastref.terminal.in");
    if (!terminal || !Boolean.getBoolean("lastref.terminal.out")) {
      return () -> {};
    }
    RawTerminal entered = new RawTerminal(stty("-g").strip());
    Runtime.getRuntime().addShutdownHook(entered.hook);
    stty("raw", "-echo");
    return entered;
  }

  @Override
  public void close() {
    restore();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The program is being ended, and the hook does no harm.
      return;
    }
  }

  private void restore() {
    stty(before);
  }

  private static String stty(String... words) {
    List<String> command = new ArrayList<>(List.of("stty", "-F", "/dev/tty"));
    command.addAll(List.of(words));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      try (InputStream in = process.getInputStream()) {
        String said = new String(in.readNBytes(4096), StandardCharsets.UTF_8);
        if (!process.waitFor(5, TimeUnit.SECONDS) || process.exitValue() != 0) {
          throw new LabFault(
              "cannot set the terminal with %s: %s".formatted(command, said.strip()));
        }
        return said;
      } finally {
        process.destroy();
      }
    } catch (IOException e) {
      throw new LabFault("cannot run stty: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabFault("interrupted while the terminal was set", e);
    }
  }
}
