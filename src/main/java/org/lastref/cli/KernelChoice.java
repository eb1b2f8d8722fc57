package org.lastref.cli;

import java.util.Iterator;
import java.util.List;
import org.lastref.fault.InputFault;
import org.lastref.image.Images;
import org.lastref.image.KernelBuild;
import org.lastref.image.KernelName;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The option that chooses the kernel that boards boot. */
final class KernelChoice {

  @Option(
      names = "--kernel",
      paramLabel = "KERNEL",
      defaultValue = KernelBuild.PLAIN,
      completionCandidates = Possible.class,
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
  private String kernel = KernelBuild.PLAIN;

  /** The command's. */
  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  /** Whether it is the one that is taken where none is chosen. */
  boolean isDefault() {
    return Images.find(Main.project(), kernel).filter(KernelName::isDefault).isPresent();
  }

  /** Whether no variant is chosen: it is a version's plain one. */
  boolean isPlain() {
    return name().variant().equals(KernelBuild.PLAIN);
  }

  /**
   * The kernel that is meant where a case needs one of the default version: of the version that is
   * chosen, and of the variant too, if the case needs no other.
   */
  String insteadOf(String kernel) {
    KernelName chosen = name();
    String variant = kernel.equals(KernelBuild.PLAIN) ? chosen.variant() : kernel;
    return Images.kernel(Main.project(), chosen.version() + "/" + variant).toString();
  }

  KernelName name() {
    return Images.find(Main.project(), kernel)
        .orElseThrow(
            () ->
                Words.unknown(
                    spec.commandLine(), "--kernel", kernel, "", Images.kernels(Main.project())));
  }

  /** What can be chosen; nothing where the harness cannot be read, as its use will tell. */
  static final class Possible implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      try {
        return Images.kernels(Main.project()).stream().map(KernelName::toString).iterator();
      } catch (InputFault e) {
        return List.<String>of().iterator();
      }
    }
  }
}
