package org.lastref.link;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.lastref.fault.LabFault;
import org.lastref.link.Courier.CycleEnd;
import org.lastref.link.Courier.Piece;
import org.lastref.link.Courier.Records;
import org.lastref.link.Courier.Reply;
import org.lastref.link.LineProxy.Faults;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Requests over a line of 115,200 baud that breaks: each is done once, and its reply is right. */
@NullUnmarked
public class LineCourierTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private Path folder;
  private PtyBoard board;
  private LineProxy proxy;
  private Console console;
  private FakeAgent agent;

  @BeforeMethod
  public void connect() throws IOException {
    folder = Files.createTempDirectory("lastref-line");
    board = PtyBoard.bare();
    agent = FakeAgent.console(board.out(), board.in());
    proxy = LineProxy.to(Path.of(board.device()), folder.resolve("tty"), 115_200);
    console =
        Console.attach(SerialLine.open(proxy.link().toString(), 115_200), folder.resolve("log"));
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

  @Test(timeOut = 60_000)
  public void bringsRequestsAndReplies() {
    LineCourier courier = LineCourier.over(console, "bench");
    byte[] content = FakeAgent.records(5000, 1);
    assertEquals(
        courier.call(List.of("echo", "", "a b", "ä"), content, piece -> {}, LIMIT),
        new Reply(List.of("a b", "ä", Sha256.of(content))));
    assertEquals(courier.call(List.of("true"), LIMIT), new Reply(List.of()));
    assertEquals(courier.mended(), 0);
    assertTrue(courier.release());
    assertEquals(agent.done, List.of("echo", "true", "quit"));
  }

  @Test(timeOut = 60_000)
  public void bringsAReplyInLittleMoreThanItsBytesTime() {
    LineCourier courier = LineCourier.over(console, "bench");
    long before = courier.traffic().received();
    long begun = System.nanoTime();
    Heard heard = new Heard();
    courier.call(List.of("records", "4", "6000", "7"), new byte[0], heard, LIMIT);
    long nanos = System.nanoTime() - begun;
    long bytes = courier.traffic().received() - before;
    heard.check(4, 6000, 7);
    assertTrue(nanos < 1.2 * bytes * console.nanosAByte(), bytes + " bytes took " + nanos + " ns");
    assertEquals(courier.mended(), 0);
  }

  @DataProvider
  public Object[][] faults() {
    return new Object[][] {
      {"drops", new Faults(0.0005, 0, 0)},
      {"changes", new Faults(0, 0.0005, 0)},
      {"doubles", new Faults(0, 0, 0.0005)},
      {"all of it", new Faults(0.0003, 0.0003, 0.0003)},
    };
  }

  @Test(timeOut = 120_000, dataProvider = "faults")
  public void doesEachRequestOnceAndBringsItsReplyWhole(String what, Faults faults) {
    LineCourier courier = LineCourier.over(console, "bench");
    proxy.toBoard().faults(faults, 1);
    proxy.toHarness().faults(faults, 2);
    agent.kernelLines.set(20);
    byte[] content = FakeAgent.records(4000, 3);
    for (int i = 0; i < 3; i++) {
      Heard heard = new Heard();
      courier.call(List.of("records", "3", "3000", "" + i), new byte[0], heard, LIMIT);
      heard.check(3, 3000, i);
      assertEquals(
          courier.call(List.of("echo"), content, piece -> {}, LIMIT).words(),
          List.of(Sha256.of(content)),
          what);
    }
    assertEquals(
        agent.done, List.of("records", "echo", "records", "echo", "records", "echo"), what);
    assertTrue(courier.mended() > 0, "nothing was broken");
  }

  @Test(timeOut = 60_000)
  public void takesKernelLinesOut() {
    LineCourier courier = LineCourier.over(console, "bench");
    agent.kernelLines.set(15);
    Heard heard = new Heard();
    courier.call(List.of("records", "5", "6000", "1"), new byte[0], heard, LIMIT);
    heard.check(5, 6000, 1);
    assertEquals(agent.kernelLines.get(), 0);
    assertEquals(courier.mended(), 0, console.tail(20));
  }

  @Test(timeOut = 60_000)
  public void startsOverABrokenLine() {
    proxy.toBoard().faults(new Faults(0.002, 0.002, 0), 3);
    proxy.toHarness().faults(new Faults(0.002, 0.002, 0), 4);
    LineCourier courier = LineCourier.over(console, "bench");
    assertEquals(courier.call(List.of("true"), LIMIT), new Reply(List.of()));
  }

  @Test(timeOut = 60_000)
  public void neverOutrunsAReceiverOnceItLostSomething() {
    LineCourier courier = LineCourier.over(console, "bench");
    proxy.toBoard().receiver(512); // a busy machine wakes us late; a real UART has 16
    byte[] content = FakeAgent.records(8000, 3);
    assertEquals(
        courier.call(List.of("echo"), content, piece -> {}, LIMIT).words(),
        List.of(Sha256.of(content)));
    assertTrue(proxy.toBoard().overrun() > 0, "the first sending was not too fast");
  }

  @Test(timeOut = 60_000)
  public void saysWhatTheAgentRefuses() {
    LineCourier courier = LineCourier.over(console, "bench");
    LabFault fault =
        expectThrows(LabFault.class, () -> courier.call(List.of("refuse", "x"), LIMIT));
    assertEquals(fault.getMessage(), "bench: the agent could not do `refuse x`: no such module: x");
    assertEquals(courier.call(List.of("true"), LIMIT), new Reply(List.of()));
  }

  @Test(timeOut = 60_000)
  public void saysThatTheAgentDied() {
    LineCourier courier = LineCourier.over(console, "bench");
    LabFault fault = expectThrows(LabFault.class, () -> courier.call(List.of("die"), LIMIT));
    assertTrue(
        fault.getMessage().startsWith("bench: `die` on serial ")
            && fault.getMessage().contains(": the agent ended with exit code 139. "),
        fault.getMessage());
    LabFault again = expectThrows(LabFault.class, () -> courier.call(List.of("true"), LIMIT));
    assertTrue(again.getMessage().contains("cannot ask the agent for `true`"), again.getMessage());
    assertTrue(courier.release());
  }

  @Test(timeOut = 60_000)
  public void saysThatNothingCame() {
    LineCourier courier = LineCourier.over(console, "bench");
    LabFault fault =
        expectThrows(
            LabFault.class, () -> courier.call(List.of("silent"), Duration.ofMillis(2500)));
    assertTrue(
        fault.getMessage().contains("nothing came from the agent for 2.5 s"), fault.getMessage());
    assertEquals(agent.done, List.of("silent"));
    assertFalse(courier.release()); // a fake is not ended by ^\
  }

  @Test(timeOut = 60_000)
  public void endsAtOnceWhenTheConsoleIsClosed() throws Exception {
    LineCourier courier = LineCourier.over(console, "bench");
    Thread closer =
        new Thread(
            () -> {
              while (agent.done.isEmpty()) {
                Thread.onSpinWait();
              }
              console.close();
            });
    closer.start();
    LabFault fault = expectThrows(LabFault.class, () -> courier.call(List.of("silent"), LIMIT));
    assertTrue(fault.getMessage().contains(" was closed "), fault.getMessage());
    closer.join();
  }

  /** What came of {@code records}. */
  static final class Heard implements Consumer<Piece> {

    private final List<byte[]> cycles = new ArrayList<>();
    private final ByteArrayOutputStream cycle = new ByteArrayOutputStream();

    @Override
    public void accept(Piece piece) {
      if (piece instanceof Records records) {
        cycle.writeBytes(records.bytes());
      } else if (piece instanceof CycleEnd end) {
        assertEquals(end.text(), "apply " + cycles.size() + "\n");
        cycles.add(cycle.toByteArray());
        cycle.reset();
      }
    }

    void check(int count, int bytes, long seed) {
      assertEquals(cycles.size(), count);
      for (int i = 0; i < count; i++) {
        assertEquals(cycles.get(i), FakeAgent.records(bytes, seed + i));
      }
    }
  }
}
