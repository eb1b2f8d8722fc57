package org.lastref.board;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.lastref.fault.LabFault;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.OverlayCompiler;
import org.lastref.image.KernelBuild;
import org.lastref.link.Shell;

/**
 * The devicetree that a board starts with: QEMU's own or the kernel's, with labels and what {@code
 * boards/base.dtso} adds to it, so that overlays have something to refer to; to a Raspberry Pi's
 * also what {@code boards/raspberry-pi.dtso} has.
 */
public final class BaseTree {

  /**
   * QEMU's tree alone is a blob of 1 MiB, mostly padding, and QEMU does not say why a write fails.
   */
  private static final long ROOM_MIB = 3;

  /** What the kernel calls the trees of Raspberry Pis. */
  private static final String RASPBERRY_PI = "bcm2";

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private BaseTree() {}

  /**
   * Makes the tree.
   *
   * @param kernels gives the kernel whose trees are built with it, if it is one of those
   * @param addition the source of the overlay that is merged into the board's own tree; {@code
   *     raspberry-pi.dtso} stands beside it
   * @param folder where the tree and its parts go
   * @return the blob
   * @throws org.lastref.fault.InputFault if the addition does not compile, or the kernel has no
   *     such tree
   */
  public static Path make(
      BoardDefinition board, Supplier<KernelBuild> kernels, Path addition, Path folder) {
    Optional<String> tree = kernelTree(board.hardware());
    List<Path> additions = new ArrayList<>(List.of(addition));
    if (tree.filter(name -> name.startsWith(RASPBERRY_PI)).isPresent()) {
      additions.add(addition.resolveSibling("raspberry-pi.dtso"));
    }
    List<String> added = new ArrayList<>();
    Path merged = folder.resolve("base.dtb");
    try {
      Files.createDirectories(folder);
      long free = Files.getFileStore(folder).getUsableSpace() >> 20;
      if (free < ROOM_MIB) {
        throw new LabFault(
            "%s has %d MiB free, the board's devicetree takes %d: make room or give another folder"
                .formatted(folder, free, ROOM_MIB));
      }
      for (Path each : additions) {
        Path blob = folder.resolve("addition-%d.dtbo".formatted(added.size()));
        Files.write(blob, new OverlayCompiler().compile(each, true));
        added.add(blob.toString());
      }
    } catch (IOException e) {
      throw new LabFault("cannot write into %s: %s".formatted(folder, e.getMessage()), e);
    }
    Path own =
        tree.map(name -> kernels.get().devicetree(name))
            .orElseGet(() -> dumped(board, folder.resolve("machine.dtb")));
    List<String> command =
        new ArrayList<>(List.of("fdtoverlay", "-i", own.toString(), "-o", merged.toString()));
    command.addAll(added);
    run("device-tree-compiler", command);
    return merged;
  }

  /**
   * The tree with which a board was started that runs its own system; nothing is added to it.
   *
   * @param shell root's on that board
   * @throws LabFault if it does not give it
   */
  public static Path running(Shell shell, String board, Path folder) {
    Shell.Reply reply = shell.run(List.of("base64", "/sys/firmware/fdt"), LIMIT);
    if (reply.exitCode() != 0) {
      throw new LabFault(
          "Board %s does not give the devicetree that it was started with, /sys/firmware/fdt"
              .formatted(board));
    }
    try {
      Files.createDirectories(folder);
      return Files.write(
          folder.resolve("base.dtb"), Base64.getMimeDecoder().decode(reply.output()));
    } catch (IOException | IllegalArgumentException e) {
      throw new LabFault(
          "cannot keep the devicetree of board %s: %s".formatted(board, e.getMessage()), e);
    }
  }

  /**
   * The same, read and not kept; nothing is booted.
   *
   * @throws LabFault if it cannot be made
   */
  public static Fdt read(BoardDefinition board, Supplier<KernelBuild> kernels, Path addition) {
    try {
      Path folder = Files.createTempDirectory("lastref-tree");
      try {
        return Fdt.read(make(board, kernels, addition, folder));
      } finally {
        try (Stream<Path> files = Files.walk(folder)) {
          for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(file);
          }
        }
      }
    } catch (IOException e) {
      throw new LabFault("cannot make the board's devicetree: " + e.getMessage(), e);
    }
  }

  /** The name of the kernel's tree for a board; empty if the machine has one of its own. */
  private static Optional<String> kernelTree(BoardDefinition.Hardware hardware) {
    if (hardware instanceof BoardDefinition.Physical physical) {
      return Optional.of(physical.devicetree());
    }
    return hardware instanceof BoardDefinition.Qemu machine && machine.isRaspberryPi()
        ? Optional.of("bcm2837-rpi-3-b")
        : Optional.empty();
  }

  /** The tree that QEMU gives a machine. */
  private static Path dumped(BoardDefinition board, Path file) {
    if (!(board.hardware() instanceof BoardDefinition.Qemu machine)) {
      throw new AssertionError(board.hardware());
    }
    run(
        "qemu-system-arm",
        List.of(
            "qemu-system-aarch64",
            "-M",
            machine.machine() + ",dumpdtb=" + file.toString().replace(",", ",,"),
            "-cpu",
            machine.cpu(),
            "-smp",
            "" + machine.cpus(),
            "-m",
            "" + machine.memoryMib(),
            "-nodefaults",
            "-display",
            "none"));
    return file;
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
