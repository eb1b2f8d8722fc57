package org.lastref.image;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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

  private static final String FRAGMENT = ".config";

  /**
   * Finds or builds the plain kernel and the root file system. A first build takes minutes.
   *
   * @param project the project's folder
   * @throws InputFault if a patch or the configuration is at fault
   * @throws LabFault if the machine is
   */
  public static Images ensure(Path project) {
    return ensure(project, KernelBuild.PLAIN);
  }

  /**
   * Finds or builds a kernel and the root file system. A first build takes minutes.
   *
   * @param project the project's folder
   * @param variant one of {@link #variants}
   * @throws InputFault if a patch or the configuration is at fault
   * @throws LabFault if the machine is
   */
  public static Images ensure(Path project, String variant) {
    return ensure(project, List.of(variant));
  }

  /**
   * Builds a kernel of the user's own, or finds it built, and the root file system.
   *
   * @param variant what its configuration is to be, one of {@link #variants}
   * @throws InputFault if a patch does not apply, or the kernel cannot be built
   * @throws LabFault if the machine is at fault
   */
  public static Images ensure(Path project, String variant, OwnSource own) {
    List<String> words = new ArrayList<>(List.of(variant));
    words.addAll(own.words());
    return ensure(project, words);
  }

  private static Images ensure(Path project, List<String> kernelWords) {
    KernelBuild kernel =
        KernelBuild.in(build(project, "harness/kernel/build", kernelWords.toArray(String[]::new)));
    Path rootfs = build(project, "harness/rootfs/build");
    return new Images(
        kernel,
        new Image(
            kernel.folder().resolve("Image"),
            rootfs.resolve("initramfs.cpio.gz"),
            rootfs.resolve("host_key.pub"),
            rootfs.resolve("client_key")));
  }

  /** The kernels that can be built: the plain one, and one a fragment in the harness, sorted. */
  public static List<String> variants(Path project) {
    Path folder = project.resolve("harness/kernel/variants");
    try (Stream<Path> files = Files.list(folder)) {
      Stream<String> fragments =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(FRAGMENT))
              .map(name -> name.substring(0, name.length() - FRAGMENT.length()))
              .sorted();
      return Stream.concat(Stream.of(KernelBuild.PLAIN), fragments).toList();
    } catch (IOException e) {
      throw new InputFault(
          "cannot read the kernels in %s: %s".formatted(folder, e.getMessage()), e);
    }
  }

  /**
   * Whether a kernel is one that releases kobjects late, which can be known before it is built.
   *
   * @param variant one of {@link #variants}
   */
  public static boolean delaysReleases(Path project, String variant) {
    return asksFor(project, variant, "CONFIG_DEBUG_KOBJECT_RELEASE=y");
  }

  /** Whether a kernel proves its locking: {@code CONFIG_PROVE_LOCKING}. */
  public static boolean provesLocking(Path project, String variant) {
    return asksFor(project, variant, "CONFIG_PROVE_LOCKING=y");
  }

  private static boolean asksFor(Path project, String variant, String option) {
    Path fragment = project.resolve("harness/kernel/variants").resolve(variant + FRAGMENT);
    try (Stream<String> lines = Files.lines(fragment)) {
      return lines.anyMatch(option::equals);
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new InputFault("cannot read %s: %s".formatted(fragment, e.getMessage()), e);
    }
  }

  private static Path build(Path project, String script, String... words) {
    List<String> command = new ArrayList<>(List.of(project.resolve(script).toString()));
    command.addAll(List.of(words));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
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
