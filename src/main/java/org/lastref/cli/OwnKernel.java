package org.lastref.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.InputFault;
import org.lastref.image.HostTools;
import org.lastref.image.OwnSource;
import org.lastref.link.Sha256;
import org.lastref.offline.RemovalCase;
import org.lastref.report.Tested;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that have a kernel of the user's own tried instead of ours. */
final class OwnKernel {

  /** What {@code git bisect run} takes for a kernel that cannot be tested. */
  static final int SKIP = 125;

  static final String STOCK = "--stock";

  static final String BISECT = "--bisect";

  private static final int MAX_PATCH = 64 << 20;
  private static final Pattern SUBJECT =
      Pattern.compile("^Subject: *(.*(?:\\R[ \\t]+.*)*)", Pattern.MULTILINE);

  @Option(
      names = "--patch",
      paramLabel = "FILE",
      description = "try a kernel with this patch, or with several, in their order")
  private List<Path> patches = new ArrayList<>();

  @Option(
      names = "--kernel-source",
      paramLabel = "DIR",
      description = "try the kernel in this source tree, which is copied and built in the cache")
  private @Nullable Path tree;

  @Option(
      names = STOCK,
      description = "try Debian's kernel without our patches, as if it were one's own")
  private boolean stock;

  @Option(
      names = BISECT,
      description = "exit as git bisect run wants it: 0 good, 1 bad, 125 for no verdict")
  private boolean bisect;

  /** The command's. */
  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  /** Whether there is one. */
  boolean isChosen() {
    return stock || tree != null || !patches.isEmpty();
  }

  /**
   * Refuses what makes no sense with it, or without it.
   *
   * @param policies whether a way of release or a fix was chosen, or a suite
   */
  void check(boolean policies) {
    if (bisect && !isChosen()) {
      throw new ParameterException(
          spec.commandLine(),
          "--bisect: say with --kernel-source or --patch which kernel is tested");
    }
    if (isChosen() && policies) {
      throw new ParameterException(
          spec.commandLine(),
          "a kernel of one's own has no policies to choose: leave out --release, --fix, --suite"
              + " and --all");
    }
    for (Path patch : patches) {
      if (!Files.isRegularFile(patch)) {
        throw new InputFault("%s: there is no such patch".formatted(patch));
      }
    }
    if (tree != null && !Files.isRegularFile(tree.resolve("Makefile"))) {
      throw new InputFault("%s: there is no source tree of Linux".formatted(tree));
    }
  }

  OwnSource source() {
    return new OwnSource(
        isChosen(),
        tree == null ? null : tree.toAbsolutePath().normalize(),
        patches.stream().map(each -> each.toAbsolutePath().normalize()).toList());
  }

  /** For {@code git bisect run}; empty if it is not asked. */
  Optional<Bisection> bisection() {
    return bisect
        ? Optional.of(new Bisection(tree == null ? Path.of("") : tree))
        : Optional.empty();
  }

  /** The options that choose it, as a shell takes them. */
  String options() {
    List<String> words = new ArrayList<>();
    if (tree != null) {
      words.add("--kernel-source " + RemovalCase.quoted(tree.toString()));
    }
    if (stock) {
      words.add(STOCK);
    }
    patches.forEach(each -> words.add("--patch " + RemovalCase.quoted(each.toString())));
    return String.join(" ", words);
  }

  /** What it is, for its author. */
  Tested tested() {
    return new Tested(
        tree == null ? null : testedTree(tree), patches.stream().map(OwnKernel::tested).toList());
  }

  private static Tested.Tree testedTree(Path tree) {
    String commit = HostTools.git(tree, "rev-parse", "--short=12", "HEAD");
    if (!commit.matches("[0-9a-f]{12,}")) {
      return new Tested.Tree(tree.toString(), "", "");
    }
    boolean changed =
        !HostTools.git(tree, "status", "--porcelain", "--untracked-files=no").isEmpty();
    return new Tested.Tree(
        tree.toString(),
        changed ? commit + "-dirty" : commit,
        HostTools.git(tree, "log", "-1", "--format=%s"));
  }

  private static Tested.Patch tested(Path patch) {
    try (InputStream in = Files.newInputStream(patch)) {
      byte[] bytes = in.readNBytes(MAX_PATCH);
      Matcher subject = SUBJECT.matcher(new String(bytes, StandardCharsets.UTF_8));
      return new Tested.Patch(
          patch.getFileName().toString(),
          subject.find()
              ? subject.group(1).replaceAll("\\s+", " ").replaceFirst("^(\\[[^]]*] *)+", "")
              : "",
          Sha256.of(bytes));
    } catch (IOException e) {
      throw new InputFault("cannot read %s: %s".formatted(patch, e.getMessage()), e);
    }
  }
}
