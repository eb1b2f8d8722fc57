package org.lastref.board;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.lastref.image.Image;

/**
 * The image that tests boot, built by the scripts in {@code harness/} if the cache does not hold
 * it. To be replaced as soon as {@code org.lastref.image} finds or builds one itself.
 */
final class TestImage {

  private TestImage() {}

  static Image get() {
    Path kernel = output("harness/kernel/build");
    Path rootfs = output("harness/rootfs/build");
    return new Image(
        kernel.resolve("Image"),
        rootfs.resolve("initramfs.cpio.gz"),
        rootfs.resolve("host_key.pub"),
        rootfs.resolve("client_key"));
  }

  private static Path output(String script) {
    try {
      Process process =
          new ProcessBuilder(script).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
        List<String> lines = reader.lines().toList();
        if (process.waitFor() != 0 || lines.isEmpty()) {
          throw new IllegalStateException(script + " failed");
        }
        return Path.of(lines.get(lines.size() - 1));
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot run " + script, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted in " + script, e);
    }
  }
}
