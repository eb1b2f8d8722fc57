package org.lastref.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lastref.fault.InputFault;
import org.lastref.image.KernelModule;
import org.lastref.offline.RemovalCase;
import picocli.CommandLine.Option;

/** Options that add something of the user's own to the kernel, whoever's that is. */
final class AddedToKernel {

  private static final int MAX_CONFIG = 4 << 20;

  /** What decides how a case is judged, and the kernel that has it. */
  private static final Map<String, String> KERNELS =
      Map.of("CONFIG_DEBUG_KOBJECT_RELEASE", "debug-release", "CONFIG_PROVE_LOCKING", "lockdep");

  /** What loads the watcher, lets it see, and lets overlays be applied. */
  private static final Set<String> NEEDED =
      Set.of(
          "CONFIG_MODULES",
          "CONFIG_KPROBES",
          "CONFIG_CONFIGFS_FS",
          "CONFIG_OF_OVERLAY",
          "CONFIG_OF_CONFIGFS");

  /** An option that is to be left out, as both ways to say so have it. */
  private static final Pattern LEFT_OUT =
      Pattern.compile("# (CONFIG_\\w+) is not set|(CONFIG_\\w+)=n");

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "lay this fragment, or several, over the kernel's configuration")
  private List<Path> configs = new ArrayList<>();

  @Option(
      names = "--module",
      paramLabel = "DIR|FILE.ko",
      description =
          "load this module, or several, before overlays are applied, and unload it when they are"
              + " removed; a folder is built against the kernel")
  private List<Path> modules = new ArrayList<>();

  /** Whether there is anything. */
  boolean isChosen() {
    return !configs.isEmpty() || !modules.isEmpty();
  }

  /** Whether a module is. */
  boolean isModule() {
    return !modules.isEmpty();
  }

  /** Refuses what can be known to be wrong before a kernel is built. */
  void check() {
    configs.forEach(AddedToKernel::checkConfig);
    modules.forEach(AddedToKernel::checkModule);
  }

  private static void checkConfig(Path config) {
    if (!Files.isRegularFile(config)) {
      throw new InputFault("%s: there is no such kernel configuration".formatted(config));
    }
    String text;
    try (InputStream in = Files.newInputStream(config)) {
      text = new String(in.readNBytes(MAX_CONFIG), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new InputFault("cannot read %s: %s".formatted(config, e.getMessage()), e);
    }
    text.lines()
        .map(LEFT_OUT::matcher)
        .filter(Matcher::matches)
        .map(line -> line.group(1) == null ? line.group(2) : line.group(1))
        .filter(NEEDED::contains)
        .findFirst()
        .ifPresent(
            option -> {
              throw new InputFault(
                  "%s: without %s no kernel can be watched: leave it as it is"
                      .formatted(config, option));
            });
    KERNELS.forEach(
        (option, kernel) -> {
          if (text.lines().anyMatch(line -> line.equals(option + "=y"))) {
            throw new InputFault(
                "%s: %s decides how cases are judged: choose it with --kernel %s"
                    .formatted(config, option, kernel));
          }
        });
  }

  private static void checkModule(Path module) {
    if (!Files.isDirectory(module)) {
      KernelModule.read(module);
    } else if (!Files.isReadable(module.resolve("Kbuild"))
        && !Files.isReadable(module.resolve("Makefile"))) {
      throw new InputFault(
          "%s: there is no module: it needs a Kbuild or Makefile that says obj-m"
              .formatted(module));
    }
  }

  /** Fragments of a kernel's configuration, in order. */
  List<Path> configs() {
    return absolute(configs);
  }

  /** Modules: files, and folders that they are built from. */
  List<Path> modules() {
    return absolute(modules);
  }

  private static List<Path> absolute(List<Path> paths) {
    return paths.stream().map(each -> each.toAbsolutePath().normalize()).toList();
  }

  /** The options again, as a shell takes them; empty if none is used. */
  String options() {
    List<String> words = new ArrayList<>();
    configs.forEach(each -> words.add("--config " + RemovalCase.quoted(each.toString())));
    modules.forEach(each -> words.add("--module " + RemovalCase.quoted(each.toString())));
    return String.join(" ", words);
  }
}
