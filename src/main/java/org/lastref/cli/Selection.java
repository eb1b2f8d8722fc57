package org.lastref.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Boards;
import org.lastref.cases.RemovalTestCase;
import org.lastref.fault.InputFault;
import org.lastref.fdt.OverlaySource;
import org.lastref.model.Policy;
import org.lastref.model.Situation;
import org.lastref.offline.RemovalCase;
import org.lastref.offline.Situated;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Options that choose board, overlays and policies: what a board has of them. */
final class Selection extends PolicyChoice {

  private static final String ALL = "all";
  private static final List<Object> SITUATIONS =
      Stream.<Object>concat(Situation.onBoard().stream(), Stream.of(ALL)).toList();
  private static final List<Policy.Fix> FIXES =
      Stream.of(Policy.Fix.values()).filter(Policy.Fix::isOnBoard).toList();

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
          "overlays in overlays/, such as pair or devlink/autoremove-pair, or .dtso or .dtbo files,"
              + " or folders of them (default: all)")
  private List<String> only = new ArrayList<>();

  @Mixin private LoaderParameters parameters = new LoaderParameters();

  @Option(
      names = "--fix",
      paramLabel = "FIX",
      split = ",",
      completionCandidates = OnBoardFixes.class,
      description = "${COMPLETION-CANDIDATES} (default: all)")
  private List<String> fixes = new ArrayList<>();

  @Option(
      names = "--situation",
      paramLabel = "SITUATION",
      split = ",",
      completionCandidates = OnBoardSituations.class,
      description = {
        "${COMPLETION-CANDIDATES}: what else is done while an overlay is removed, see docs/policies.md",
        "(default: remove, nothing)"
      })
  private List<String> situations = new ArrayList<>();

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
    return !only.isEmpty() || choosesPolicy() || !situations.isEmpty() || parameters.areChosen();
  }

  /** Whether one overlay and one policy was chosen. */
  boolean choosesOne() {
    return only.size() == 1 && choosesOnePolicy();
  }

  /** Whether one overlay was chosen, and of release, fix and grace at most one each. */
  boolean choosesOneOverlay() {
    return only.size() == 1 && choosesNothingTwice();
  }

  /** Whether overlays were chosen. */
  boolean choosesOverlay() {
    return !only.isEmpty();
  }

  /** That overlay under that policy. */
  RemovalCase one() {
    return new RemovalCase(
        overlays().get(0), policies().get(0), situations().get(0), false, new TreeSet<>());
  }

  /** What else is done; nothing, unless it is chosen. */
  private List<Situation> situations() {
    if (situations.isEmpty()) {
      return List.of(Situation.REMOVE);
    }
    List<Object> named =
        Words.chosen(
            spec.commandLine(),
            "--situation",
            situations,
            SITUATIONS,
            List.<Object>of((Object[]) Situation.values()),
            "it is not brought about on a board, only ./lastref predict knows it; ");
    return named.contains(ALL)
        ? Situation.onBoard()
        : named.stream().map(Situation.class::cast).toList();
  }

  /**
   * Overlays that no other of them stands on, in every situation that is chosen and that they can
   * be in. Of {@code all}, what an overlay cannot do is told and left out.
   *
   * @throws InputFault if a situation is named that an overlay cannot be in
   */
  List<Situated> situated(List<OverlaySource> overlays, AddedToKernel added) {
    List<OverlaySource> uppermost = RemovalTestCase.uppermost(overlays);
    if (situations.isEmpty()) {
      return Situated.all(uppermost, situations());
    }
    PossibleSituations possible = new PossibleSituations(boards(), added.isModule());
    List<Situated> all = new ArrayList<>();
    for (int i = 0; i < uppermost.size(); i++) {
      OverlaySource overlay = uppermost.get(i);
      List<OverlaySource> next = uppermost.subList(i + 1, Math.min(i + 2, uppermost.size()));
      for (Situation situation : situations()) {
        Optional<String> why = possible.whyNot(overlay, next, situation);
        if (situation == Situation.BESIDE && next.isEmpty() && i > 0) {
          continue; // The last was beside the one before it.
        }
        if (why.isEmpty()) {
          all.add(possible.situated(overlay, next, situation));
        } else if (situations.contains(situation.toString())) {
          throw new InputFault(
              "--situation %s: %s cannot be in it: %s"
                  .formatted(situation, overlay.name(), why.get()));
        } else {
          System.err.printf("lastref: %s: not %s, for %s%n", overlay.name(), situation, why.get());
        }
      }
    }
    return all;
  }

  List<OverlaySource> overlays() {
    if (only.isEmpty() && parameters.areChosen()) {
      throw new ParameterException(spec.commandLine(), "--param needs --only: of which overlay?");
    }
    return overlays(spec.commandLine(), "--only", only, parameters);
  }

  /** The same for a kernel without modules of ours. */
  List<OverlaySource> builtIn() {
    return only.isEmpty() ? OverlaySource.all(Main.project().resolve("overlays")) : overlays();
  }

  /** Whether a word is an overlay's file, and not its name. */
  static boolean isFile(String word) {
    return word.endsWith(".dtso") || word.endsWith(".dtbo");
  }

  /** Overlays by their names or files, with parameters set; all if none is named. */
  static List<OverlaySource> overlays(
      CommandLine command, String option, List<String> only, LoaderParameters parameters) {
    if (only.isEmpty()) {
      return RemovalTestCase.overlays(Main.project());
    }
    Set<String> names = new HashSet<>();
    List<OverlaySource> overlays = new ArrayList<>();
    for (Path file : only.stream().flatMap(word -> files(word).stream()).toList()) {
      OverlaySource overlay = OverlaySource.of(file, parameters.chosen(command));
      if (!names.add(overlay.name())) {
        throw new ParameterException(
            command, "%s names two overlays %s".formatted(option, overlay.name()));
      }
      overlays.add(overlay);
    }
    return overlays;
  }

  /** The files of a word: a folder's, one, or the one in overlays/ that has its name. */
  private static List<Path> files(String word) {
    return Files.isDirectory(Path.of(word))
        ? OverlaySource.files(Path.of(word))
        : List.of(
            isFile(word)
                ? Path.of(word)
                : Main.project().resolve("overlays").resolve(word + ".dtso"));
  }

  @Override
  List<String> fixes() {
    return fixes;
  }

  @Override
  List<Policy> possible() {
    return Policy.all();
  }

  static final class OnBoardFixes extends Candidates {
    OnBoardFixes() {
      super(FIXES);
    }
  }

  static final class OnBoardSituations extends Candidates {
    OnBoardSituations() {
      super(SITUATIONS);
    }
  }
}
