package org.lastref.board;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.lastref.fault.LabFault;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Against a real QEMU that has no kernel and stays frozen. */
@SuppressWarnings("NullAway.Init")
public class QmpTest {

  private static final Duration LIMIT = Duration.ofSeconds(10);

  private Process qemu;
  private Qmp qmp;

  @BeforeMethod
  void start() throws IOException {
    qemu =
        new ProcessBuilder(
                "setpriv --pdeathsig KILL qemu-system-aarch64 -M virt -S -nodefaults -display none -qmp stdio"
                    .split(" "))
            .start();
    qmp = new Qmp("frozen", qemu.getOutputStream(), qemu.getInputStream());
    qmp.negotiate(LIMIT);
  }

  @AfterMethod(alwaysRun = true)
  void kill() {
    qemu.destroyForcibly();
  }

  @Test
  void runsCommands() {
    assertEquals(status(), "prelaunch");
    qmp.execute("cont", Map.of(), LIMIT);
    assertEquals(status(), "running");
    qmp.execute("stop", Map.of(), LIMIT);
    assertEquals(status(), "paused");
  }

  @Test
  void quotesARefusal() {
    String message = message("nonsense", LIMIT);
    assertTrue(message.contains("refused nonsense: The command nonsense"), message);
    assertEquals(status(), "prelaunch");
  }

  @Test
  void ignoresAnAnswerThatComesTooLate() throws IOException, InterruptedException {
    signal("STOP");
    String message = message("query-version", Duration.ofMillis(200));
    assertTrue(message.contains("did not give an answer to query-version within 200ms"), message);
    signal("CONT");
    assertEquals(status(), "prelaunch");
  }

  @Test
  void saysThatQemuEnded() throws InterruptedException {
    qemu.destroyForcibly().waitFor();
    String message = message("query-status", LIMIT);
    assertTrue(message.contains("QEMU of board frozen"), message);
  }

  @Test
  void tellsThatTheGuestSwitchedItselfOffButNotThatWeDid() throws Exception {
    qmp.execute("quit", Map.of(), LIMIT);
    assertTrue(qemu.waitFor(10, TimeUnit.SECONDS));
    assertTrue(!qmp.guestShutdown().isDone());
  }

  private String status() {
    return qmp.execute("query-status", Map.of(), LIMIT).path("status").asText();
  }

  private String message(String command, Duration limit) {
    return String.valueOf(
        expectThrows(LabFault.class, () -> qmp.execute(command, Map.of(), limit)).getMessage());
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(qemu.pid())).start().waitFor();
  }
}
