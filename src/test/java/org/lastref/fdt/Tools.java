package org.lastref.fdt;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.lastref.fault.InputFault;
import org.testng.Assert;

/** What others make of the same trees: dtc, fdtoverlay, QEMU. */
final class Tools {
  private static final OverlayCompiler COMPILER = new OverlayCompiler();

  private Tools() {}

  static Path source(String name) {
    try {
      return Path.of(Objects.requireNonNull(Tools.class.getResource("/fdt/" + name)).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] blob(String name) {
    return COMPILER.compile(source(name), true);
  }

  static Fdt base() {
    return Fdt.parse(blob("base.dts"), "base.dts");
  }

  static Overlay overlay(String name) {
    return Overlay.of(Fdt.parse(blob(name), name));
  }

  static byte[] compile(String dts, boolean symbols) throws IOException {
    Path file = Files.createTempFile("lastref", ".dts");
    try {
      Files.writeString(file, dts);
      return COMPILER.compile(file, symbols);
    } finally {
      Files.delete(file);
    }
  }

  static Fdt tree(String dts) throws IOException {
    return Fdt.parse(compile(dts, true), "tree");
  }

  /** The tree of QEMU's virt machine, which QEMU pads to 1 MiB. */
  static byte[] virt() throws IOException {
    Path file = Files.createTempFile("lastref", ".dtb");
    try {
      run(
          List.of(
              "qemu-system-aarch64",
              "-M",
              "virt,dumpdtb=" + file,
              "-cpu",
              "cortex-a53",
              "-nodefaults",
              "-display",
              "none"));
      return Files.readAllBytes(file);
    } finally {
      Files.delete(file);
    }
  }

  /** The source that dtc makes of a blob. */
  static String decompiled(byte[] blob) throws IOException {
    Path file = Files.createTempFile("lastref", ".dtb");
    try {
      Files.write(file, blob);
      return run(List.of("dtc", "-q", "-I", "dtb", "-O", "dts", file.toString()));
    } finally {
      Files.delete(file);
    }
  }

  static Fdt fdtoverlay(byte[] base, byte[]... overlays) throws IOException {
    Path folder = Files.createTempDirectory("lastref");
    List<Path> files = new ArrayList<>();
    try {
      Path merged = folder.resolve("merged.dtb");
      files.add(merged);
      List<String> command = new ArrayList<>(List.of("fdtoverlay", "-o", merged.toString(), "-i"));
      files.add(Files.write(folder.resolve("base.dtb"), base));
      for (byte[] overlay : overlays) {
        files.add(Files.write(folder.resolve(files.size() + ".dtbo"), overlay));
      }
      files.subList(1, files.size()).forEach(file -> command.add(file.toString()));
      run(command);
      return Fdt.read(merged);
    } finally {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.delete(folder);
    }
  }

  /** A source with the very bytes of the tree. */
  static String source(Fdt tree) {
    StringBuilder dts = new StringBuilder("/dts-v1/;\n");
    for (Reservation r : tree.reservations()) {
      dts.append("/memreserve/ 0x%x 0x%x;\n".formatted(r.address(), r.size()));
    }
    append(dts, tree.root());
    return dts.toString();
  }

  private static void append(StringBuilder dts, Node node) {
    dts.append(node.name().isEmpty() ? "/" : node.name()).append(" {\n");
    for (Property property : node.properties()) {
      dts.append(property.name());
      if (!property.isEmpty()) {
        dts.append(" = [").append(HexFormat.of().formatHex(property.value())).append(']');
      }
      dts.append(";\n");
    }
    node.children().forEach(child -> append(dts, child));
    dts.append("};\n");
  }

  private static String run(List<String> command) throws IOException {
    Path output = Files.createTempFile("lastref", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("not done within 60 s: " + command);
      }
      String said = Files.readString(output, StandardCharsets.ISO_8859_1);
      if (process.exitValue() != 0) {
        throw new IllegalStateException(command + ": " + said);
      }
      return said;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      Files.delete(output);
    }
  }

  /** The message of the refusal that the action must meet. */
  static String refusal(Assert.ThrowingRunnable action) {
    return Objects.requireNonNull(Assert.expectThrows(InputFault.class, action).getMessage());
  }

  /** The tree in an order that does not depend on how it was made. */
  static Node sorted(Node node) {
    Property[] properties = node.properties().toArray(Property[]::new);
    Arrays.sort(properties, (a, b) -> a.name().compareTo(b.name()));
    List<Node> children =
        node.children().stream()
            .map(Tools::sorted)
            .sorted((a, b) -> a.name().compareTo(b.name()))
            .toList();
    return new Node(node.name(), List.of(properties), children);
  }
}
