package org.lastref.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.lastref.board.BoardDefinition;
import org.lastref.fault.InputFault;
import org.lastref.image.Images;
import org.lastref.image.KernelBuild;
import org.lastref.model.Policy;
import org.lastref.suite.RemovalCase;
import org.lastref.suite.Shape;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that choose board, overlays and policies. */
final class Selection {

  @Option(
      names = "--board",
      paramLabel = "BOARD",
      defaultValue = "qemu-virt",
      description = "a board in boards/, or a YAML file (default: ${DEFAULT-VALUE})")
  private String board = "";

  @Option(
      names = "--kernel",
      paramLabel = "KERNEL",
      defaultValue = KernelBuild.PLAIN,
      description = "plain, or a variant in harness/kernel/variants (default: ${DEFAULT-VALUE})")
  private String kernel = KernelBuild.PLAIN;

  @Option(
      names = "--only",
      paramLabel = "OVERLAY",
      split = ",",
      description = "overlays in overlays/, or .dtso or .dtbo files (default: all)")
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--release",
      paramLabel = "RELEASE",
      split = ",",
      description = "call-srcu, system-wq, dedicated-wq (default: all)")
  private List<String> releases = new ArrayList<>();

  @Option(
      names = "--fix",
      paramLabel = "FIX",
      split = ",",
      description = "none, srcu-barrier, sync-overlay, wait-removal (default: all)")
  private List<String> fixes = new ArrayList<>();

  @Option(
      names = "--grace",
      paramLabel = "any|slow",
      split = ",",
      description = "grace periods as they come, or never expedited (default: both)")
  private List<String> graces = new ArrayList<>();

  /** The command's. */
  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  BoardDefinition board() {
    Path file = Path.of(board);
    if (!board.endsWith(".yaml")) {
      file = Main.project().resolve("boards").resolve(board + ".yaml");
      if (!Files.exists(file)) {
        throw new InputFault(
            "there is no board %s: boards/%s.yaml does not exist".formatted(board, board));
      }
    }
    return BoardDefinition.load(file);
  }

  /** Whether anything but the board was chosen. */
  boolean chooses() {
    return !only.isEmpty() || !releases.isEmpty() || !fixes.isEmpty() || !graces.isEmpty();
  }

  /** Whether one overlay and one policy was chosen. */
  boolean choosesOne() {
    return only.size() == 1 && releases.size() == 1 && fixes.size() == 1 && graces.size() == 1;
  }

  /** That overlay under that policy. */
  RemovalCase one() {
    Policy policy = policies().get(0);
    return new RemovalCase(shapes().get(0), policy);
  }

  String kernel() {
    check("--kernel", List.of(kernel), Images.variants(Main.project()).toArray());
    return kernel;
  }

  List<Shape> shapes() {
    Path overlays = Main.project().resolve("overlays");
    if (only.isEmpty()) {
      return Shape.all(overlays);
    }
    Set<String> names = new HashSet<>();
    List<Shape> shapes = new ArrayList<>();
    for (String name : only) {
      boolean file = name.endsWith(".dtso") || name.endsWith(".dtbo");
      Shape shape = Shape.of(file ? Path.of(name) : overlays.resolve(name + ".dtso"));
      if (!names.add(shape.name())) {
        throw misused("--only names two overlays " + shape.name());
      }
      shapes.add(shape);
    }
    return shapes;
  }

  List<Policy> policies() {
    check("--release", releases, Policy.Release.values());
    check("--fix", fixes, Policy.Fix.values());
    check("--grace", graces, Policy.Grace.values());
    return Policy.all().stream()
        .filter(policy -> chosen(releases, policy.release()))
        .filter(policy -> chosen(fixes, policy.fix()))
        .filter(policy -> chosen(graces, policy.grace()))
        .toList();
  }

  private static boolean chosen(List<String> wanted, Object value) {
    return wanted.isEmpty() || wanted.contains(value.toString());
  }

  private ParameterException misused(String how) {
    return new ParameterException(spec.commandLine(), how);
  }

  private void check(String option, List<String> wanted, Object[] values) {
    List<String> known = Arrays.stream(values).map(Object::toString).toList();
    for (String word : wanted) {
      if (!known.contains(word)) {
        throw misused(
            "%s %s: one of %s is possible".formatted(option, word, String.join(", ", known)));
      }
    }
  }
}
