package org.lastref.board;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.lastref.fault.LabFault;
import org.testng.Assert.ThrowingRunnable;
import org.testng.annotations.Test;

/** On a real QEMU that has no kernel and stays frozen. */
public class QemuProcessTest {

  private static final List<String> FROZEN =
      List.of("qemu-system-aarch64", "-M", "virt", "-S", "-nodefaults", "-display", "none");

  @Test
  void namesThePtyOfTheConsole() {
    try (QemuProcess qemu = start("-chardev", "pty,id=console", "-serial", "chardev:console")) {
      assertTrue(Files.exists(Path.of(qemu.pty("console"))));
      String message = message(() -> qemu.pty("other"));
      assertTrue(message.contains("QEMU of board frozen has no pty other"), message);
    }
  }

  @Test
  void forwardsAPortThatTheSystemChose() throws IOException {
    try (QemuProcess qemu = start("-netdev", "user,id=n,hostfwd=tcp:127.0.0.1:0-:22")) {
      new Socket(InetAddress.getLoopbackAddress(), qemu.forwardedPort()).close();
    }
  }

  @Test
  void saysThatAPortIsInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      String message =
          message(() -> start("-netdev", "user,id=n,hostfwd=tcp:127.0.0.1:" + port + "-:22"));
      assertTrue(message.startsWith("Board frozen: port " + port + " in use"), message);
    }
  }

  @Test
  void quotesWhatQemuSaid() {
    String message = message(() -> start("-cpu", "abacus"));
    assertTrue(message.startsWith("Board frozen: QEMU ended with exit 1"), message);
    assertTrue(message.contains("abacus"), message);
  }

  @Test
  void namesThePackageOfAQemuThatIsNotInstalled() {
    String message = message(() -> QemuProcess.start("frozen", List.of("qemu-system-none", "-S")));
    assertTrue(message.contains("qemu-system-none is not installed"), message);
    assertTrue(message.contains("Debian package qemu-system-arm"), message);
  }

  @Test
  void saysThatQemuWasKilled() {
    try (QemuProcess qemu = start()) {
      ProcessHandle.of(qemu.pid()).orElseThrow().destroyForcibly();
      String message = message(qemu::freeze);
      assertEquals(message, "Board frozen: QEMU was killed by signal 9");
    }
  }

  @Test
  void endsQemuWhenClosed() {
    QemuProcess qemu = start();
    qemu.close();
    assertFalse(qemu.isAlive());
    qemu.close();
  }

  @Test
  void killsAQemuThatDoesNotQuit() throws IOException, InterruptedException {
    QemuProcess qemu = start();
    signal("STOP", qemu.pid());
    qemu.close();
    assertFalse(qemu.isAlive());
  }

  @Test
  void qemuGoesWithAHarnessThatIsKilled() throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process harness =
        new ProcessBuilder(
                java, "-cp", System.getProperty("java.class.path"), Harness.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader out = harness.inputReader(StandardCharsets.UTF_8)) {
      ProcessHandle qemu = ProcessHandle.of(Long.parseLong(out.readLine())).orElseThrow();
      assertTrue(qemu.isAlive());
      harness.destroyForcibly();
      Awaitility.await("QEMU gone with its harness")
          .pollDelay(Duration.ZERO)
          .atMost(Duration.ofSeconds(10))
          .until(() -> !qemu.isAlive());
    } finally {
      harness.destroyForcibly();
    }
  }

  /** Starts QEMU, says its process id, and waits to be killed. */
  static final class Harness {

    private Harness() {}

    public static void main(String[] arguments) throws InterruptedException {
      QemuProcess qemu = QemuProcess.start("frozen", FROZEN);
      System.out.println(qemu.pid());
      Thread.sleep(TimeUnit.MINUTES.toMillis(1));
      qemu.close();
    }
  }

  private static QemuProcess start(String... options) {
    return QemuProcess.start("frozen", Stream.concat(FROZEN.stream(), Stream.of(options)).toList());
  }

  private static String message(ThrowingRunnable work) {
    return String.valueOf(expectThrows(LabFault.class, work).getMessage());
  }

  private static void signal(String name, long pid) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
  }
}
