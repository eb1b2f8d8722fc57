package org.lastref.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.lastref.link.LineProxy;
import org.testng.SkipException;

/**
 * A Raspberry Pi 3 as a lab has it, but in QEMU: a serial port that stays while the board comes and
 * goes, at 115,200 baud; power by commands; and a boot server over SSH whose folder the next
 * power-on reads. Nothing of it knows Lastref, and Lastref sees nothing of QEMU.
 *
 * <pre>
 * FOLDER/board.yaml       the board's file
 *        serial/by-id     the serial port
 *        boot/            what it boots, at first nothing
 *        server/          the boot server's keys
 * </pre>
 */
public final class PhysicalRig implements AutoCloseable {

  /** The board's name. */
  public static final String BOARD = "rpi3-rig";

  private static final int BAUD = 115_200;

  private static final Path SCRIPTS = Path.of("src/test/rig").toAbsolutePath();

  /** Bytes that went over the serial line. */
  public record Bytes(long toBoard, long toHarness) {}

  private final Path folder;
  private final int sshPort;
  private final int serverPort;
  private BootServer server;
  private final LineProxy line;

  private PhysicalRig(Path folder) throws IOException, InterruptedException {
    this.folder = folder;
    sshPort = freePort();
    serverPort = freePort();
    for (var each : List.of("boot", "server", "serial")) {
      Files.createDirectory(folder.resolve(each));
    }
    server = BootServer.start(folder.resolve("server"), serverPort);
    try {
      trustServer();
      line =
          LineProxy.between(
              folder.resolve("serial/by-id"),
              "UNIX-CONNECT:" + folder.resolve("console.sock"),
              BAUD);
      Files.writeString(yaml(), file());
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /**
   * Builds the rig, in a temporary folder, with the board off and nothing to boot.
   *
   * @throws SkipException if this process may not have a mount namespace, which the boot server
   *     needs
   */
  public static PhysicalRig start() {
    try {
      Commands.run("unshare", "-m", "true");
    } catch (IOException e) {
      throw new SkipException("the boot server of the bench needs root: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted before the rig was built", e);
    }
    try {
      // Short: a socket's path has at most 107 bytes.
      return new PhysicalRig(Files.createTempDirectory("lastref-rig").toRealPath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the rig was built", e);
    }
  }

  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private String file() {
    return """
        name: %s
        description: Raspberry Pi 3 on a bench that is emulated
        labels: [rpi3, arm64, bench]
        hardware:
          kind: physical
          devicetree: bcm2837-rpi-3-b
          power:
            on: [%s, %s, "%d"]
            off: [%s, %s]
            pause: 200ms
          deploy:
            kind: ssh
            host: 127.0.0.1
            port: %d
            user: root
            host-key: %s
            client-key: %s
            path: %s
        kernel-arguments: ['console=ttyS1,115200']
        serial:
          device: %s
          baud: %d
        ssh:
          user: root
          host: 127.0.0.1
          port: %d
        timeouts:
          boot: 120s
          shell: 30s
        retries: 1
        """
        .formatted(
            BOARD,
            SCRIPTS.resolve("power-on"),
            folder,
            sshPort,
            SCRIPTS.resolve("power-off"),
            folder,
            serverPort,
            folder.resolve("server/host_key.pub"),
            folder.resolve("server/client_key"),
            bootFolder(),
            line.link(),
            BAUD,
            sshPort);
  }

  /** The board's file. */
  public Path yaml() {
    return folder.resolve("board.yaml");
  }

  /** What the next power-on boots. */
  public Path bootFolder() {
    return folder.resolve("boot");
  }

  /** The serial line, to be broken. */
  public LineProxy line() {
    return line;
  }

  /** Bytes that went over the serial line so far. */
  public Bytes bytes() {
    return new Bytes(line.toBoard().moved(), line.toHarness().moved());
  }

  /** Whether it runs. */
  public boolean running() {
    return Files.exists(folder.resolve("qemu.pid"));
  }

  /** Gives the board power behind the harness's back, as a hand at the bench does. */
  public void powerOn() {
    switchBoard("power-on", folder.toString(), "" + sshPort);
  }

  /** Takes the board's power away behind the harness's back. */
  public void cutPower() {
    switchBoard("power-off", folder.toString());
  }

  private static void switchBoard(String script, String... arguments) {
    var command = new ArrayList<>(List.of(SCRIPTS.resolve(script).toString()));
    command.addAll(List.of(arguments));
    try {
      Commands.run(command.toArray(String[]::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted in " + script, e);
    }
  }

  /** The boot server answers with another host key than the board's file has. */
  public void changeHostKey() {
    server.close();
    try {
      BootServer.makeHostKey(folder.resolve("server"));
      server = BootServer.start(folder.resolve("server"), serverPort);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the boot server was started", e);
    }
  }

  /** The board's file has the key that the boot server answers with. */
  public void trustServer() throws IOException {
    Files.copy(
        folder.resolve("server/host_key.new.pub"),
        folder.resolve("server/host_key.pub"),
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** Takes all of it away. */
  @Override
  public void close() {
    line.close();
    cutPower();
    server.close();
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A rig to try by hand, until the standard input ends: says where its board's file is. */
  public static void main(String[] arguments) throws IOException {
    try (var rig = start()) {
      System.out.println(rig.yaml());
      while (System.in.read() >= 0) {
        System.out.println(rig.bytes());
      }
    }
  }
}
