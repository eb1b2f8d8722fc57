package org.lastref.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullUnmarked;
import org.lastref.fault.LabFault;
import org.lastref.link.Shell.Reply;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Factory;
import org.testng.annotations.Test;

/** Commands over a serial port, to each shell that is installed here. */
@NullUnmarked
public class FramedShellTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final String program;
  private Path folder;
  private PtyBoard board;
  private Console console;
  private FramedShell shell;

  @Factory(dataProvider = "programs")
  public FramedShellTest(String program) {
    this.program = program;
  }

  @DataProvider
  public static Object[][] programs() {
    return Stream.of("dash", "bash", "busybox")
        .filter(name -> PtyBoard.program(name).isPresent())
        .map(name -> new Object[] {name})
        .toArray(Object[][]::new);
  }

  @BeforeMethod
  public void takeOver() throws IOException {
    folder = Files.createTempDirectory("lastref-shell");
    if (program.equals("busybox")) {
      Path tools = Files.createDirectory(folder.resolve("tools"));
      Path busybox = PtyBoard.program("busybox").orElseThrow();
      for (String tool : runOnHost(busybox.toString(), "--list").lines().toList()) {
        Files.createSymbolicLink(tools.resolve(tool), busybox);
      }
      board = PtyBoard.withShell("sh", tools.toString());
    } else {
      board = PtyBoard.withShell(program, "");
    }
    console = Console.attach(SerialLine.open(board.device(), 115_200), folder.resolve("log"));
    shell = FramedShell.onConsole(console, "bench");
  }

  @AfterMethod(alwaysRun = true)
  public void handBack() throws IOException {
    shell.close();
    console.close();
    board.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test(timeOut = 60_000)
  public void givesOutputAndExitCode() {
    assertEquals(run("echo", "hello"), new Reply(0, "hello\n"));
    assertEquals(run("true"), new Reply(0, ""));
    assertEquals(run("sh", "-c", "printf no-newline; exit 42"), new Reply(42, "no-newline"));
    assertEquals(run("no-such-command").exitCode(), 127);
    assertEquals(run("sh", "-c", "kill -KILL $$").exitCode(), 137);
    assertEquals(run("cat"), new Reply(0, ""), "a command has no input");
  }

  @Test(timeOut = 60_000)
  public void keepsTheShellWhateverABuiltInDoes() {
    run("cd", "/proc");
    assertEquals(run("exit", "3").exitCode(), 3);
    assertEquals(run("exec", "true").exitCode(), 0);
    assertFalse(run("pwd").output().equals("/proc\n"));
  }

  @Test(timeOut = 60_000)
  public void passesEveryWordAsItIs() {
    List<String> words =
        List.of(
            "",
            " ",
            "a b",
            "'",
            "''",
            "\"",
            "\\",
            "\\n",
            "$(reboot)",
            "`reboot`",
            "; exit",
            "*",
            "~",
            "!!",
            "%s%d",
            "&& false",
            "# x",
            "$HOME",
            "-n",
            "a\nb",
            "\n",
            "trailing\n\n",
            "tab\there",
            "über 字 \ud83d\ude80",
            "\u0003\u0004\u0015\u001b[A\u0011\u0013\u007f");
    List<String> command = new ArrayList<>(List.of("printf", "<%s>"));
    command.addAll(words);
    String expected = words.stream().map(word -> "<" + word + ">").collect(Collectors.joining());
    assertEquals(shell.run(command, LIMIT).output(), expected);
  }

  @Test(timeOut = 60_000)
  public void refusesANulInAWord() {
    expectThrows(IllegalArgumentException.class, () -> run("echo", "a\0b"));
  }

  @Test(timeOut = 60_000)
  public void runsACommandLongerThanATerminalsLine() {
    String text = "it's " + "0123456789 ".repeat(2000) + "ö";
    assertEquals(run("printf", "%s", text).output(), text);
  }

  @Test(timeOut = 60_000)
  public void brings1MiBBack() {
    String expected =
        IntStream.rangeClosed(1, 200_000).mapToObj(i -> i + "\n").collect(Collectors.joining());
    assertTrue(expected.length() > 1 << 20);
    assertEquals(run("seq", "200000").output(), expected);
  }

  @Test(timeOut = 120_000)
  public void refusesMoreThan8MiBAndGoesOn() {
    LabFault fault = expectThrows(LabFault.class, () -> run("head", "-c", "9000000", "/dev/zero"));
    assertTrue(fault.getMessage().contains("longer than 8 MiB"), fault.getMessage());
    assertEquals(run("echo", "on").output(), "on\n");
  }

  @Test(timeOut = 60_000)
  public void isNotFooledByAnEcho() {
    Console.Mark mark = console.mark();
    assertEquals(run("stty", "-F", "/dev/tty", "echo"), new Reply(0, ""));
    assertEquals(run("echo", "_lr", "<%s<").output(), "_lr <%s<\n");
    assertEquals(run("echo", "again").output(), "again\n");
    assertTrue(
        console.lines(mark).stream().anyMatch(line -> line.contains("again'")), "no echo seen");
  }

  @Test(timeOut = 60_000)
  public void leavesWhatACommandSaysOnStandardErrorInTheLog() {
    Console.Mark mark = console.mark();
    assertEquals(run("sh", "-c", "echo oops >&2; echo fine").output(), "fine\n");
    assertTrue(console.lines(mark).contains("oops"));
  }

  @Test(timeOut = 60_000)
  public void goesOnAfterGarbage() {
    run("sh", "-c", "head -c 5000 /dev/urandom >/dev/tty; printf '<x<>x 0 ->\\n' >/dev/tty");
    assertEquals(run("echo", "on").output(), "on\n");
  }

  @Test(timeOut = 120_000)
  public void takesKernelLinesOutOfTheOutput() {
    String expected =
        IntStream.rangeClosed(1, 100_000).mapToObj(i -> i + " ").collect(Collectors.joining());
    run(
        "sh",
        "-c",
        "while sleep 0.001; do printf '[   12.345678] OF: memory leak\\r\\n'; done"
            + " >/dev/tty 2>/dev/null </dev/null & echo $! >"
            + folder.resolve("pid"));
    try {
      Awaitility.await("a kernel line in the middle of a line of output")
          .pollInSameThread()
          .pollDelay(Duration.ZERO)
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                Console.Mark mark = console.mark();
                assertEquals(run("sh", "-c", "seq 100000 | tr '\\n' ' '").output(), expected);
                return console.lines(mark).stream()
                    .anyMatch(line -> line.matches("[0-9 ]+\\[   12\\.345678\\] .*"));
              });
    } finally {
      run("sh", "-c", "kill $(cat " + folder.resolve("pid") + ")");
    }
  }

  @Test(timeOut = 60_000)
  public void interruptsACommandThatHangs() {
    LabFault fault =
        expectThrows(
            LabFault.class, () -> shell.run(List.of("sleep", "1000"), Duration.ofMillis(300)));
    assertTrue(
        fault.getMessage().startsWith("bench: `sleep 1000` gave no reply within 0.3 s on serial "),
        fault.getMessage());
    assertTrue(fault.getMessage().contains("the shell answers again"), fault.getMessage());
    assertEquals(run("echo", "on").output(), "on\n");
  }

  @Test(timeOut = 60_000)
  public void saysInTimeThatTheBoardVanished() {
    Thread accident =
        new Thread(
            () -> {
              Awaitility.await("the command to run")
                  .until(() -> Files.exists(folder.resolve("running")));
              board.vanish();
            });
    accident.start();
    LabFault fault =
        expectThrows(
            LabFault.class,
            () ->
                shell.run(
                    List.of("sh", "-c", "echo >" + folder.resolve("running") + "; sleep 1000"),
                    Duration.ofMinutes(10)));
    assertTrue(fault.getMessage().contains("went away while waiting for the reply to `sh -c"));
    expectThrows(LabFault.class, () -> run("true"));
  }

  @DataProvider
  public Object[][] contents() {
    byte[] random = new byte[100_000];
    new Random(2).nextBytes(random);
    return new Object[][] {
      {"nothing", new byte[0]},
      {"a word", "word\n".getBytes(UTF_8)},
      {"random bytes", random},
      {"zeros", new byte[3 << 20]}
    };
  }

  @Test(timeOut = 120_000, dataProvider = "contents")
  public void uploadsAFile(String what, byte[] content) throws IOException {
    Path file = folder.resolve("it's $(a) file");
    shell.upload(content, file.toString());
    assertEquals(Files.readAllBytes(file), content, what);
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(
          files
              .map(path -> path.getFileName().toString())
              .filter(n -> n.contains("lastref"))
              .toList(),
          List.of());
    }
  }

  @Test(timeOut = 60_000)
  public void refusesToUploadToNowhere() {
    LabFault fault =
        expectThrows(
            LabFault.class, () -> shell.upload(new byte[] {1}, folder.resolve("no/file") + ""));
    assertTrue(fault.getMessage().startsWith("bench: cannot put "), fault.getMessage());
    assertTrue(fault.getMessage().contains("no/file"), fault.getMessage());
    assertEquals(run("echo", "on").output(), "on\n");
  }

  @Test(timeOut = 60_000)
  public void countsTheBytesOfItsLine() {
    Shell.Traffic before = shell.traffic();
    run("printf", "%s", "x".repeat(1000));
    Shell.Traffic after = shell.traffic();
    long sent = after.sent() - before.sent();
    long received = after.received() - before.received();
    assertTrue(sent > 1000 && sent < 1300, "sent " + sent);
    assertTrue(received > 1000 && received < 1300, "received " + received);
  }

  private Reply run(String... words) {
    return shell.run(List.of(words), LIMIT);
  }

  private static String runOnHost(String... command) throws IOException {
    Process process = new ProcessBuilder(command).start();
    return new String(process.getInputStream().readAllBytes(), UTF_8);
  }
}
