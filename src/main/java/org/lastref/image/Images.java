package org.lastref.image;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;

/**
 * What is built from {@code harness/}: found in the cache, or built there first. Progress goes to
 * standard error.
 *
 * @param kernel the kernel
 * @param image all that a board boots
 */
public record Images(KernelBuild kernel, Image image) {

  /**
   * Finds or builds kernel and root file system. A first build takes minutes.
   *
   * @param project the project's folder
   * @throws InputFault if a patch or the configuration is at fault
   * @throws LabFault if the machine is
   */
  public static Images ensure(Path project) {
    KernelBuild kernel = KernelBuild.in(build(project, "harness/kernel/build"));
    Path rootfs = build(project, "harness/rootfs/build");
    return new Images(
        kernel,
        new Image(
            kernel.folder().resolve("Image"),
            rootfs.resolve("initramfs.cpio.gz"),
            rootfs.resolve("host_key.pub"),
            rootfs.resolve("client_key")));
  }

  private static Path build(Path project, String script) {
    try {
      Process process =
          new ProcessBuilder(project.resolve(script).toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      process.getOutputStream().close();
      try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
        List<String> lines = reader.lines().toList();
        int exit = process.waitFor();
        if (exit == 2) {
          throw new InputFault(script + " failed; what it says is above");
        }
        if (exit != 0 || lines.isEmpty()) {
          throw new LabFault(
              "%s failed with exit code %d; what it says is above".formatted(script, exit));
        }
        return Path.of(lines.get(lines.size() - 1));
      } finally {
        process.destroy();
      }
    } catch (IOException e) {
      throw new LabFault("cannot run %s: %s".formatted(script, e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabFault("interrupted while %s was running".formatted(script), e);
    }
  }
}
