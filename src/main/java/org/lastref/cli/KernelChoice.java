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
