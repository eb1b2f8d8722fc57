package org.lastref.board;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.lastref.fault.LabFault;
import org.lastref.image.Image;
import org.lastref.image.Images;
import org.lastref.link.Shell;
import org.testng.Assert.ThrowingRunnable;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

@SuppressWarnings("NullAway.Init")
public class QemuBoardIT {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final BoardDefinition BOARD =
      BoardDefinition.load(Path.of("boards/qemu-virt.yaml"));

  private Image image;
  private Path results;

  @BeforeClass
  void buildImage() throws IOException {
    image = Images.ensure(Path.of("").toAbsolutePath()).image();
    results = Files.createDirectories(Path.of("target", "qemu-board"));
  }

  @DataProvider
  static Object[][] channels() {
    return new Object[][] {{Channel.SERIAL}, {Channel.SSH}};
  }

  @Test(dataProvider = "channels")
  void bootsRunsCommandsAndEnds(Channel channel) throws IOException {
    Path run = run("boots");
    Board board = boot(channel, run, List.of("lastref.test=first"));
    long qemu = pid(board);
    try {
      Shell.Reply release = board.shell().run(List.of("uname", "-rm"), LIMIT);
      assertEquals(release.exitCode(), 0);
      assertTrue(release.output().matches("6\\.12\\.[0-9].* aarch64\n"), release.output());
      Shell.Reply line = board.shell().run(List.of("cat", "/proc/cmdline"), LIMIT);
      assertTrue(line.output().contains(" lastref.test=first"), line.output());
      byte[] content = "some\0bytes".getBytes(StandardCharsets.US_ASCII);
      board.shell().upload(content, "/tmp/upload");
      assertEquals(
          board.shell().run(List.of("wc", "-c", "/tmp/upload"), LIMIT).output(),
          "10 /tmp/upload\n");
      assertTrue(board.shell().traffic().received() > 0);
    } finally {
      board.close();
    }
    assertTrue(ProcessHandle.of(qemu).isEmpty(), "QEMU outlived its board");
    String log = log(run);
    assertTrue(log.contains("Booting Linux on physical CPU"), log);
    assertTrue(log.contains("lastref: ready"), log);
  }

  @Test(dataProvider = "channels")
  void hasAnAgentBesideItsShell(Channel channel) throws IOException {
    try (Board board = boot(channel, run("agent"), List.of())) {
      byte[] content = "some\0bytes".getBytes(StandardCharsets.US_ASCII);
      for (int i = 0; i < 2; i++) {
        assertEquals(
            board.courier().call(List.of("file", "upload"), content, piece -> {}, LIMIT).words(),
            List.of());
        assertEquals(
            board.shell().run(List.of("wc", "-c", "/tmp/lastref/upload"), LIMIT).output(),
            "10 /tmp/lastref/upload\n");
      }
      assertEquals(board.courier().call(List.of("true"), LIMIT).words(), List.of());
      String said =
          failure(
              () -> {
                ProcessHandle.of(pid(board)).orElseThrow().destroyForcibly();
                board.courier().call(List.of("true"), LIMIT);
              });
      assertTrue(said.startsWith("Board qemu-virt died: QEMU was killed by signal 9"), said);
    }
  }

  @DataProvider
  static Object[][] watchers() {
    return new Object[][] {
      {
        "a ring that the board has no memory for",
        List.of("arm", "ring_kb=1000000"),
        "cannot load lastref-watch.ko: Cannot allocate memory;"
            + " its ring may be too large for this board: give a smaller one by ring_kb=N"
      },
      {
        "a way that there is not",
        List.of("arm", "way=magic"),
        "cannot load lastref-watch.ko: Invalid argument"
      },
    };
  }

  @Test(dataProvider = "watchers")
  void saysWhyItIsNotWatched(String what, List<String> words, String message) throws IOException {
    try (Board board = boot(Channel.SSH, run("unwatched"), List.of())) {
      String said = failure(() -> board.courier().call(words, LIMIT));
      assertTrue(said.contains(message), what + ": " + said);
      assertEquals(board.courier().call(List.of("arm"), LIMIT).words().size(), 2);
    }
  }

  /** Of the modules on a board those that were sent to it come first. */
  @Test
  void saysThatTheWatcherIsOfAnotherKernel() throws IOException {
    try (Board board = boot(Channel.SSH, run("unwatched"), List.of())) {
      Path modules = Images.ensure(Path.of("").toAbsolutePath()).kernel().folder();
      byte[] other = ofAnotherVersion(modules.resolve("modules/lastref-watch.ko"));
      board.courier().call(List.of("file", "lastref-watch.ko"), other, piece -> {}, LIMIT);
      String said = failure(() -> board.courier().call(List.of("arm"), LIMIT));
      assertTrue(
          said.contains(
              "cannot load lastref-watch.ko: Exec format error; it was built for another kernel"),
          said);
    }
  }

  /** The same module, as if it had been built for a kernel of another version. */
  private static byte[] ofAnotherVersion(Path module) throws IOException {
    String text = Files.readString(module, StandardCharsets.ISO_8859_1);
    String other = text.replaceFirst("vermagic=6\\.1", "vermagic=6.9");
    assertFalse(other.equals(text), "no vermagic in " + module);
    return other.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test(dataProvider = "channels")
  void saysThatQemuDiedUnderACommand(Channel channel) throws Exception {
    try (Board board = boot(channel, run("killed"), List.of())) {
      CompletableFuture<String> message =
          CompletableFuture.supplyAsync(
              () ->
                  failure(
                      () -> board.shell().run(List.of("sleep", "300"), LIMIT.multipliedBy(10))));
      ProcessHandle.of(pid(board)).orElseThrow().destroyForcibly();
      String said = message.get(10, TimeUnit.SECONDS);
      assertTrue(said.startsWith("Board qemu-virt died: QEMU was killed by signal 9"), said);
    }
  }

  @Test(dataProvider = "channels")
  void saysThatTheKernelPanickedAndKeepsItsLastWords(Channel channel) throws Exception {
    Path run = run("panic");
    try (Board board = boot(channel, run, List.of())) {
      String said =
          failure(
              () -> board.shell().run(List.of("sh", "-c", "echo c >/proc/sysrq-trigger"), LIMIT));
      assertTrue(
          said.startsWith("Board qemu-virt died: it reset or switched off by itself (guest-reset)"),
          said);
      assertTrue(said.contains("Kernel panic - not syncing: sysrq triggered crash"), said);
    }
    String log = log(run);
    // What panic() prints last before it resets, see arch/arm64/kernel/setup.c of Linux 6.1.
    assertTrue(log.substring(log.strip().lastIndexOf('\n')).contains("Memory Limit: none"), log);
  }

  @Test
  void saysWhyAKernelDoesNotBoot() {
    String said =
        failure(() -> boot(Channel.SERIAL, run("init"), List.of("rdinit=/none", "init=/none")));
    assertTrue(said.contains("Kernel panic - not syncing: Requested init /none failed"), said);
  }

  @Test
  void saysThatTheBoardIsNotReadyInTime() {
    BoardDefinition impatient =
        with(BOARD.ssh(), new BoardDefinition.Timeouts(Duration.ofSeconds(5), LIMIT));
    Boot boot =
        new Boot(
            image,
            Optional.empty(),
            Channel.SERIAL,
            List.of("rdinit=/bin/busybox", "--", "sleep", "600"));
    String said = failure(() -> Board.boot(impatient, boot, run("late"), life()));
    assertTrue(said.contains("5.0 s for 'lastref: ready' of its init"), said);
  }

  @Test
  void saysThatTheFixedPortIsInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      BoardDefinition fixed =
          with(
              new BoardDefinition.Ssh("root", null, taken.getLocalPort(), null, null),
              BOARD.timeouts());
      Boot boot = new Boot(image, Optional.empty(), Channel.SSH, List.of());
      String said = failure(() -> Board.boot(fixed, boot, run("port"), life()));
      assertTrue(said.contains("port " + taken.getLocalPort() + " in use"), said);
    }
  }

  @Test
  void bootsWithABaseTreeOfItsOwn() throws Exception {
    Path run = Files.createDirectories(run("tree"));
    Path tree = run.resolve("base.dtb");
    new ProcessBuilder(
            "qemu-system-aarch64",
            "-nodefaults",
            "-display",
            "none",
            "-cpu",
            "cortex-a53",
            "-smp",
            "2",
            "-m",
            "256",
            "-M",
            "virt,dumpdtb=" + tree)
        .start()
        .waitFor();
    new ProcessBuilder("fdtput", "-t", "s", tree.toString(), "/", "model", "of its own")
        .start()
        .waitFor();
    Boot boot = new Boot(image, Optional.of(tree), Channel.SERIAL, List.of());
    try (Board board = Board.boot(BOARD, boot, run, life())) {
      assertEquals(
          board.shell().run(List.of("cat", "/proc/device-tree/model"), LIMIT).output(),
          "of its own\0");
    }
  }

  private Board boot(Channel channel, Path run, List<String> kernelArguments) {
    return Board.boot(
        BOARD, new Boot(image, Optional.empty(), channel, kernelArguments), run, life());
  }

  private static LifeCycle life() {
    return LifeCycle.unlogged(BOARD.name());
  }

  private static BoardDefinition with(BoardDefinition.Ssh ssh, BoardDefinition.Timeouts timeouts) {
    return new BoardDefinition(
        BOARD.name(),
        BOARD.description(),
        BOARD.labels(),
        BOARD.hardware(),
        BOARD.kernelArguments(),
        BOARD.serial(),
        null,
        ssh,
        timeouts,
        BOARD.retries());
  }

  private Path run(String name) {
    return results.resolve(name + "-" + System.nanoTime());
  }

  private static long pid(Board board) {
    return ((QemuBoard) board).guest().qemu().pid();
  }

  private static String log(Path run) throws IOException {
    Path log = run.resolve("console.log");
    assertFalse(Files.size(log) == 0);
    return Files.readString(log);
  }

  private static String failure(ThrowingRunnable work) {
    return String.valueOf(expectThrows(LabFault.class, work).getMessage());
  }
}
