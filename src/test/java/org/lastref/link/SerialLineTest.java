package org.lastref.link;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullUnmarked;
import org.lastref.fault.LabFault;
import org.testng.annotations.Test;

@NullUnmarked
public class SerialLineTest {

  @Test(timeOut = 20_000)
  public void carriesBytesBothWays() throws Exception {
    try (PtyBoard board = PtyBoard.bare();
        SerialLine line = SerialLine.open(board.device(), 115_200)) {
      byte[] all = new byte[256];
      for (int i = 0; i < all.length; i++) {
        all[i] = (byte) i;
      }
      line.write(all);
      assertEquals(board.out().readNBytes(256), all);
      board.in().write(all);
      board.in().flush();
      assertEquals(PtyBoard.read(line, 256), all);
    }
  }

  @Test(timeOut = 20_000)
  public void refusesAPortThatDoesNotExist() {
    LabFault fault =
        expectThrows(LabFault.class, () -> SerialLine.open("/dev/serial/by-id/nobody", 115_200));
    assertTrue(fault.getMessage().startsWith("There is no serial port /dev/serial/by-id/nobody."));
  }

  @Test(timeOut = 20_000)
  public void refusesAFileThatIsNoPort() throws Exception {
    Path file = Files.createTempFile("lastref", "tty");
    try {
      LabFault fault =
          expectThrows(LabFault.class, () -> SerialLine.open(file.toString(), 115_200));
      assertTrue(fault.getMessage().startsWith("Cannot open " + file), fault.getMessage());
    } finally {
      Files.delete(file);
    }
  }

  @Test(timeOut = 20_000)
  public void refusesAPortThisProcessHasOpen() {
    try (PtyBoard board = PtyBoard.bare();
        SerialLine line = SerialLine.open(board.device(), 115_200)) {
      LabFault fault = expectThrows(LabFault.class, () -> SerialLine.open(board.device(), 115_200));
      assertTrue(fault.getMessage().contains("the port is in use"), fault.getMessage());
      line.write("still open".getBytes(US_ASCII));
    }
  }

  @Test(timeOut = 20_000)
  public void refusesAPortAnotherProcessHasLocked() throws Exception {
    try (PtyBoard board = PtyBoard.bare()) {
      Process holder =
          new ProcessBuilder("flock", board.device(), "sh", "-c", "echo locked; exec sleep 60")
              .start();
      try {
        assertEquals(holder.inputReader().readLine(), "locked");
        LabFault fault =
            expectThrows(LabFault.class, () -> SerialLine.open(board.device(), 115_200));
        assertTrue(fault.getMessage().contains("the port is in use"), fault.getMessage());
      } finally {
        holder.descendants().forEach(ProcessHandle::destroyForcibly);
        holder.destroyForcibly();
      }
    }
  }

  @Test(timeOut = 60_000)
  public void givesUpWritingToABoardThatTakesNothing() {
    try (PtyBoard board = PtyBoard.bare();
        SerialLine line = SerialLine.open(board.device(), 115_200)) {
      LabFault fault =
          expectThrows(
              LabFault.class,
              () -> {
                while (true) {
                  line.write(new byte[1 << 20]);
                }
              });
      assertTrue(fault.getMessage().contains("took nothing for 10 s"), fault.getMessage());
      assertTrue(fault.getMessage().contains(board.device()), fault.getMessage());
      // Known from now on, at no further wait.
      LabFault again = expectThrows(LabFault.class, () -> line.write(new byte[1]));
      assertEquals(again.getMessage(), fault.getMessage());
    }
  }

  @Test(timeOut = 20_000)
  public void tellsThatTheOtherSideIsGone() {
    try (PtyBoard board = PtyBoard.bare();
        SerialLine line = SerialLine.open(board.device(), 115_200)) {
      board.vanish();
      byte[] buffer = new byte[16];
      Awaitility.await("the end of the line")
          .pollDelay(Duration.ZERO)
          .atMost(Duration.ofSeconds(5))
          .until(() -> line.read(buffer) == -1);
      LabFault fault = expectThrows(LabFault.class, () -> line.write(new byte[1]));
      assertTrue(fault.getMessage().contains("the other side is gone"), fault.getMessage());
    }
  }

  @Test(timeOut = 20_000)
  public void goesOnAfterABreak() throws Exception {
    try (PtyBoard board = PtyBoard.bare();
        SerialLine line = SerialLine.open(board.device(), 115_200)) {
      line.sendBreak();
      line.write("h".getBytes(US_ASCII));
      assertEquals(board.out().read(), 'h');
    }
  }

  @Test(timeOut = 20_000)
  public void closingEndsARead() throws Exception {
    try (PtyBoard board = PtyBoard.bare()) {
      SerialLine line = SerialLine.open(board.device(), 115_200);
      CompletableFuture<Boolean> ended =
          CompletableFuture.supplyAsync(
              () -> {
                byte[] buffer = new byte[16];
                int count = 0;
                while (count >= 0) {
                  count = line.read(buffer);
                }
                return true;
              });
      line.close();
      assertTrue(ended.get(5, TimeUnit.SECONDS));
    }
  }
}
