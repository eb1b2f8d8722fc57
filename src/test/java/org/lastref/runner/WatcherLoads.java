package org.lastref.runner;

import static org.testng.Assert.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Channel;
import org.lastref.fdt.OverlaySource;
import org.lastref.image.Images;
import org.lastref.klog.Splats;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * The watcher is loaded and unloaded again and again, in both ways, while an overlay is applied.
 * For the nights, as the kernels that look closely are slow: {@code mvn -Dit.test=WatcherLoads
 * verify}.
 */
public class WatcherLoads {

  private static final int TIMES = Integer.getInteger("lastref.loads", 1000);
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String APPLY =
      "mkdir /sys/kernel/config/device-tree/overlays/pair"
          + " && cat /tmp/pair.dtbo >/sys/kernel/config/device-tree/overlays/pair/dtbo";

  /** TAINT_DIE, TAINT_WARN and TAINT_SOFTLOCKUP. */
  private static final int BAD = 1 << 7 | 1 << 9 | 1 << 14;

  @DataProvider
  static Object[][] kernels() {
    return new Object[][] {{"plain"}, {"lockdep"}, {"kasan"}};
  }

  @Test(dataProvider = "kernels")
  public void leaveNothingToComplainOf(String kernel) throws IOException {
    Path project = Path.of("").toAbsolutePath();
    Images images = Images.ensure(project, Images.kernel(project, kernel));
    Path folder = Files.createDirectories(project.resolve("target/loads-" + kernel));
    BoardDefinition definition = BoardDefinition.load(project.resolve("boards/qemu-virt.yaml"));
    try (ArmedBoard board = ArmedBoard.open(definition, images, Channel.SSH, project, folder)) {
      byte[] pair = OverlaySource.of(project.resolve("overlays/pair.dtso")).blob();
      board.shell().upload(pair, "/tmp/pair.dtbo");
      assertEquals(board.shell().run(List.of("sh", "-c", APPLY), LIMIT).exitCode(), 0);
      for (int i = 0; i < TIMES; i++) {
        board.watchBy(i % 2 == 0 ? "kprobes" : "auto");
      }
      String taint = read(board, "/proc/sys/kernel/tainted").strip();
      assertEquals(Integer.parseInt(taint) & BAD, 0, "tainted: " + taint);
      if (kernel.equals("lockdep")) {
        String stats = read(board, "/proc/lockdep_stats");
        assertEquals(
            stats.lines().filter(line -> line.matches(" *debug_locks: +1")).count(), 1, stats);
      }
      List<String> lines = board.console().lines(board.started(), board.console().lineStart());
      assertEquals(
          Splats.in(lines).stream().filter(each -> each.meaning().ofKernel()).toList(), List.of());
    }
  }

  private static String read(ArmedBoard board, String file) {
    return board.shell().run(List.of("cat", file), LIMIT).output();
  }
}
