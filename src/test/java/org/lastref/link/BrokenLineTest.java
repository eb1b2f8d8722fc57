package org.lastref.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.NullUnmarked;
import org.lastref.fault.LabFault;
import org.lastref.link.LineProxy.Faults;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Commands over a line of 115,200 baud that breaks: each runs once, and its reply is right. */
@NullUnmarked
public class BrokenLineTest {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private Path folder;
  private PtyBoard board;
  private LineProxy proxy;
  private Console console;

  @BeforeMethod
  public void connect() throws IOException {
    folder = Files.createTempDirectory("lastref-line");
    board = PtyBoard.withShell();
    proxy = LineProxy.to(Path.of(board.device()), folder.resolve("tty"), 115_200);
    console =
        Console.attach(
            ReopeningLine.open(proxy.link().toString(), 115_200, Duration.ofSeconds(5)),
            folder.resolve("log"));
  }

  @AfterMethod(alwaysRun = true)
  public void disconnect() throws IOException {
    console.close();
    proxy.close();
    board.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  @DataProvider
  public Object[][] faults() {
    return new Object[][] {
      {"drops", new Faults(0.001, 0, 0)},
      {"changes", new Faults(0, 0.001, 0)},
      {"doubles", new Faults(0, 0, 0.001)},
      {"all of it", new Faults(0.0003, 0.0003, 0.0003)},
    };
  }

  @Test(timeOut = 120_000, dataProvider = "faults")
  public void runsEachCommandOnceAndBringsItsReplyWhole(String what, Faults faults) {
    FramedShell shell = FramedShell.onConsole(console, "bench");
    proxy.toBoard().faults(faults, 1);
    proxy.toHarness().faults(faults, 2);
    String expected =
        IntStream.rangeClosed(1, 1000).mapToObj(i -> i + "\n").collect(Collectors.joining());
    Path count = folder.resolve("count");
    for (int i = 1; i <= 3; i++) {
      String script = "echo " + i + " >>" + count + "; seq 1000; exit " + i;
      assertEquals(
          shell.run(List.of("sh", "-c", script), LIMIT), new Shell.Reply(i, expected), what);
    }
    proxy.toBoard().faults(Faults.NONE, 0);
    proxy.toHarness().faults(Faults.NONE, 0);
    assertEquals(shell.run(List.of("cat", count.toString()), LIMIT).output(), "1\n2\n3\n", what);
    assertTrue(shell.mended() > 0, "nothing was broken");
  }

  @Test(timeOut = 60_000)
  public void takesOverAShellOverABrokenLine() {
    Faults faults = new Faults(0.001, 0.001, 0);
    proxy.toBoard().faults(faults, 3);
    proxy.toHarness().faults(faults, 4);
    FramedShell shell = FramedShell.onConsole(console, "bench");
    assertEquals(shell.run(List.of("echo", "on"), LIMIT).output(), "on\n");
  }

  @Test(timeOut = 60_000)
  public void sendsOnlyTheBadPiecesOfAnUploadAgain() throws IOException {
    FramedShell shell = FramedShell.onConsole(console, "bench");
    byte[] content = new byte[6000];
    new Random(5).nextBytes(content);
    proxy.toBoard().faults(new Faults(0.001, 0, 0), 5);
    long before = shell.traffic().sent();
    shell.upload(content, folder.resolve("file").toString());
    assertEquals(Files.readAllBytes(folder.resolve("file")), content);
    long sent = shell.traffic().sent() - before;
    assertTrue(shell.mended() > 0, "nothing was broken");
    assertTrue(sent < 3 * 8000, "8,000 characters took " + sent);
  }

  @Test(timeOut = 60_000)
  public void asksOnlyForTheBadBlocksOfAReplyAgain() {
    FramedShell shell = FramedShell.onConsole(console, "bench");
    proxy.toHarness().faults(new Faults(0.0005, 0, 0), 6);
    long before = shell.traffic().received();
    String expected =
        IntStream.rangeClosed(1, 3000).mapToObj(i -> i + "\n").collect(Collectors.joining());
    assertEquals(shell.run(List.of("seq", "3000"), LIMIT).output(), expected);
    long received = shell.traffic().received() - before;
    assertTrue(shell.mended() > 0, "nothing was broken");
    assertTrue(received < 2L * expected.length(), expected.length() + " took " + received);
  }

  @Test(timeOut = 60_000)
  public void waitsForALineThatStalls() {
    FramedShell shell = FramedShell.onConsole(console, "bench");
    for (LineProxy.Lane lane : List.of(proxy.toBoard(), proxy.toHarness())) {
      lane.stall(true);
      Thread relief =
          new Thread(
              () -> {
                Awaitility.await("the question after a second of silence")
                    .until(() -> shell.traffic().sent() > 0 && silentFor(1500));
                lane.stall(false);
              });
      relief.start();
      assertEquals(shell.run(List.of("echo", "on"), LIMIT).output(), "on\n");
    }
  }

  private boolean silentFor(int millis) {
    long now = console.traffic().received();
    try {
      Awaitility.await("something from the board")
          .pollInSameThread()
          .atMost(Duration.ofMillis(millis))
          .until(() -> console.traffic().received() != now);
      return false;
    } catch (ConditionTimeoutException e) {
      return true;
    }
  }

  @Test(timeOut = 60_000)
  public void goesOnWhenThePortVanishesAndComesBack() throws IOException {
    FramedShell shell = FramedShell.onConsole(console, "bench");
    Console.Mark mark = console.mark();
    Path count = folder.resolve("count");
    Thread accident =
        new Thread(
            () -> {
              Awaitility.await("the command to run").until(() -> Files.exists(count));
              proxy.vanish();
              proxy.comeBack();
            });
    accident.start();
    String script = "echo ran >>" + count + "; sleep 0.5; echo done";
    assertEquals(shell.run(List.of("sh", "-c", script), LIMIT).output(), "done\n");
    assertEquals(Files.readString(count), "ran\n");
    String lines = String.join("\n", console.lines(mark));
    assertTrue(lines.contains("lastref: serial " + proxy.link() + " was lost"), lines);
    assertTrue(lines.contains(" came back after "), lines);
  }

  @Test(timeOut = 60_000)
  public void saysThatThePortStaysAway() {
    FramedShell shell = FramedShell.onConsole(console, "bench");
    proxy.vanish();
    LabFault fault =
        expectThrows(LabFault.class, () -> shell.run(List.of("true"), Duration.ofSeconds(20)));
    assertTrue(
        fault.getMessage().contains("did not come back within 5 s")
            || fault.getMessage().contains("went away"),
        fault.getMessage());
  }

  @Test(timeOut = 60_000)
  public void getsOutOfAnOpenQuote() {
    FramedShell shell = FramedShell.onConsole(console, "bench");
    console.write("echo 'never closed\necho \"$(cat\n".getBytes(UTF_8));
    assertEquals(shell.run(List.of("echo", "on"), LIMIT).output(), "on\n");
  }

  @Test(timeOut = 60_000)
  public void givesUpOnALineThatIsHopelessAndSaysWhy() {
    FramedShell shell = FramedShell.onConsole(console, "bench");
    proxy.toBoard().faults(new Faults(0.2, 0, 0), 7);
    LabFault fault =
        expectThrows(LabFault.class, () -> shell.run(List.of("true"), Duration.ofMillis(500)));
    assertTrue(fault.getMessage().startsWith("bench: "), fault.getMessage());
    assertTrue(fault.getMessage().contains("`true`"), fault.getMessage());
  }

  @Test(timeOut = 60_000)
  public void neverOutrunsAReceiverOnceItLostSomething() {
    FramedShell shell = FramedShell.onConsole(console, "bench");
    proxy.toBoard().receiver(512); // a busy machine wakes us late; a real UART has 16
    String text = "0123456789".repeat(200);
    assertEquals(shell.run(List.of("printf", "%s", text), LIMIT).output(), text);
    assertTrue(proxy.toBoard().overrun() > 0, "the first sending was not too fast");
  }
}
