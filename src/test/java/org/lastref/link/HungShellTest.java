package org.lastref.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.lastref.fault.LabFault;
import org.testng.annotations.Test;

/** Shells that do not come back; each costs the time a shell is given. */
@NullUnmarked
public class HungShellTest {

  @Test(timeOut = 60_000)
  public void saysOfADeadShellThatItIsDead() throws Exception {
    Path log = Files.createTempFile("lastref", "log");
    try (PtyBoard board = PtyBoard.withShell();
        Console console = Console.attach(SerialLine.open(board.device(), 115_200), log);
        FramedShell shell = FramedShell.onConsole(console, "bench")) {
      LabFault fault =
          expectThrows(
              LabFault.class,
              () ->
                  shell.run(
                      List.of("sh", "-c", "trap '' INT QUIT; sleep 50"), Duration.ofMillis(200)));
      assertTrue(fault.getMessage().contains("does not answer since a command hung"));
      LabFault again =
          expectThrows(LabFault.class, () -> shell.run(List.of("true"), Duration.ofSeconds(5)));
      assertTrue(
          again.getMessage().startsWith("bench: cannot run `true`: the shell on serial "),
          again.getMessage());
    } finally {
      Files.delete(log);
    }
  }

  @Test(timeOut = 60_000)
  public void saysThatNoShellIsThere() throws Exception {
    Path log = Files.createTempFile("lastref", "log");
    try (PtyBoard board = PtyBoard.bare();
        Console console = Console.attach(SerialLine.open(board.device(), 115_200), log)) {
      board.in().write("Starting kernel ...\r\n".getBytes(UTF_8));
      board.in().flush();
      LabFault fault = expectThrows(LabFault.class, () -> FramedShell.onConsole(console, "bench"));
      assertEquals(
          fault.getMessage(),
          "bench: no shell answered on serial "
              + board.device()
              + " within 15 s. Check that the board has booted to a shell."
              + " Its last lines:\n    Starting kernel ...");
    } finally {
      Files.delete(log);
    }
  }
}
