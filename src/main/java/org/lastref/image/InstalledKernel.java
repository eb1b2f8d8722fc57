package org.lastref.image;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;
import org.lastref.image.KernelBuild.Provenance;
import org.lastref.link.Sha256;
import org.lastref.link.SshShell;

/**
 * The kernel of a board's own system. What is to be loaded into it is built on the board, against
 * its headers and by its compiler, and kept in the cache under what the kernel says that it is, so
 * that it is built once.
 */
final class InstalledKernel {

  private static final JsonMapper JSON = new JsonMapper();

  private static final Duration SHORT = Duration.ofSeconds(60);

  /** Two modules take a Raspberry Pi ten seconds, an emulated one a minute. */
  private static final Duration BUILD = Duration.ofMinutes(15);

  private static final int MOST_SYMBOLS = 64 << 20;
  private static final int MOST_BUILT = 32 << 20;
  private static final int MOST_FACTS = 64 << 10;
  private static final int MOST_CONFIG = 4 << 20;

  private static final String LOOK =
      "r=$(uname -r); b=/lib/modules/$r/build; echo \"release $r\"; echo \"machine $(uname -m)\";"
          + " echo \"version $(cat /proc/version)\";"
          + " echo \"notes $(sha256sum </sys/kernel/notes | cut -c 1-64)\";"
          + " [ ! -e $b/Makefile ] || echo \"headers $(cat $b/include/config/kernel.release)\";"
          + " for t in make gcc; do ! command -v $t >/dev/null || echo \"$t there\"; done;"
          + " [ ! -d /sys/kernel/config/device-tree/overlays ] || echo 'overlays there'";

  private static final String CONFIG =
      "zcat /proc/config.gz 2>/dev/null || cat /boot/config-$(uname -r) 2>/dev/null";

  private static final List<String> MODULES = List.of("lastref-watch", "lastref-overlay");

  private static final String OFFSETS = "lastref-offsets";

  /** As {@code FIELD} of offsets.c leaves them in the compiler's assembly. */
  private static final Pattern OFFSET = Pattern.compile("\"@ ([a-z_.]*) #?([0-9]*)\"");

  private static final Pattern COMPILER = Pattern.compile("\\((\\S*gcc[^,]*)");

  private final Path project;
  private final SshShell shell;
  private final String board;
  private final Map<String, String> facts = new LinkedHashMap<>();

  private InstalledKernel(Path project, SshShell shell, String board) {
    this.project = project;
    this.shell = shell;
    this.board = board;
  }

  /**
   * Finds or builds what is loaded into the kernel that a board runs.
   *
   * @param shell root's on the board
   * @throws InputFault if that kernel cannot be watched, or nothing can be built against it
   * @throws LabFault if the board fails
   */
  static KernelBuild of(Path project, SshShell shell, String board) {
    return new InstalledKernel(project, shell, board).ensured();
  }

  private KernelBuild ensured() {
    text(LOOK, MOST_FACTS)
        .lines()
        .map(line -> line.split(" ", 2))
        .filter(words -> words.length == 2)
        .forEach(words -> facts.put(words[0], words[1].strip()));
    if (!fact("machine").equals("aarch64")) {
      throw new InputFault(
          "board %s: its system is for %s, and only 64-bit Arm is known"
              .formatted(board, fact("machine")));
    }
    Map<String, byte[]> sources = sources();
    Path folder = UserCache.folder().resolve("kernel/board-" + key(sources));
    if (!Files.isDirectory(folder)) {
      build(sources, folder);
    }
    KernelBuild kernel = KernelBuild.in(folder);
    kernel.checkWatchable();
    return kernel;
  }

  private String fact(String name) {
    return facts.getOrDefault(name, "");
  }

  private String key(Map<String, byte[]> sources) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String name : List.of("release", "version", "notes", "overlays")) {
      all.writeBytes((fact(name) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    sources.values().forEach(all::writeBytes);
    return Sha256.of(all.toByteArray()).substring(0, 16);
  }

  /** In the order in which they are sent. */
  private Map<String, byte[]> sources() {
    Map<String, byte[]> sources = new LinkedHashMap<>();
    Path modules = project.resolve("harness/modules");
    sources.put("Kbuild", bytes(modules.resolve("Kbuild")));
    for (String name : MODULES) {
      sources.put(name + ".c", bytes(modules.resolve(name + ".c")));
      sources.put(name + ".h", bytes(modules.resolve(name + ".h")));
    }
    Path kernels = project.resolve("harness/kernel");
    String meant = new String(bytes(kernels.resolve("default")), StandardCharsets.UTF_8).strip();
    sources.put(OFFSETS + ".c", bytes(kernels.resolve(meant).resolve("offsets.c")));
    return sources;
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new LabFault("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private void build(Map<String, byte[]> sources, Path folder) {
    byte[] symbols = symbols();
    checkHas(Symbols.of(new String(symbols, StandardCharsets.ISO_8859_1)));
    checkBuilds();
    System.err.printf(
        "lastref: %s: building the watcher on the board, against its headers of %s%n",
        board, fact("release"));
    Map<String, byte[]> built = built(sources);
    byte[] config = output(CONFIG, new byte[0], MOST_CONFIG, SHORT);
    Path work = folder.resolveSibling("." + folder.getFileName() + "-new");
    try {
      Files.createDirectories(work.resolve("modules"));
      Files.write(work.resolve("System.map"), symbols);
      Files.write(work.resolve("config"), config);
      for (String name : MODULES) {
        Files.write(work.resolve("modules").resolve(name + ".ko"), part(built, name + ".ko"));
      }
      Matcher offset =
          OFFSET.matcher(new String(part(built, OFFSETS + ".s"), StandardCharsets.ISO_8859_1));
      Map<String, String> offsets = new TreeMap<>();
      while (offset.find()) {
        offsets.put(offset.group(1), offset.group(2));
      }
      JSON.writeValue(work.resolve("offsets.json").toFile(), offsets);
      JSON.writeValue(work.resolve("build.json").toFile(), provenance(config));
      if (!Files.isDirectory(folder)) {
        Files.move(work, folder, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      throw new LabFault("cannot write into %s: %s".formatted(work, e.getMessage()), e);
    }
  }

  private static byte[] part(Map<String, byte[]> built, String name) {
    byte[] part = built.get(name);
    if (part == null) {
      throw new LabFault("the board has built no " + name);
    }
    return part;
  }

  private Provenance provenance(byte[] config) {
    List<String> lacks = new ArrayList<>(List.of(Provenance.SLOW_GRACE));
    if (fact("overlays").isEmpty()) {
      lacks.add("overlays");
    }
    Matcher compiler = COMPILER.matcher(fact("version"));
    return new Provenance(
        "the board's own, " + fact("release"),
        compiler.find() ? compiler.group(1) : "",
        true,
        fact("release"),
        "own-system",
        "",
        Sha256.of(config),
        0,
        0,
        Map.of(),
        lacks,
        Map.of());
  }

  /** Without modules': these come and go. */
  private byte[] symbols() {
    byte[] symbols =
        output("grep -v '\\[' /proc/kallsyms", new byte[0], MOST_SYMBOLS, SHORT.multipliedBy(2));
    if (symbols.length == 0) {
      throw new InputFault(
          "board %s: its kernel %s does not say what symbols it has: it needs CONFIG_KALLSYMS=y"
              .formatted(board, fact("release")));
    }
    return symbols;
  }

  private void checkHas(Symbols symbols) {
    Map<String, String> needs = new LinkedHashMap<>();
    needs.put("register_kprobe", "kprobes, without which none can be watched: CONFIG_KPROBES=y");
    needs.put(
        "of_overlay_fdt_apply",
        "devicetree overlays: CONFIG_OF_OVERLAY=y (Debian's own arm64 kernels lack it, Raspberry Pi"
            + " OS has it)");
    needs.put("init_module", "modules: CONFIG_MODULES=y");
    needs.forEach(
        (symbol, what) -> {
          boolean there = symbols.has(symbol) || symbols.has("__arm64_sys_" + symbol);
          if (!there) {
            throw new InputFault(
                "board %s: its kernel %s has no %s".formatted(board, fact("release"), what));
          }
        });
  }

  private void checkBuilds() {
    String release = fact("release");
    if (fact("headers").isEmpty()) {
      throw new InputFault(
          ("board %s: there are no headers of its kernel in /lib/modules/%s/build: install them"
                  + " there, linux-headers-%s, or raspberrypi-kernel-headers on Raspberry Pi OS")
              .formatted(board, release, release));
    }
    if (!fact("headers").equals(release)) {
      throw new InputFault(
          "board %s: its headers are of %s, but it runs %s: install those, or start what they are of"
              .formatted(board, fact("headers"), release));
    }
    for (String tool : List.of("make", "gcc")) {
      if (fact(tool).isEmpty()) {
        throw new InputFault(
            "board %s: it has no %s to build the watcher with: install build-essential there"
                .formatted(board, tool));
      }
    }
  }

  /** By name: the modules, and the assembly that has the offsets. */
  private Map<String, byte[]> built(Map<String, byte[]> sources) {
    StringBuilder script =
        new StringBuilder("umask 077; d=$(mktemp -d /tmp/lastref-build-XXXXXX) || exit;")
            .append(
                " trap 'rm -rf \"$d\"' EXIT; trap 'exit 1' HUP INT PIPE TERM; cd \"$d\" || exit;");
    ByteArrayOutputStream input = new ByteArrayOutputStream();
    sources.forEach(
        (name, content) -> {
          script.append(" head -c %d >%s;".formatted(content.length, name));
          input.writeBytes(content);
        });
    script.append(
        (" b=/lib/modules/$(uname -r)/build; if make -C $b M=\"$d\" LASTREF_MODULES='watch overlay'"
                + " modules >log 2>&1 </dev/null && make -C $b M=\"$d\" %s.s >>log 2>&1 </dev/null;"
                + " then ! command -v strip >/dev/null || strip --strip-debug ./*.ko;"
                + " for f in ./*.ko %s.s; do echo \"${f#./} $(wc -c <$f)\"; cat $f; done;"
                + " else echo failed $(wc -c <log); cat log; fi")
            .formatted(OFFSETS, OFFSETS));
    Map<String, byte[]> built =
        parts(output(script.toString(), input.toByteArray(), MOST_BUILT, BUILD));
    byte[] failed = built.get("failed");
    if (failed != null) {
      throw new InputFault(
          "board %s: the watcher does not build against its headers of %s: %s"
              .formatted(board, fact("release"), lastLines(failed)));
    }
    if (built.isEmpty()) {
      throw new LabFault(
          "board %s: nothing can be built on it: has its /tmp room?".formatted(board));
    }
    return built;
  }

  private static String lastLines(byte[] log) {
    List<String> lines = new String(log, StandardCharsets.UTF_8).lines().toList();
    List<String> errors =
        lines.stream().filter(line -> line.matches(".*(error|ERROR): .*")).toList();
    List<String> told = errors.isEmpty() ? lines : errors;
    return String.join("\n  ", told.subList(Math.max(0, told.size() - 10), told.size()));
  }

  /** Each is a line with its name and its size, and then itself. */
  private static Map<String, byte[]> parts(byte[] all) {
    Map<String, byte[]> parts = new LinkedHashMap<>();
    int at = 0;
    while (at < all.length) {
      int end = at;
      while (end < all.length && all[end] != '\n') {
        end++;
      }
      String[] head = new String(all, at, end - at, StandardCharsets.UTF_8).strip().split(" +");
      int begin = end + 1;
      int size = size(head).filter(each -> begin + each <= all.length).orElse(-1);
      if (size < 0) {
        throw new LabFault("what the board has built does not come whole");
      }
      parts.put(head[0], Arrays.copyOfRange(all, begin, begin + size));
      at = begin + size;
    }
    return parts;
  }

  private static Optional<Integer> size(String[] head) {
    return head.length == 2 && head[1].matches("[0-9]{1,8}")
        ? Optional.of(Integer.parseInt(head[1]))
        : Optional.empty();
  }

  private String text(String command, int most) {
    return new String(output(command, new byte[0], most, SHORT), StandardCharsets.UTF_8);
  }

  private byte[] output(String command, byte[] input, int most, Duration limit) {
    return shell.output(command, input, most, limit);
  }
}
