package org.lastref.image;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.lastref.fault.InputFault;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Which files are taken for modules, and in what order they are loaded. */
public class KernelModuleTest {

  private static final String VERMAGIC = "6.1.192 SMP mod_unload aarch64";
  private static final KernelModule WATCHER = module("lastref_watch", VERMAGIC);

  private Path folder = Path.of("");

  @BeforeMethod
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory("lastref-module");
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  private static KernelModule module(String name, String vermagic, String... needs) {
    return new KernelModule(name, Path.of(name + ".ko"), vermagic, List.of(needs), "");
  }

  /** An object file with one section of words beside that of names. */
  private static byte[] elf(int machine, String section, String... words) {
    byte[] names = ("\0" + section + "\0").getBytes(StandardCharsets.US_ASCII);
    byte[] info = (String.join("\0", words) + "\0").getBytes(StandardCharsets.US_ASCII);
    int headers = 64 + names.length + info.length;
    ByteBuffer elf = ByteBuffer.allocate(headers + 3 * 64).order(ByteOrder.LITTLE_ENDIAN);
    elf.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1);
    elf.putShort(16, (short) 1).putShort(18, (short) machine).putLong(0x28, headers);
    elf.putShort(0x3a, (short) 64).putShort(0x3c, (short) 3).putShort(0x3e, (short) 1);
    elf.put(64, names).put(64 + names.length, info);
    elf.putLong(headers + 64 + 0x18, 64).putLong(headers + 64 + 0x20, names.length);
    elf.putInt(headers + 128, 1);
    elf.putLong(headers + 128 + 0x18, 64 + names.length);
    elf.putLong(headers + 128 + 0x20, info.length);
    return elf.array();
  }

  private static byte[] elf() {
    return elf(
        183,
        ".modinfo",
        "license=GPL",
        "depends=one,number-two",
        "name=mine",
        "vermagic=" + VERMAGIC + " ");
  }

  private String refused(byte[] bytes) throws IOException {
    Path file = Files.write(folder.resolve("mine.ko"), bytes);
    return expectThrows(InputFault.class, () -> KernelModule.read(file))
        .getMessage()
        .replace(file + " ", "");
  }

  @Test
  public void readsWhatAModuleSaysOfItself() throws IOException {
    Path file = Files.write(folder.resolve("other-name.ko"), elf());
    KernelModule module = KernelModule.read(file);
    assertEquals(module.name(), "mine");
    assertEquals(module.vermagic(), VERMAGIC);
    assertEquals(module.needs(), List.of("one", "number_two"));
    assertEquals(module.bytes(), elf());
  }

  @Test
  public void refusesWhatIsNoModuleForArm64() throws IOException {
    String no = "is no module for arm64: ";
    String other = no + "it is another kind of file";
    assertEquals(refused(elf(62, ".modinfo", "name=mine", "vermagic=x")), other);
    assertEquals(refused("no ELF at all, but long enough".getBytes(StandardCharsets.UTF_8)), other);
    assertEquals(refused(new byte[0]), no + "it is cut short");
    String silent = no + "it does not say its name and kernel";
    assertEquals(refused(elf(183, ".other", "name=mine", "vermagic=x")), silent);
    assertEquals(refused(elf(183, ".modinfo", "name=../mine", "vermagic=x")), silent);
    assertEquals(refused(elf(183, ".modinfo", "name=mine")), silent);
    assertEquals(
        refused(new byte[(8 << 20) + 1]),
        "has more than the 8388608 bytes that a board takes: strip it with --strip-debug");
    assertEquals(
        expectThrows(InputFault.class, () -> KernelModule.read(Path.of("none.ko"))).getMessage(),
        "none.ko: there is no such module");
  }

  /** Wherever it is cut, and whatever a byte of its headers is. */
  @Test
  public void survivesDamage() throws IOException {
    byte[] whole = elf();
    Path file = folder.resolve("damaged.ko");
    for (int at = 0; at < whole.length; at++) {
      byte[] changed = whole.clone();
      changed[at] = (byte) 0xff;
      for (byte[] bytes : List.of(Arrays.copyOf(whole, at), changed)) {
        Files.write(file, bytes);
        try {
          KernelModule.read(file);
        } catch (InputFault e) {
          // As it should be, where the damage shows.
        }
      }
    }
  }

  private static List<String> loaded(KernelModule... modules) {
    return KernelModules.loadable(List.of(modules), WATCHER).stream()
        .map(KernelModule::name)
        .toList();
  }

  private static String unloadable(KernelModule... modules) {
    return expectThrows(InputFault.class, () -> loaded(modules)).getMessage();
  }

  @Test
  public void loadsWhatIsNeededFirst() {
    assertEquals(
        loaded(module("b", VERMAGIC, "c", "a"), module("a", VERMAGIC, "c"), module("c", VERMAGIC)),
        List.of("c", "a", "b"));
    assertEquals(loaded(module("b", VERMAGIC), module("a", VERMAGIC)), List.of("b", "a"));
  }

  @Test
  public void refusesWhatTheKernelWouldNotLoad() {
    assertEquals(
        unloadable(module("a", "6.12.1 SMP")),
        "a.ko is for another kernel: its vermagic is \"6.12.1 SMP\", and the kernel's \""
            + VERMAGIC
            + "\"");
    assertEquals(
        unloadable(module("a", VERMAGIC), module("a", VERMAGIC)),
        "a.ko and a.ko are both module a: choose one");
    assertEquals(
        unloadable(module("a", VERMAGIC, "b"), module("b", VERMAGIC, "c")),
        "b.ko needs module c: name it too, or build that into the kernel");
    assertEquals(
        unloadable(module("a", VERMAGIC, "b"), module("b", VERMAGIC, "a")),
        "a.ko: it needs modules that need it");
    assertEquals(
        unloadable(module("lastref-watch", VERMAGIC)),
        "lastref-watch.ko: modules whose names begin with lastref are Lastref's own: call it otherwise");
  }
}
