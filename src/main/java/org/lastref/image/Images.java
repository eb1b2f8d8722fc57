package org.lastref.image;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;
import org.lastref.link.SshShell;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is built from {@code harness/}: found in the cache, or built there first. Progress goes to
 * standard error.
 *
 * @param kernel the kernel
 * @param payload all that a board boots, or that it is given where it runs its own system
 * @param modules of the user's own that it is to load, in that order
 * @param sources how the kernel's sources are named to {@code harness/kernel/drivers}, in the
 *     folder of the project
 */
public record Images(
    KernelBuild kernel, Payload payload, List<KernelModule> modules, Sources sources) {

  /**
   * What a kernel was built from.
   *
   * @param project the project's folder
   * @param words as the scripts in {@code harness/kernel} take them
   */
  public record Sources(Path project, List<String> words) {
    public Sources {
      words = List.copyOf(words);
    }
  }

  /** A version of Debian's package, of which the first two numbers are a folder's; a variant. */
  private static final Pattern VERSION =
      Pattern.compile("(([0-9]+\\.[0-9]+)\\.[0-9][0-9a-z.~+-]{0,40})(?:/([a-z0-9-]+))?");

  private static final Logger LOG = LoggerFactory.getLogger(Images.class);

  private static final String KERNELS = "harness/kernel";
  private static final String VARIANTS = "variants";
  private static final String FRAGMENT = ".config";

  public Images {
    modules = List.copyOf(modules);
  }

  /**
   * Finds or builds the plain kernel and the root file system. A first build takes minutes.
   *
   * @param project the project's folder
   * @throws InputFault if a patch or the configuration is at fault
   * @throws LabFault if the machine is
   */
  public static Images ensure(Path project) {
    return ensure(project, kernel(project, KernelBuild.PLAIN));
  }

  /**
   * Finds or builds a kernel and the root file system. A first build takes minutes.
   *
   * @param project the project's folder
   * @throws InputFault if a patch or the configuration is at fault
   * @throws LabFault if the machine is
   */
  public static Images ensure(Path project, KernelName kernel) {
    return ensure(project, kernel, OwnSource.NONE, List.of());
  }

  /**
   * The same with something of the user's own.
   *
   * @param kernel what its configuration is to be, and without a tree its source
   * @param own what it is built from instead of ours
   * @param configs fragments that are laid over its configuration, in order
   * @throws InputFault if a patch does not apply, an option is not taken, or the kernel cannot be
   *     built or watched
   * @throws LabFault if the machine is at fault
   */
  public static Images ensure(Path project, KernelName kernel, OwnSource own, List<Path> configs) {
    return ensure(project, kernel, own, configs, Optional.empty());
  }

  /**
   * The same of a kernel of ours.
   *
   * @param told takes what is said of the building, a line each, and an empty one at its end; not
   *     the caller's thread, but none when this has returned
   */
  public static Images ensure(Path project, KernelName kernel, Consumer<String> told) {
    return ensure(project, kernel, OwnSource.NONE, List.of(), Optional.of(told));
  }

  private static Images ensure(
      Path project,
      KernelName kernel,
      OwnSource own,
      List<Path> configs,
      Optional<Consumer<String>> told) {
    List<String> words = new ArrayList<>(List.of(kernel.inFull()));
    words.addAll(own.words());
    Sources sources = new Sources(project, words);
    configs.forEach(each -> words.addAll(List.of("--config", each.toString())));
    KernelBuild built =
        KernelBuild.in(build(project, told, KERNELS + "/build", words.toArray(String[]::new)));
    built.checkWatchable();
    Path rootfs = build(project, told, "harness/rootfs/build");
    return new Images(
        built,
        new Image(
            built.folder().resolve("Image"),
            withModules(rootfs, built),
            rootfs.resolve("host_key.pub"),
            rootfs.resolve("client_key")),
        List.of(),
        sources);
  }

  /**
   * The same with modules of the user's own, built against the kernel or found so.
   *
   * @param added of each a {@code .ko}, or a folder that it is built from
   * @throws InputFault if one cannot be built, or the kernel cannot load it
   * @throws LabFault if the machine is at fault
   */
  public Images with(Path project, List<Path> added) {
    List<KernelModule> given = new ArrayList<>();
    for (Path source : added) {
      if (Files.isDirectory(source)) {
        String[] words = {kernel.folder().toString(), source.toString()};
        given.addAll(KernelModule.in(build(project, "harness/modules/build", words)));
      } else {
        given.add(KernelModule.read(source));
      }
    }
    return new Images(
        kernel,
        payload,
        given.isEmpty() ? List.of() : KernelModules.loadable(given, kernel.watcher()),
        sources);
  }

  /**
   * What goes to a board that runs its own system.
   *
   * @param shell root's on the board
   * @param board its name
   * @throws InputFault if its kernel cannot be watched, or nothing can be built against it
   * @throws LabFault if the board or this machine is at fault
   */
  public static Images installed(Path project, SshShell shell, String board) {
    Path agent = build(project, "harness/agent/build").resolve("lastref-agent");
    KernelBuild kernel = InstalledKernel.of(project, shell, board);
    List<KernelModule> modules = KernelModule.in(kernel.folder().resolve("modules"));
    return new Images(
        kernel,
        new Guest(agent, project.resolve("harness/agent/keeper"), modules),
        List.of(),
        new Sources(project, List.of()));
  }

  /**
   * What a board boots.
   *
   * @throws IllegalStateException if it runs its own system
   */
  public Image image() {
    if (payload instanceof Image image) {
      return image;
    }
    throw new IllegalStateException("nothing is booted on a board that runs its own system");
  }

  /** The drivers in the kernel's sources, and which of them it has. */
  public DriverIndex drivers() {
    String[] words = sources.words().toArray(String[]::new);
    return new DriverIndex(
        () -> {
          if (words.length == 0) {
            throw new InputFault("the sources of the board's own kernel are not here");
          }
          return build(sources.project(), KERNELS + "/drivers", words);
        },
        kernel.folder().resolve("config"));
  }

  /**
   * The root file system with a kernel's modules behind it, in one file: so they need not go over a
   * serial line. Kept beside the kernel, for the owner alone, as there are keys in it.
   */
  private static Path withModules(Path rootfs, KernelBuild kernel) {
    Path both = kernel.folder().resolve("initramfs-" + rootfs.getFileName() + ".cpio.gz");
    if (Files.isRegularFile(both)) {
      return both;
    }
    try {
      Path parts = Files.createTempFile(kernel.folder(), "initramfs", ".part");
      try (OutputStream out = Files.newOutputStream(parts)) {
        Files.copy(rootfs.resolve("initramfs.cpio.gz"), out);
        Files.copy(kernel.folder().resolve("modules.cpio.gz"), out);
      }
      return Files.move(parts, both, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new LabFault(
          "cannot put the root file system and the modules together in %s: %s"
              .formatted(kernel.folder(), e.getMessage()),
          e);
    }
  }

  /**
   * The kernels that can be built, those of the default version first: of each version the plain
   * one, and one a fragment in the harness, sorted.
   *
   * @throws InputFault if the harness cannot be read
   */
  public static List<KernelName> kernels(Path project) {
    Path folder = project.resolve(KERNELS);
    try {
      String meant = Files.readString(folder.resolve("default")).strip();
      List<KernelName> kernels = new ArrayList<>(ofVersion(folder, meant, true));
      for (String name : names(folder)) {
        if (!name.equals(meant) && Files.isRegularFile(folder.resolve(name + "/kernel.conf"))) {
          kernels.addAll(ofVersion(folder, name, false));
        }
      }
      return List.copyOf(kernels);
    } catch (IOException e) {
      throw new InputFault(
          "cannot read the kernels in %s: %s".formatted(folder, e.getMessage()), e);
    }
  }

  private static List<KernelName> ofVersion(Path folder, String version, boolean meant)
      throws IOException {
    Path variants = folder.resolve(version).resolve(VARIANTS);
    Stream<String> fragments =
        (Files.isDirectory(variants) ? names(variants) : List.<String>of())
            .stream()
                .filter(name -> name.endsWith(FRAGMENT))
                .map(name -> name.substring(0, name.length() - FRAGMENT.length()))
                .sorted();
    return Stream.concat(Stream.of(KernelBuild.PLAIN), fragments)
        .map(variant -> new KernelName(version, variant, meant))
        .toList();
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /**
   * The kernel that a word means: a version and a variant as in {@code 6.1/kasan}, a variant of the
   * default version, or a version, which means its plain one. Empty if there is none.
   */
  public static Optional<KernelName> find(Path project, String word) {
    List<KernelName> all = kernels(project);
    Matcher version = VERSION.matcher(word);
    return all.stream()
        .filter(each -> each.isMeantBy(word))
        .findFirst()
        .or(
            () ->
                version.matches()
                    ? all.stream()
                        .filter(each -> each.isOf(version.group(2), version.group(3)))
                        .findFirst()
                        .map(each -> each.of(version.group(1)))
                    : Optional.empty());
  }

  /**
   * The same where there has to be one.
   *
   * @throws InputFault saying what is possible
   */
  public static KernelName kernel(Path project, String word) {
    return find(project, word).orElseThrow(() -> unknown(word, kernels(project)));
  }

  private static InputFault unknown(String word, List<KernelName> possible) {
    return new InputFault(
        possible.stream()
            .map(KernelName::toString)
            .collect(
                Collectors.joining(
                    ", ", "there is no kernel %s: one of ".formatted(word), " is possible")));
  }

  /** Whether a kernel is one that releases kobjects late, which can be known before it is built. */
  public static boolean delaysReleases(Path project, KernelName kernel) {
    return asksFor(project, kernel, "CONFIG_DEBUG_KOBJECT_RELEASE=y");
  }

  /** Whether a kernel proves its locking: {@code CONFIG_PROVE_LOCKING}. */
  public static boolean provesLocking(Path project, KernelName kernel) {
    return asksFor(project, kernel, "CONFIG_PROVE_LOCKING=y");
  }

  private static boolean asksFor(Path project, KernelName kernel, String option) {
    Path variants = project.resolve(KERNELS).resolve(kernel.series()).resolve(VARIANTS);
    Path fragment = variants.resolve(kernel.variant() + FRAGMENT);
    try (Stream<String> lines = Files.lines(fragment)) {
      return lines.anyMatch(option::equals);
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new InputFault("cannot read %s: %s".formatted(fragment, e.getMessage()), e);
    }
  }

  private static Path build(Path project, String script, String... words) {
    return build(project, Optional.empty(), script, words);
  }

  private static Path build(
      Path project, Optional<Consumer<String>> told, String script, String... words) {
    List<String> command = new ArrayList<>(List.of(project.resolve(script).toString()));
    command.addAll(List.of(words));
    try {
      ProcessBuilder.Redirect where =
          told.isPresent() ? ProcessBuilder.Redirect.PIPE : ProcessBuilder.Redirect.INHERIT;
      Process process = new ProcessBuilder(command).redirectError(where).start();
      process.getOutputStream().close();
      Thread teller =
          new Thread(() -> told.ifPresent(to -> tell(process, to)), "told by " + script);
      teller.start();
      Thread hook = new Thread(process::destroy, "ends " + script);
      onShutdown(() -> Runtime.getRuntime().addShutdownHook(hook));
      try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
        List<String> lines = reader.lines().toList();
        int exit = process.waitFor();
        teller.join();
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
        onShutdown(() -> Runtime.getRuntime().removeShutdownHook(hook));
      }
    } catch (IOException e) {
      throw new LabFault("cannot run %s: %s".formatted(script, e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabFault("interrupted while %s was running".formatted(script), e);
    }
  }

  /** What is too late where this program is being ended: then nothing is lost by that. */
  private static void onShutdown(Runnable change) {
    try {
      change.run();
    } catch (IllegalStateException e) {
      LOG.debug("The program is being ended", e);
    }
  }

  /** Passes on what a program says, as it says it. */
  private static void tell(Process process, Consumer<String> told) {
    try (BufferedReader said = process.errorReader(StandardCharsets.UTF_8)) {
      said.lines().forEach(told);
    } catch (IOException | UncheckedIOException e) {
      // It was ended.
    }
    told.accept("");
  }
}
