package org.lastref.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;
import org.lastref.link.Sha256;

/**
 * A kernel module in a file: what it says of itself in its section {@code .modinfo}.
 *
 * @param name the kernel's name for it
 * @param file where it is, a {@code .ko}
 * @param vermagic which kernels it says it is for
 * @param needs the names of the modules that it needs
 * @param sha256 of the file
 */
public record KernelModule(
    String name, Path file, String vermagic, List<String> needs, String sha256) {

  /** CONTENT_MOST of harness/agent/agent.h. */
  private static final int MAX_SIZE = 8 << 20;

  private static final String SECTION = ".modinfo";
  private static final int ELF_MAGIC = 0x464c457f;
  private static final int RELOCATABLE = 1;
  private static final int AARCH64 = 183;

  public KernelModule {
    needs = List.copyOf(needs);
  }

  /**
   * Reads one.
   *
   * @throws InputFault if it is none, or none for arm64
   */
  public static KernelModule read(Path file) {
    byte[] bytes = bytes(file);
    Map<String, String> says = says(bytes, file);
    String vermagic = says.get("vermagic");
    String name = says.get("name");
    if (vermagic == null || name == null || !name.matches("[A-Za-z0-9_-]{1,55}")) {
      throw new InputFault(
          "%s is no module for arm64: it does not say its name and kernel".formatted(file));
    }
    List<String> needs =
        Arrays.stream(says.getOrDefault("depends", "").split(","))
            .filter(each -> !each.isEmpty())
            // modpost names files, whose dashes the kernel does not take.
            .map(each -> each.replace('-', '_'))
            .toList();
    return new KernelModule(name, file, vermagic.strip(), needs, Sha256.of(bytes));
  }

  /** What goes to the board. */
  public byte[] bytes() {
    return bytes(file);
  }

  private static byte[] bytes(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InputFault("%s: there is no such module".formatted(file));
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_SIZE + 1);
      if (bytes.length > MAX_SIZE) {
        throw new InputFault(
            "%s has more than the %d bytes that a board takes: strip it with --strip-debug"
                .formatted(file, MAX_SIZE));
      }
      return bytes;
    } catch (IOException e) {
      throw new InputFault("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /**
   * Refuses one that a kernel would not load.
   *
   * @param like a module that was built with that kernel
   */
  void checkIsFor(KernelModule like) {
    if (!vermagic.equals(like.vermagic)) {
      throw new InputFault(
          "%s is for another kernel: its vermagic is \"%s\", and the kernel's \"%s\""
              .formatted(file, vermagic, like.vermagic));
    }
  }

  private static Map<String, String> says(byte[] bytes, Path file) {
    try {
      ByteBuffer elf = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      boolean is64 = elf.get(4) == 2 && elf.get(5) == 1;
      if (elf.getInt(0) != ELF_MAGIC
          || !is64
          || elf.getShort(16) != RELOCATABLE
          || elf.getShort(18) != AARCH64) {
        throw new InputFault(
            "%s is no module for arm64: it is another kind of file".formatted(file));
      }
      return modinfo(elf);
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw new InputFault("%s is no module for arm64: it is cut short".formatted(file), e);
    }
  }

  private static Map<String, String> modinfo(ByteBuffer elf) {
    int headers = Math.toIntExact(elf.getLong(0x28));
    int size = Short.toUnsignedInt(elf.getShort(0x3a));
    int count = Short.toUnsignedInt(elf.getShort(0x3c));
    int names = headers + size * Short.toUnsignedInt(elf.getShort(0x3e));
    for (int i = 0; i < count; i++) {
      int header = headers + i * size;
      int name = offset(elf, names) + elf.getInt(header);
      if (text(elf, name, SECTION.length() + 1).equals(SECTION + "\0")) {
        int length = Math.toIntExact(elf.getLong(header + 0x20));
        return words(text(elf, offset(elf, header), length));
      }
    }
    return Map.of();
  }

  private static int offset(ByteBuffer elf, int header) {
    return Math.toIntExact(elf.getLong(header + 0x18));
  }

  private static String text(ByteBuffer elf, int at, int length) {
    if (at < 0 || length < 0 || at > elf.limit()) {
      throw new IndexOutOfBoundsException(at);
    }
    byte[] bytes = new byte[Math.min(length, elf.limit() - at)];
    elf.get(at, bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static Map<String, String> words(String section) {
    Map<String, String> words = new HashMap<>();
    for (String word : section.split("\0", -1)) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        words.putIfAbsent(word.substring(0, equals), word.substring(equals + 1));
      }
    }
    return words;
  }

  /** The modules in a folder of the cache, by the names of their files. */
  static List<KernelModule> in(Path folder) {
    try (var files = Files.list(folder)) {
      return files
          .filter(each -> each.toString().endsWith(".ko"))
          .sorted()
          .map(KernelModule::read)
          .toList();
    } catch (IOException e) {
      throw new LabFault("cannot read %s: %s".formatted(folder, e.getMessage()), e);
    }
  }
}
