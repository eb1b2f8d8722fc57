package org.lastref.cli;

import java.util.List;
import org.lastref.image.Images;
import org.lastref.image.KernelBuild;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The option that chooses the kernel that boards boot. */
final class KernelChoice {

  @Option(
      names = "--kernel",
      paramLabel = "KERNEL",
      defaultValue = KernelBuild.PLAIN,
      description = "plain, or a variant in harness/kernel/variants (default: ${DEFAULT-VALUE})")
  private String kernel = KernelBuild.PLAIN;

  /** The command's. */
  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  boolean isPlain() {
    return kernel.equals(KernelBuild.PLAIN);
  }

  String variant() {
    return Words.chosen(
            spec.commandLine(), "--kernel", List.of(kernel), Images.variants(Main.project()))
        .get(0);
  }
}
