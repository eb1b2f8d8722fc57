package org.lastref.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.lastref.board.Health;
import org.lastref.board.Holder;
import org.lastref.board.Lease;
import org.lastref.board.LeaseHolder;
import org.lastref.board.Leases;
import org.lastref.report.CaseResult;
import org.lastref.report.RunReport;
import org.lastref.report.Status;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** {@code boards} and what else shows who uses a board, between real processes. */
public class BoardsCommandTest {

  private Path folder = Path.of("");
  private Path leaseFolder = Path.of("");
  private Path tty = Path.of("");

  @BeforeMethod
  void makeFolder() throws Exception {
    folder = Files.createTempDirectory("lastref-boards");
    Path boards = Files.createDirectory(folder.resolve("boards"));
    leaseFolder = folder.resolve("leases");
    tty = folder.resolve("tty");
    Files.copy(Child.PROJECT.resolve("boards/qemu-virt.yaml"), boards.resolve("qemu-virt.yaml"));
    Files.writeString(boards.resolve("torn.yaml"), "name: torn\nlabels: [arm64\n");
    Files.writeString(
        boards.resolve("pi.yaml"),
        """
        name: pi
        description: a board on a bench
        labels: [bench, arm64]
        hardware:
          kind: physical
          devicetree: bcm2711-rpi-4-b
          power: {on: ["true"], off: ["true"], pause: 1s}
          deploy: {kind: folder, path: .}
        kernel-arguments: []
        serial: {device: %s, baud: 115200}
        ssh: {user: root, host: 127.0.0.1}
        timeouts: {boot: 5s, shell: 5s}
        retries: 0
        """
            .formatted(tty));
    System.setProperty("lastref.leases", leaseFolder.toString());
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws Exception {
    System.clearProperty("lastref.leases");
    Child.delete(folder);
  }

  private Map<String, String> environment() {
    return Map.of(
        "LASTREF_BOARDS",
        folder.resolve("boards").toString(),
        "LASTREF_LEASES",
        leaseFolder.toString());
  }

  private Child run(String... words) throws Exception {
    return Child.run(folder, List.of(), environment(), List.of(words));
  }

  private LeaseHolder holder() throws Exception {
    LeaseHolder holder = LeaseHolder.start(leaseFolder, "pi", Duration.ZERO);
    assertEquals(holder.next(), "taken");
    return holder;
  }

  @Test
  public void showsUseAndHealthAndBrokenFiles() throws Exception {
    Health.record(Leases.ofHost(), "qemu-virt", Health.Kind.RUN, "3 cases: 3 passed");
    try (LeaseHolder holder = holder()) {
      Child child = run("boards");
      assertEquals(child.exit(), 0, child.err());
      List<String> lines = child.out().lines().toList();
      assertTrue(lines.get(0).matches("board +labels +kind +state +health"), child.out());
      assertTrue(
          lines.get(1).matches("pi +bench,arm64 +physical +in use by .*@.* since .*Z +no run yet"),
          child.out());
      assertTrue(lines.get(2).matches("qemu-virt +.* free, .*Z 3 cases: 3 passed"), child.out());
      assertTrue(lines.get(3).matches("torn +\\? +broken: .*torn.yaml:.*"), child.out());

      JsonNode boards = new JsonMapper().readTree(run("boards", "--json").out()).path("boards");
      assertEquals(boards.path(0).path("holder").path("pid").asLong(), holder.pid());
      assertTrue(boards.path(1).path("holder").isNull());
      assertTrue(boards.path(2).path("problem").asText().contains("not YAML"), "" + boards);
    }
  }

  @Test
  public void aRunOnABoardInUseSkipsEveryCaseAndSaysWhoHasIt() throws Exception {
    Path results = folder.resolve("results");
    try (LeaseHolder holder = holder()) {
      Child child =
          run(
              "run",
              "--board",
              "bench",
              "--only",
              "pair",
              "--cycles",
              "1",
              "--results",
              "" + results);
      assertEquals(child.exit(), 3, child.err());
      assertTrue(child.err().contains("lastref: board pi is not free: held by "), child.err());
      assertTrue(child.err().contains("process " + holder.pid() + ": holder pi"), child.err());
      List<CaseResult> cases = RunReport.read(results.resolve("latest/run.json")).cases();
      assertEquals(cases.size(), 30);
      for (CaseResult each : cases) {
        assertEquals(each.status(), Status.SKIPPED);
        assertTrue(each.headline().contains("held by "), each.headline());
      }
    }
  }

  @Test
  public void severalBoardsMakeOneListAsJson() throws Exception {
    Path results = folder.resolve("results");
    Files.writeString(
        folder.resolve("boards/pi-2.yaml"),
        Files.readString(folder.resolve("boards/pi.yaml")).replace("name: pi", "name: pi-2"));
    try (LeaseHolder holder = holder();
        LeaseHolder other = LeaseHolder.start(leaseFolder, "pi-2", Duration.ZERO)) {
      assertEquals(other.next(), "taken");
      Child child =
          run("run", "--board", "bench", "--only", "pair", "--json", "--results", "" + results);
      assertEquals(child.exit(), 3, child.err() + holder.pid());
      JsonNode runs = new JsonMapper().readTree(child.out());
      assertEquals(runs.size(), 2);
      assertEquals(runs.path(0).path("run").path("board").asText(), "pi");
      assertEquals(runs.path(1).path("run").path("board").asText(), "pi-2");
      assertTrue(child.err().contains("lastref: pi-2: board pi-2 is not free"), child.err());
    }
  }

  @Test
  public void releaseSaysWhoHoldsABoardAndEndsItOnlyIfForced() throws Exception {
    Health.record(Leases.ofHost(), "pi", Health.Kind.QUARANTINED, "it smokes");
    try (LeaseHolder holder = holder()) {
      Child asked = run("boards", "release", "pi");
      assertEquals(asked.exit(), 3);
      assertTrue(asked.err().contains("To stop it: kill " + holder.pid() + " on "), asked.err());
      assertEquals(holding().pid(), holder.pid());

      Child forced = run("boards", "release", "pi", "--force");
      assertEquals(forced.exit(), 0, forced.err());
      assertTrue(
          forced.out().startsWith("board pi is free, process %d has ended".formatted(holder.pid())),
          forced.out());
      assertTrue(forced.out().contains("no longer quarantined; it was since"), forced.out());
    }
    assertEquals(run("boards", "release", "pi").out(), "board pi is free and not quarantined\n");
    assertEquals(run("boards", "release", "mars").exit(), 2);
  }

  /** What the file says is anyone's to write: init holds no lock. */
  @Test
  public void releaseKillsNobodyForWhatAFileSays() throws Exception {
    try (LeaseHolder holder = holder()) {
      String line =
          "{\"user\":\"x\",\"host\":\"%s\",\"pid\":%d,\"since\":\"2026-01-31T12:00:00Z\"}";
      Process innocent = new ProcessBuilder("sleep", "60").start();
      Holder real = holding();
      Files.writeString(
          leaseFolder.resolve("pi.lease"), line.formatted(real.host(), innocent.pid()));
      Child child = run("boards", "release", "pi", "--force");
      assertEquals(child.exit(), 3);
      assertTrue(child.err().contains("no process that can be seen here"), child.err());
      assertTrue(innocent.isAlive() && holder.pid() > 0);
      innocent.destroyForcibly();
    }
  }

  private static Holder holding() {
    return Leases.ofHost().state("pi").holder().orElseThrow();
  }

  private Process console(String... words) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Child.command(
                Stream.concat(Stream.of("boards", "console", "pi"), Stream.of(words)).toList()));
    builder.environment().putAll(environment());
    return builder.redirectError(folder.resolve("err").toFile()).start();
  }

  private static void type(Process process, String text) throws IOException {
    OutputStream keys = process.getOutputStream();
    keys.write(text.getBytes(StandardCharsets.ISO_8859_1));
    keys.flush();
  }

  @Test
  public void aPersonOnAFreeBoardHoldsItAndLeavesALog() throws Exception {
    Process line =
        new ProcessBuilder("socat", "PTY,raw,echo=0,link=" + tty, "EXEC:'sed -u s/^/said_/'")
            .start();
    Process person = null;
    try {
      Awaitility.await("the line").until(() -> Files.exists(tty));
      person = console();
      BufferedReader screen = person.inputReader(StandardCharsets.ISO_8859_1);
      type(person, "hello\u001b[2J\n");
      assertEquals(screen.readLine(), "said_hello?[2J");
      assertEquals(holding().pid(), person.pid());
      type(person, "\u001d");
      assertTrue(person.waitFor(30, TimeUnit.SECONDS));
      String err = Files.readString(folder.resolve("err"));
      assertEquals(person.exitValue(), 0, err);
      assertTrue(err.contains("Ctrl-] leaves the console"), err);
      String log = err.replaceFirst("(?s).*logging to ([^\\n]*)\\n.*", "$1");
      assertTrue(Files.readString(Path.of(log)).contains("said_hello\\x1b[2J\n"), log);
      Files.delete(Path.of(log));
      assertTrue(Leases.ofHost().state("pi").holder().isEmpty());
    } finally {
      line.destroyForcibly();
      if (person != null) {
        person.destroyForcibly();
      }
    }
  }

  @Test
  public void aPersonOnABoardInUseSeesTheConsoleThatTheRunServes() throws Exception {
    Path path = leaseFolder.resolve("pi.sock");
    Leases leases = Leases.ofHost();
    Process person = null;
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Lease lease =
            leases.take("pi", Holder.here(List.of("test"), ""), Duration.ZERO, told -> {})) {
      assertEquals(run("boards", "console", "pi").exit(), 3);
      server.bind(UnixDomainSocketAddress.of(path));
      lease.consoleAt(path);
      person = console("--raw");
      try (SocketChannel channel = server.accept();
          InputStream screen = person.getInputStream()) {
        channel.write(ByteBuffer.wrap("earlier\u001b[1m".getBytes(StandardCharsets.UTF_8)));
        assertEquals(new String(screen.readNBytes(11), StandardCharsets.UTF_8), "earlier\u001b[1m");
        type(person, "ls\u001d");
        ByteBuffer typed = ByteBuffer.allocate(10);
        while (channel.read(typed) >= 0 && typed.position() < 2) {
          assertTrue(typed.hasRemaining());
        }
        assertEquals(new String(typed.array(), 0, 2, StandardCharsets.UTF_8), "ls");
        assertTrue(person.waitFor(30, TimeUnit.SECONDS));
        assertEquals(person.exitValue(), 0);
      }
    } finally {
      if (person != null) {
        person.destroyForcibly();
      }
    }
  }

  @Test
  public void aCheckSkipsWhatNeedsAStepThatFailed() throws Exception {
    Child child = run("boards", "check", "pi", "--results", "" + folder);
    assertEquals(child.exit(), 3, child.err());
    assertTrue(
        child.out().contains("port                 FAILED   There is no serial port " + tty),
        child.out());
    assertTrue(child.out().contains("power, boot, shell   SKIPPED  after port"), child.out());
    assertTrue(
        Health.of(Leases.ofHost(), "pi")
            .last(Health.Kind.FAULT)
            .orElseThrow()
            .what()
            .startsWith("check, port: There is no serial port "));
  }
}
