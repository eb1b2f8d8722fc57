package org.lastref.board;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.lastref.fault.BootPanic;
import org.lastref.fault.LabFault;
import org.lastref.link.Console;
import org.lastref.link.Line;
import org.testng.annotations.Test;

/** What is said of a failure where the board has died. */
public class AttendanceTest {

  private static final Line ENDED =
      new Line() {
        @Override
        public String name() {
          return "a line that has ended";
        }

        @Override
        public int read(byte[] buffer) {
          return -1;
        }

        @Override
        public void write(byte[] bytes) {}

        @Override
        public void close() {}
      };

  private static LabFault failed(Supplier<String> work) throws IOException {
    Path log = Files.createTempFile("lastref-console", ".log");
    try (Console console = Console.attach(ENDED, log)) {
      Attendance attendance =
          new Attendance("bench", console, () -> Optional.of("it reset by itself"));
      return expectThrows(LabFault.class, () -> attendance.attend(work));
    } finally {
      Files.delete(log);
    }
  }

  @Test
  public void theDeathOfTheBoardIsSaidBeforeWhatFailed() throws IOException {
    LabFault fault =
        failed(
            () -> {
              throw new LabFault("no answer in 3 s");
            });
    assertTrue(
        fault.getMessage().startsWith("Board bench died: it reset by itself. no answer in 3 s"),
        fault.getMessage());
  }

  /** QEMU may tell that the guest has reset before the console's last line is read. */
  @Test
  public void aPanicAtBootStaysOne() throws IOException {
    BootPanic panic = new BootPanic("bench", "Kernel panic - not syncing", "");
    assertEquals(
        failed(
            () -> {
              throw panic;
            }),
        panic);
  }
}
