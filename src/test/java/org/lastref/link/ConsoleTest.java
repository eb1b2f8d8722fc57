package org.lastref.link;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullUnmarked;
import org.lastref.fault.LabFault;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

@NullUnmarked
public class ConsoleTest {

  private static final Duration SOON = Duration.ofSeconds(10);

  private Path folder;
  private Path log;
  private PtyBoard board;
  private Console console;

  @BeforeMethod
  public void attach() throws IOException {
    folder = Files.createTempDirectory("lastref-console");
    log = folder.resolve("console.log");
    board = PtyBoard.bare();
    console = Console.attach(SerialLine.open(board.device(), 115_200), log);
  }

  @AfterMethod(alwaysRun = true)
  public void detach() throws IOException {
    console.close();
    board.close();
    Files.deleteIfExists(log);
    Files.delete(folder);
  }

  @Test(timeOut = 30_000)
  public void logsEveryByteThatCame() throws Exception {
    byte[] sent = new byte[300_000];
    new Random(1).nextBytes(sent);
    say(sent);
    await(sent.length);
    assertEquals(bytesIn(log), sent);
    assertEquals(console.traffic(), new Shell.Traffic(0, sent.length));
  }

  @Test(timeOut = 30_000)
  public void logsALineThatIsNotFinishedYet() throws Exception {
    Instant before = Instant.now();
    say("first\r\nlast words");
    await(17);
    List<String> lines = Files.readAllLines(log, US_ASCII);
    assertEquals(lines.size(), 2);
    assertEquals(lines.get(0).substring(28), "first\\x0d");
    assertEquals(lines.get(1).substring(28), "last words");
    Instant time = Instant.parse(lines.get(0).substring(0, 27));
    assertTrue(time.isAfter(before.minusMillis(1)) && time.isBefore(Instant.now()), "" + time);
  }

  @Test(timeOut = 30_000)
  public void logsNothingATerminalWouldObey() throws Exception {
    say("\u001b]0;title\u0007 back\\slash \u009b\r\n");
    await(26);
    assertEquals(
        Files.readAllLines(log, US_ASCII).get(0).substring(28),
        "\\x1b]0;title\\x07 back\\\\slash \\xc2\\x9b\\x0d");
    assertEquals(console.tail(5), "\\x1b]0;title\\x07 back\\\\slash \\xc2\\x9b");
  }

  @Test(timeOut = 30_000)
  public void appendsToTheLogOfAnEarlierConnection() throws Exception {
    say("one\n");
    await(4);
    console.close();
    board.close();
    board = PtyBoard.bare();
    console = Console.attach(SerialLine.open(board.device(), 115_200), log);
    say("two\n");
    await(4);
    assertEquals(bytesIn(log), "one\n\ntwo\n".getBytes(US_ASCII));
  }

  @Test(timeOut = 30_000)
  public void findsTextThatComesInPieces() throws Exception {
    Console.Mark start = console.mark();
    say("noise\nlog");
    await(9);
    say("in: rest");
    Console.Match match = console.await(Pattern.compile("login:"), start, SOON, "a login prompt");
    assertEquals(match.text(), "login:");
    assertEquals(match.end(), new Console.Mark(12));
  }

  @Test(timeOut = 30_000)
  public void findsNothingFromBeforeTheMark() throws Exception {
    say("ready\n");
    await(6);
    LabFault fault =
        expectThrows(
            LabFault.class,
            () ->
                console.await(
                    Pattern.compile("ready"),
                    console.mark(),
                    Duration.ofMillis(50),
                    "the shell to be ready"));
    assertEquals(
        fault.getMessage(),
        "Waited 0.1 s for the shell to be ready on serial "
            + board.device()
            + ". Its last lines:\n    ready");
  }

  @Test(timeOut = 30_000)
  public void saysThatTheBoardWentAwayInsteadOfWaiting() throws Exception {
    say("Kernel panic\r\n");
    await(14);
    Console.Mark mark = console.mark();
    board.vanish();
    LabFault fault =
        expectThrows(
            LabFault.class,
            () -> console.await(Pattern.compile("x"), mark, Duration.ofMinutes(5), "a prompt"));
    assertTrue(
        fault
            .getMessage()
            .endsWith(
                "went away while waiting for a prompt. Its last lines:\n" + "    Kernel panic"),
        fault.getMessage());
    assertTrue(console.gone());
  }

  @Test(timeOut = 30_000)
  public void givesTheLinesSinceAMark() throws Exception {
    say("old\n");
    await(4);
    Console.Mark mark = console.mark();
    say("[    1.000000] new\r\n\nunfinished");
    await(35);
    assertEquals(console.lines(mark), List.of("[    1.000000] new", "", "unfinished"));
  }

  @Test(timeOut = 30_000)
  public void readsOnWhenTheDiskIsFullAndSaysSo() throws Exception {
    try (PtyBoard other = PtyBoard.bare();
        Console full =
            Console.attach(SerialLine.open(other.device(), 115_200), Path.of("/dev/full"))) {
      Console.Mark start = full.mark();
      other.in().write("one\n".getBytes(US_ASCII));
      other.in().flush();
      Awaitility.await("the first bytes").until(() -> full.traffic().received() == 4);
      other.in().write("two\n".getBytes(US_ASCII));
      other.in().flush();
      Awaitility.await("the second bytes").until(() -> full.traffic().received() == 8);
      assertEquals(full.tail(5), "one\ntwo");
      assertFalse(full.gone());
      LabFault fault = expectThrows(LabFault.class, () -> full.lines(start));
      assertTrue(fault.getMessage().contains("No space left on device"), fault.getMessage());
    }
  }

  private void say(String text) throws IOException {
    say(text.getBytes(UTF_8));
  }

  private void say(byte[] bytes) throws IOException {
    board.in().write(bytes);
    board.in().flush();
  }

  private void await(long received) {
    Awaitility.await(received + " bytes to be read")
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .atMost(SOON)
        .until(() -> console.traffic().received() == received);
  }

  /** Undoes what the log does to bytes. */
  private static byte[] bytesIn(Path log) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    String text = Files.readString(log, US_ASCII);
    int at = 0;
    while (at < text.length()) {
      if (text.charAt(at) != '\n') {
        Instant.parse(text.substring(at, at + 27));
        at += 28;
      }
      for (; at < text.length() && text.charAt(at) != '\n'; at++) {
        if (text.charAt(at) != '\\') {
          bytes.write(text.charAt(at));
        } else if (text.charAt(++at) == '\\') {
          bytes.write('\\');
        } else {
          bytes.write(Integer.parseInt(text.substring(at + 1, at + 3), 16));
          at += 2;
        }
      }
      if (at < text.length()) {
        bytes.write('\n');
        at++;
      }
    }
    return bytes.toByteArray();
  }
}
