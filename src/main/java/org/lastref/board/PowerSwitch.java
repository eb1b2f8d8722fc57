package org.lastref.board;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;
import org.lastref.yaml.Durations;

/** Switches a board by the commands in its file. */
final class PowerSwitch {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int SAID = 500;

  private final String board;
  private final BoardDefinition.Power power;

  PowerSwitch(String board, BoardDefinition.Power power) {
    this.board = board;
    this.power = power;
  }

  void on() {
    run("on", power.on());
  }

  /** Switches off and waits until the board has forgotten all. */
  void off() {
    run("off", power.off());
    try {
      // Nothing tells when a capacitor is empty.
      TimeUnit.MILLISECONDS.sleep(power.pause().toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabFault("Interrupted while board %s was off".formatted(board), e);
    }
  }

  private void run(String what, List<String> command) {
    Path said = null;
    try {
      // A file and no pipe: what the command leaves running may hold its output open.
      said = Files.createTempFile("lastref-power", ".log");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw fault(what, command, "it did not end within " + Durations.format(LIMIT), null);
      }
      if (process.exitValue() != 0) {
        throw fault(
            what, command, "exit code %d, %s".formatted(process.exitValue(), text(said)), null);
      }
    } catch (IOException e) {
      throw fault(what, command, String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabFault("Interrupted while switching board %s %s".formatted(board, what), e);
    } finally {
      delete(said);
    }
  }

  private LabFault fault(String what, List<String> command, String why, @Nullable Exception cause) {
    return new LabFault(
        "Board %s cannot be switched %s: %s: %s. Try the command by hand; it is power.%s in the board's file"
            .formatted(board, what, String.join(" ", command), why, what),
        cause);
  }

  private static String text(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      String text = new String(in.readNBytes(SAID), StandardCharsets.UTF_8).strip();
      return text.isEmpty() ? "it said nothing" : "it said: " + text;
    }
  }

  private static void delete(@Nullable Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // A temporary file; the system clears it away.
    }
  }
}
