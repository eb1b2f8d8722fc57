package org.lastref.image;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;

/**
 * A kernel in the cache, as {@code harness/kernel/build} left it.
 *
 * @param folder its folder
 * @param offsets where fields are in this very build, by names such as {@code
 *     device_node.full_name}
 * @param symbols what it has, and where
 * @param provenance what it was built from
 */
public record KernelBuild(
    Path folder, Map<String, String> offsets, Symbols symbols, Provenance provenance) {

  /** The variant that is a version's {@code config} and nothing else. */
  public static final String PLAIN = "plain";

  private static final JsonMapper JSON = new JsonMapper();

  /**
   * What a kernel was built from.
   *
   * @param source package and version
   * @param compiler the compiler's own words
   * @param own whether it is of the user's own source or patches: then it has no policies to choose
   * @param version a folder in {@code harness/kernel}
   * @param variant {@link KernelBuild#PLAIN}, or a fragment's name in that folder's {@code
   *     variants}
   * @param arguments words that the variant needs on the kernel's command line, with blanks between
   * @param config SHA-256 of its {@code .config}
   * @param objects how many object files it took
   * @param seconds how long the build took, in seconds
   * @param patches what was applied, in order, with SHA-256 of each
   * @param lacks what of ours did not apply to a kernel of the user's own
   * @param fragments the same of what the user's own laid over its configuration
   */
  public record Provenance(
      String source,
      String compiler,
      boolean own,
      String version,
      String variant,
      String arguments,
      String config,
      int objects,
      int seconds,
      Map<String, String> patches,
      List<String> lacks,
      Map<String, String> fragments) {

    /** Grace periods that are slow on request. */
    static final String SLOW_GRACE = "slow-grace";

    /** Whether grace periods can be made slow on it. */
    public boolean hasSlowGrace() {
      return !lacks.contains(SLOW_GRACE);
    }
  }

  public KernelBuild {
    offsets = Map.copyOf(offsets);
  }

  static KernelBuild in(Path folder) {
    try {
      return new KernelBuild(
          folder,
          JSON.readValue(folder.resolve("offsets.json").toFile(), new TypeReference<>() {}),
          Symbols.in(folder.resolve("System.map")),
          JSON.readValue(folder.resolve("build.json").toFile(), Provenance.class));
    } catch (IOException e) {
      throw new LabFault(
          "the kernel in %s is damaged (%s): delete that folder and start again"
              .formatted(folder, e.getMessage()),
          e);
    }
  }

  /**
   * An offset in bytes.
   *
   * @throws LabFault if the build did not record it
   */
  public long offset(String field) {
    return Long.parseLong(Optional.ofNullable(offsets.get(field)).orElseThrow(() -> lacks(field)));
  }

  /** Whether there is a symbol of that very name. */
  public boolean has(String symbol) {
    return symbols.has(symbol);
  }

  /**
   * A symbol's address, unsigned.
   *
   * @throws LabFault if there is none of that name, or more than one
   */
  public long address(String symbol) {
    String address = symbols.address(symbol).orElseThrow(() -> lacks(symbol));
    return Long.parseUnsignedLong(address.substring(2), 16);
  }

  /**
   * Refuses a kernel that cannot be watched: whatever else the watcher uses, what is done to
   * devices it sees by kprobes, kernel/kprobes.c.
   *
   * @throws InputFault if it has none
   */
  void checkWatchable() {
    if (!has("register_kprobe")) {
      throw new InputFault(
          "this kernel has no kprobes, without which none can be watched: its configuration needs"
              + " CONFIG_KPROBES=y");
    }
  }

  /** The watcher, a module that was built with it. */
  KernelModule watcher() {
    return KernelModule.read(folder.resolve("modules/lastref-watch.ko"));
  }

  /** What the variant needs on the kernel's command line, a word an element. */
  public List<String> arguments() {
    return provenance.arguments().isBlank()
        ? List.of()
        : List.of(provenance.arguments().strip().split(" +"));
  }

  /**
   * A board's devicetree of the kernel's own, with labels.
   *
   * @param name such as {@code bcm2711-rpi-4-b}
   * @throws InputFault if the kernel has none of that name, or the build takes no such board
   */
  public Path devicetree(String name) {
    Path trees = folder.resolve("devicetrees");
    Path file = trees.resolve(name + ".dtb");
    if (!Files.isRegularFile(file)) {
      throw new InputFault(
          "the kernel in %s was built without the devicetree %s: add it to boards= in harness/kernel/%s/kernel.conf"
              .formatted(folder, name, provenance.version()));
    }
    return file;
  }

  /**
   * Whether every kobject's release comes late: CONFIG_DEBUG_KOBJECT_RELEASE, which adds a field.
   */
  public boolean delaysReleases() {
    return offsets.containsKey("kobject.release");
  }

  private LabFault lacks(String name) {
    return new LabFault("the kernel in %s does not say where %s is".formatted(folder, name));
  }
}
