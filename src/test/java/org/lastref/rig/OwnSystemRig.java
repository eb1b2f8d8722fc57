package org.lastref.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.awaitility.Awaitility;
import org.lastref.board.BaseTree;
import org.lastref.board.BoardDefinition;

/**
 * What stands for a board under its own system, in QEMU: Debian with sudo and an SSH server, a
 * kernel without any of our patches, and its headers; {@code harness/own-system}. Nothing of it
 * knows Lastref. The user lab may use sudo, the user visitor may not.
 */
public final class OwnSystemRig implements AutoCloseable {

  /** The board's name. */
  public static final String BOARD = "own-system-rig";

  private static final Path SCRIPTS = Path.of("src/test/rig").toAbsolutePath();

  private final Path folder;
  private final Path built;
  private final int port;

  private OwnSystemRig(Path folder, Path built, int port) {
    this.folder = folder;
    this.built = built;
    this.port = port;
  }

  /** Builds it if it never was, which takes minutes, and starts it with a fresh disk. */
  public static OwnSystemRig start() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("harness/own-system/build")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<String> said;
    try (var reader = process.inputReader()) {
      said = reader.lines().toList();
    }
    if (process.waitFor() != 0) {
      throw new IOException("harness/own-system/build failed; what it says is above");
    }
    Path built = Path.of(said.get(said.size() - 1));
    Path folder = Files.createTempDirectory("lastref-own-system").toRealPath();
    Commands.run("cp", "--sparse=always", "" + built.resolve("disk.img"), "" + folder);
    Files.copy(built.resolve("Image"), folder.resolve("Image"));
    BoardDefinition virt = BoardDefinition.load(Path.of("boards/qemu-virt.yaml"));
    BaseTree.make(
        virt,
        () -> {
          throw new AssertionError("QEMU has a tree of its own");
        },
        Path.of("boards/base.dtso"),
        folder);
    OwnSystemRig rig = new OwnSystemRig(folder, built, PhysicalRig.freePort());
    rig.run("own-system-on", "" + folder, "" + rig.port);
    rig.awaitUp();
    return rig;
  }

  /** Waits until its SSH server answers. */
  public void awaitUp() {
    Awaitility.await("the SSH server of the board")
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofSeconds(1))
        .ignoreExceptions()
        .until(() -> ssh("echo up").equals("up"));
  }

  /** Takes its power away for a moment. */
  public void restart() throws IOException, InterruptedException {
    ssh("sync");
    run("power-off", "" + folder);
    run("own-system-on", "" + folder, "" + port);
    awaitUp();
  }

  /**
   * Its file.
   *
   * @param user lab or visitor
   * @param switched whether its power can be switched
   */
  public Path yaml(String user, boolean switched) throws IOException {
    String power =
        switched
            ? "\n  power:\n    on: [%s, %s, \"%d\"]\n    off: [%s, %s]\n    pause: 200ms"
                .formatted(
                    SCRIPTS.resolve("own-system-on"),
                    folder,
                    port,
                    SCRIPTS.resolve("power-off"),
                    folder)
            : "";
    return Files.writeString(
        folder.resolve("board.yaml"),
        """
        name: %s
        description: Debian in QEMU
        labels: [arm64]
        hardware:
          kind: own-system%s
        kernel-arguments: []
        ssh:
          user: %s
          host: 127.0.0.1
          port: %d
          host-key: %s
          client-key: %s
        timeouts:
          boot: 60s
          shell: 20s
        retries: 0
        """
            .formatted(
                BOARD,
                power,
                user,
                port,
                built.resolve("host_key.pub"),
                built.resolve("client_key")));
  }

  /** What a command of the user lab says on it. */
  public String ssh(String command) throws IOException, InterruptedException {
    return run(List.of(
            "ssh",
            "-q",
            "-i",
            "" + built.resolve("client_key"),
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
            "-p",
            "" + port,
            "lab@127.0.0.1",
            command))
        .strip();
  }

  /**
   * What of ours is on it, in a line each: processes, modules, files, overlays; empty if nothing.
   */
  public String ours() throws IOException, InterruptedException {
    return ssh(
        "ls -A /tmp; grep -o '^lastref[a-z_]*' /proc/modules; pgrep -f [l]astref-agent;"
            + " ls -d /proc/device-tree/lr-osc 2>/dev/null; true");
  }

  private String run(String script, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("" + SCRIPTS.resolve(script)));
    command.addAll(List.of(arguments));
    return run(command);
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    return Commands.run(command.toArray(String[]::new));
  }

  /** Takes all of it away. */
  @Override
  public void close() {
    try {
      run("power-off", "" + folder);
      try (var files = Files.walk(folder)) {
        for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the board was switched off", e);
    }
  }
}
