package org.lastref.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Boards;
import org.lastref.cases.RemovalTestCase;
import org.lastref.fdt.OverlaySource;
import org.lastref.model.Policy;
import org.lastref.model.Situation;
import org.lastref.offline.RemovalCase;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that choose board, overlays and policies. */
final class Selection {

  private static final List<Situation> ON_BOARD =
      Stream.of(Situation.values()).filter(Situation::isOnBoard).toList();

  @Option(
      names = "--board",
      paramLabel = "BOARD",
      split = ",",
      description =
          "a board in boards/, a label for all that have it, or a YAML file (default: qemu-virt)")
  private List<String> boards = new ArrayList<>();

  @Option(
      names = "--only",
      paramLabel = "OVERLAY",
      split = ",",
      description =
          "overlays in overlays/, such as pair or devlink/autoremove-pair, or .dtso or .dtbo files"
              + " (default: all)")
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
      description = "none, srcu-barrier, sync-overlay, flag-overlay, wait-removal (default: all)")
  private List<String> fixes = new ArrayList<>();

  @Option(
      names = "--grace",
      paramLabel = "any|slow",
      split = ",",
      description = "grace periods as they come, or never expedited (default: both)")
  private List<String> graces = new ArrayList<>();

  @Option(
      names = "--situation",
      paramLabel = "SITUATION",
      split = ",",
      description = "remove, or unbind drivers first: unbind (default: remove)")
  private List<String> situations = new ArrayList<>();

  /** The command's. */
  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  /** The boards that are chosen, at least one. */
  List<BoardDefinition> boards() {
    return Boards.in(Main.boards()).chosen(boards.isEmpty() ? List.of("qemu-virt") : boards);
  }

  /** The board that is chosen, where there can be only one. */
  BoardDefinition board() {
    List<BoardDefinition> chosen = boards();
    if (chosen.size() > 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--board %s: these are %d boards, choose one"
              .formatted(String.join(",", boards), chosen.size()));
    }
    return chosen.get(0);
  }

  /** A board by its name or file. */
  static BoardDefinition board(String word) {
    return word.endsWith(".yaml")
        ? BoardDefinition.load(Path.of(word))
        : Boards.in(Main.boards()).named(word);
  }

  /** Whether anything but the board was chosen. */
  boolean chooses() {
    return !only.isEmpty() || choosesPolicy() || !situations.isEmpty();
  }

  /** Whether one overlay and one policy was chosen. */
  boolean choosesOne() {
    return only.size() == 1 && releases.size() == 1 && fixes.size() == 1 && graces.size() == 1;
  }

  /** Whether one overlay was chosen, and of release, fix and grace at most one each. */
  boolean choosesOneOverlay() {
    return only.size() == 1 && releases.size() < 2 && fixes.size() < 2 && graces.size() < 2;
  }

  /** Whether overlays were chosen. */
  boolean choosesOverlay() {
    return !only.isEmpty();
  }

  /** Whether a part of a policy was chosen. */
  boolean choosesPolicy() {
    return !releases.isEmpty() || !fixes.isEmpty() || !graces.isEmpty();
  }

  /** Whether a way of release or a fix was chosen. */
  boolean choosesReleaseOrFix() {
    return !releases.isEmpty() || !fixes.isEmpty();
  }

  /** The timings that are chosen. */
  List<Policy.Grace> graces() {
    return Words.chosen(spec.commandLine(), "--grace", graces, List.of(Policy.Grace.values()));
  }

  /** What is chosen of a policy, and the rest as given. */
  Policy policy(Policy otherwise) {
    return policies().stream()
        .filter(each -> !releases.isEmpty() || each.release() == otherwise.release())
        .filter(each -> !fixes.isEmpty() || each.fix() == otherwise.fix())
        .filter(each -> !graces.isEmpty() || each.grace() == otherwise.grace())
        .findFirst()
        .map(each -> otherwise.delayed() ? each.withDelayedRelease() : each)
        .orElse(otherwise);
  }

  /** That overlay under that policy. */
  RemovalCase one() {
    return new RemovalCase(overlays().get(0), policies().get(0), situations().get(0), false);
  }

  /** What else is done; nothing, unless it is chosen. */
  List<Situation> situations() {
    CommandLine command = spec.commandLine();
    for (Situation situation : Situation.values()) {
      if (!situation.isOnBoard() && situations.contains(situation.toString())) {
        String why = "it is not brought about on a board, only ./lastref predict knows it; ";
        throw Words.unknown(command, "--situation", situation.toString(), why, ON_BOARD);
      }
    }
    return situations.isEmpty()
        ? List.of(Situation.REMOVE)
        : Words.chosen(command, "--situation", situations, ON_BOARD);
  }

  List<OverlaySource> overlays() {
    return overlays(spec.commandLine(), "--only", only);
  }

  /** The same for a kernel without modules of ours. */
  List<OverlaySource> builtIn() {
    return only.isEmpty() ? OverlaySource.all(Main.project().resolve("overlays")) : overlays();
  }

  /** Overlays by their names or files; all if none is named. */
  static List<OverlaySource> overlays(CommandLine command, String option, List<String> only) {
    if (only.isEmpty()) {
      return RemovalTestCase.overlays(Main.project());
    }
    Path folder = Main.project().resolve("overlays");
    Set<String> names = new HashSet<>();
    List<OverlaySource> overlays = new ArrayList<>();
    for (String name : only) {
      boolean file = name.endsWith(".dtso") || name.endsWith(".dtbo");
      OverlaySource overlay =
          OverlaySource.of(file ? Path.of(name) : folder.resolve(name + ".dtso"));
      if (!names.add(overlay.name())) {
        throw new ParameterException(
            command, "%s names two overlays %s".formatted(option, overlay.name()));
      }
      overlays.add(overlay);
    }
    return overlays;
  }

  List<Policy> policies() {
    CommandLine command = spec.commandLine();
    List<Policy.Fix> onBoard =
        Stream.of(Policy.Fix.values()).filter(Policy.Fix::isOnBoard).toList();
    for (Policy.Fix fix : Policy.Fix.values()) {
      if (!fix.isOnBoard() && fixes.contains(fix.toString())) {
        String why = "no board's kernel has it, only ./lastref predict knows it; ";
        throw Words.unknown(command, "--fix", fix.toString(), why, onBoard);
      }
    }
    return policies(command, releases, fixes, graces, Policy.all());
  }

  /** Those of some policies whose words are chosen; of an axis without a word, all. */
  static List<Policy> policies(
      CommandLine command,
      List<String> releases,
      List<String> fixes,
      List<String> graces,
      List<Policy> possible) {
    List<Policy.Release> release =
        Words.chosen(command, "--release", releases, List.of(Policy.Release.values()));
    List<Policy.Fix> fix =
        Words.chosen(
            command,
            "--fix",
            fixes,
            Stream.of(Policy.Fix.values())
                .filter(each -> possible.stream().anyMatch(policy -> policy.fix() == each))
                .toList());
    List<Policy.Grace> grace =
        Words.chosen(command, "--grace", graces, List.of(Policy.Grace.values()));
    return possible.stream()
        .filter(each -> release.contains(each.release()))
        .filter(each -> fix.contains(each.fix()))
        .filter(each -> grace.contains(each.grace()))
        .toList();
  }
}
