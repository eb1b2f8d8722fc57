package org.lastref.link;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.lastref.link.Courier.Reply;
import org.lastref.link.LineProxy.Faults;
import org.testng.SkipException;
import org.testng.annotations.AfterClass;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** The agent itself, built for this machine, in a shell behind a line of 115,200 baud. */
@NullUnmarked
public class AgentOnConsoleTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private Path tools;
  private Path folder;
  private Path uploaded;
  private PtyBoard board;
  private LineProxy proxy;
  private Console console;

  @BeforeClass
  public void build() throws IOException, InterruptedException {
    if (PtyBoard.program("gcc").isEmpty()) {
      throw new SkipException("needs gcc");
    }
    tools = Files.createTempDirectory("lastref-agent");
    List<String> words = new ArrayList<>(List.of("gcc", "-O1", "-std=c11", "-D_GNU_SOURCE"));
    words.addAll(List.of("-pthread", "-o", tools.resolve("lastref-agent").toString()));
    try (Stream<Path> sources = Files.list(Path.of("harness/agent"))) {
      sources
          .map(Path::toString)
          .filter(source -> source.endsWith(".c") && !source.endsWith("/test.c"))
          .forEach(words::add);
    }
    assertEquals(new ProcessBuilder(words).inheritIO().start().waitFor(), 0);
  }

  @AfterClass(alwaysRun = true)
  public void removeTools() throws IOException {
    if (tools != null) {
      removeAll(tools);
    }
  }

  @BeforeMethod
  public void connect() throws IOException {
    folder = Files.createTempDirectory("lastref-line");
    uploaded = Path.of("/tmp/lastref", folder.getFileName().toString());
    board = PtyBoard.withShell("/bin/sh", tools.toString());
    proxy = LineProxy.to(Path.of(board.device()), folder.resolve("tty"), 115_200);
    console =
        Console.attach(SerialLine.open(proxy.link().toString(), 115_200), folder.resolve("log"));
  }

  @AfterMethod(alwaysRun = true)
  public void disconnect() throws IOException {
    console.close();
    proxy.close();
    board.close();
    removeAll(folder);
    Files.deleteIfExists(uploaded);
  }

  private static void removeAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test(timeOut = 60_000)
  public void takesTurnsWithTheShell() throws IOException {
    FramedShell shell = FramedShell.onConsole(console, "bench");
    byte[] content = FakeAgent.records(3000, 5);
    for (int i = 0; i < 2; i++) {
      LineCourier courier = LineCourier.over(console, "bench");
      assertEquals(
          courier.call(
              List.of("file", uploaded.getFileName().toString()), content, piece -> {}, LIMIT),
          new Reply(List.of()));
      assertEquals(Files.readAllBytes(uploaded), content);
      assertEquals(courier.call(List.of("true"), LIMIT), new Reply(List.of()));
      assertTrue(courier.release());
      assertEquals(shell.run(List.of("echo", "on"), LIMIT).output(), "on\n");
    }
    FramedShell again = FramedShell.onConsole(console, "bench");
    assertEquals(again.run(List.of("echo", "on"), LIMIT).output(), "on\n");
    assertEquals(again.mended(), 0);
  }

  @Test(timeOut = 60_000)
  public void uploadsOverABrokenLine() throws IOException {
    FramedShell.onConsole(console, "bench");
    LineCourier courier = LineCourier.over(console, "bench");
    proxy.toBoard().faults(new Faults(0.0005, 0.0005, 0.0003), 1);
    proxy.toHarness().faults(new Faults(0.0005, 0.0005, 0.0003), 2);
    byte[] content = FakeAgent.records(10_000, 6);
    courier.call(List.of("file", uploaded.getFileName().toString()), content, piece -> {}, LIMIT);
    assertEquals(Files.readAllBytes(uploaded), content);
    assertTrue(courier.mended() > 0, "nothing was broken");
  }

  @Test(timeOut = 60_000)
  public void aShellTakesTheTerminalFromAnAgentThatWasLeft() {
    FramedShell.onConsole(console, "bench");
    LineCourier.over(console, "bench");
    FramedShell shell = FramedShell.onConsole(console, "bench");
    assertEquals(shell.run(List.of("echo", "on"), LIMIT).output(), "on\n");
  }
}
