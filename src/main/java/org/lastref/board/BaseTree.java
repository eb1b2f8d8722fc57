package org.lastref.board;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.lastref.fault.LabFault;
import org.lastref.fdt.OverlayCompiler;

/**
 * The devicetree that a board in QEMU starts with: the machine's own, with labels and what {@code
 * boards/NAME.dtso} adds to it, so that overlays have something to refer to.
 */
public final class BaseTree {

  /**
   * QEMU's tree alone is a blob of 1 MiB, mostly padding, and QEMU does not say why a write fails.
   */
  private static final long ROOM_MIB = 3;

  private BaseTree() {}

  /**
   * Makes the tree.
   *
   * @param board a board in QEMU
   * @param addition the source of the overlay that is merged into the machine's own tree
   * @param folder where the tree and its parts go
   * @return the blob
   * @throws org.lastref.fault.InputFault if the addition does not compile
   */
  public static Path make(BoardDefinition board, Path addition, Path folder) {
    Path own = folder.resolve("machine.dtb");
    Path added = folder.resolve("addition.dtbo");
    Path merged = folder.resolve("base.dtb");
    try {
      Files.createDirectories(folder);
      long free = Files.getFileStore(folder).getUsableSpace() >> 20;
      if (free < ROOM_MIB) {
        throw new LabFault(
            "%s has %d MiB free, the board's devicetree takes %d: make room or give another folder"
                .formatted(folder, free, ROOM_MIB));
      }
      Files.write(added, new OverlayCompiler().compile(addition, true));
    } catch (IOException e) {
      throw new LabFault("cannot write %s: %s".formatted(added, e.getMessage()), e);
    }
    if (!(board.hardware() instanceof BoardDefinition.Qemu machine)) {
      throw new AssertionError(board.hardware());
    }
    run(
        "qemu-system-arm",
        List.of(
            "qemu-system-aarch64",
            "-M",
            machine.machine() + ",dumpdtb=" + own.toString().replace(",", ",,"),
            "-cpu",
            machine.cpu(),
            "-smp",
            "" + machine.cpus(),
            "-m",
            "" + machine.memoryMib(),
            "-nodefaults",
            "-display",
            "none"));
    run(
        "device-tree-compiler",
        List.of("fdtoverlay", "-i", own.toString(), "-o", merged.toString(), added.toString()));
    return merged;
  }

  private static void run(String debianPackage, List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new LabFault(command.get(0) + " did not end in 30 s");
      }
      String words = new String(process.getInputStream().readNBytes(2000), StandardCharsets.UTF_8);
      if (process.exitValue() != 0) {
        throw new LabFault("%s failed: %s".formatted(command.get(0), words.strip()));
      }
    } catch (IOException e) {
      throw new LabFault(
          "cannot run %s (Debian package %s): %s"
              .formatted(command.get(0), debianPackage, e.getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabFault("interrupted while " + command.get(0) + " was running", e);
    }
  }
}
