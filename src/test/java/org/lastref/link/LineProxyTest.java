package org.lastref.link;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertNotEquals;
import static org.testng.Assert.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullUnmarked;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** The line that breaks in other tests does so as it is told. */
@NullUnmarked
public class LineProxyTest {

  private PtyBoard board;
  private Path folder;
  private LineProxy proxy;

  @BeforeMethod
  public void connect() throws IOException {
    folder = Files.createTempDirectory("lastref-proxy");
    board = PtyBoard.bare();
    proxy = LineProxy.to(Path.of(board.device()), folder.resolve("tty"), 0);
  }

  @AfterMethod(alwaysRun = true)
  public void disconnect() throws IOException {
    proxy.close();
    board.close();
    Files.delete(folder);
  }

  @Test(timeOut = 30_000)
  public void carriesEveryByteBothWaysAtItsRate() throws IOException {
    proxy.toBoard().baud(115_200);
    byte[] all = new byte[2304];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    try (SerialLine line = SerialLine.open(proxy.link().toString(), 115_200)) {
      long begin = System.nanoTime();
      line.write(all);
      assertEquals(board.out().readNBytes(all.length), all);
      assertTrue(System.nanoTime() - begin > 150_000_000, "2304 bytes take 200 ms");
      board.in().write(all);
      board.in().flush();
      assertEquals(PtyBoard.read(line, all.length), all);
    }
    assertEquals(proxy.toBoard().moved(), all.length);
    assertEquals(proxy.toHarness().moved(), all.length);
  }

  @Test(timeOut = 30_000)
  public void breaksBytesInOneDirectionOnly() throws IOException {
    byte[] sent = new byte[4000];
    Arrays.fill(sent, (byte) 'x');
    proxy.toHarness().faults(new LineProxy.Faults(0, 0.01, 0), 1);
    try (SerialLine line = SerialLine.open(proxy.link().toString(), 115_200)) {
      board.in().write(sent);
      board.in().flush();
      assertNotEquals(PtyBoard.read(line, sent.length), sent);
      line.write(sent);
      assertEquals(board.out().readNBytes(sent.length), sent);
    }
    long harmed = proxy.toHarness().harmed();
    assertTrue(harmed > 20 && harmed < 70, "" + harmed);
    assertEquals(proxy.toBoard().harmed(), 0);
  }

  @Test(timeOut = 30_000)
  public void losesWhatComesTooFastForAReceiver() {
    proxy.toBoard().baud(9600);
    proxy.toBoard().receiver(32);
    try (SerialLine line = SerialLine.open(proxy.link().toString(), 115_200)) {
      line.write(new byte[200]);
      Awaitility.await("the line's end")
          .until(() -> proxy.toBoard().overrun() + proxy.toBoard().moved() == 200);
      assertTrue(proxy.toBoard().overrun() > 100, "" + proxy.toBoard().overrun());
    }
  }

  @Test(timeOut = 30_000)
  public void stallsAndGoesOn() throws IOException {
    proxy.toBoard().stall(true);
    try (SerialLine line = SerialLine.open(proxy.link().toString(), 115_200)) {
      line.write("late".getBytes(US_ASCII));
      board.in().write("soon".getBytes(US_ASCII));
      board.in().flush();
      assertEquals(new String(PtyBoard.read(line, 4), US_ASCII), "soon");
      assertEquals(proxy.toBoard().moved(), 0);
      proxy.toBoard().stall(false);
      assertEquals(new String(board.out().readNBytes(4), US_ASCII), "late");
    }
  }

  @Test(timeOut = 30_000)
  public void vanishesAndComesBackUnderTheSameName() throws IOException {
    SerialLine before = SerialLine.open(proxy.link().toString(), 115_200);
    proxy.vanish();
    assertFalse(Files.exists(proxy.link()));
    Awaitility.await("the end of the line").until(() -> before.read(new byte[1]) == -1);
    before.close();
    proxy.comeBack();
    try (SerialLine after = SerialLine.open(proxy.link().toString(), 115_200)) {
      after.write("again".getBytes(US_ASCII));
      assertEquals(new String(board.out().readNBytes(5), US_ASCII), "again");
    }
    // A port outlives those who open it.
    try (SerialLine third = SerialLine.open(proxy.link().toString(), 115_200)) {
      third.write("third".getBytes(US_ASCII));
      assertEquals(new String(board.out().readNBytes(5), US_ASCII), "third");
    }
  }

  @Test(timeOut = 30_000)
  public void isAProcessThatTakesOrders() throws Exception {
    Path link = folder.resolve("other");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.lastref.link.LineProxy",
                link.toString(),
                "FILE:" + board.device() + ",raw,echo=0",
                "0")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader says = new BufferedReader(process.inputReader(US_ASCII));
        PrintWriter tell = new PrintWriter(process.outputWriter(US_ASCII), true)) {
      assertEquals(says.readLine(), "ready");
      for (String order : new String[] {"faults both 0 1 0 7", "stall to-board", "resume both"}) {
        tell.println(order);
        assertEquals(says.readLine(), "ok", order);
      }
      tell.println("jump");
      assertTrue(says.readLine().startsWith("cannot do \"jump\""));
      tell.println("count");
      assertEquals(says.readLine(), "count 0 0");
      tell.println("quit");
      assertTrue(process.waitFor(10, TimeUnit.SECONDS));
    } finally {
      process.destroyForcibly();
    }
    Awaitility.await("the link to go")
        .atMost(Duration.ofSeconds(5))
        .until(() -> !Files.exists(link));
  }
}
