package org.lastref.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.lastref.board.BoardDefinition;
import org.lastref.fault.InputFault;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.OverlaySource;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.Kernel;
import org.lastref.model.Policy;
import org.lastref.offline.RemovalCase;
import picocli.CommandLine.Option;

/** The option that says which devices are expected to have no driver. */
final class ExpectedUnbound {

  private static final String OPTION = "--expect-unbound";

  @Option(
      names = OPTION,
      paramLabel = "NODE|COMPATIBLE",
      description =
          "devices that are to stay without a driver, several with commas between: that they do is"
              + " no finding, that one gets a driver is one")
  private List<String> words = new ArrayList<>();

  /** Whether any is. */
  boolean isChosen() {
    return !words.isEmpty();
  }

  /**
   * What is named, each as {@link AppliedOverlay.Wanting#names} has it.
   *
   * @param overlays those that are chosen
   * @param boards whose trees they are applied to
   * @throws InputFault if none of them wants a driver for what is named, or one cannot be applied
   */
  SortedSet<String> among(List<OverlaySource> overlays, List<BoardDefinition> boards) {
    SortedSet<String> named = new TreeSet<>();
    if (isChosen()) {
      List<AppliedOverlay> applied = applied(overlays, boards);
      Set<String> names =
          applied.stream()
              .flatMap(each -> each.wanting().stream())
              .flatMap(each -> each.names().stream())
              .collect(Collectors.toSet());
      words.forEach(each -> named.addAll(names(each, names, applied)));
    }
    return named;
  }

  private static List<AppliedOverlay> applied(
      List<OverlaySource> overlays, List<BoardDefinition> boards) {
    List<AppliedOverlay> applied = new ArrayList<>();
    for (BoardDefinition board : boards) {
      Fdt base = Main.base(board);
      for (OverlaySource overlay : overlays) {
        RemovalCase removal = new RemovalCase(overlay, Policy.UPSTREAM);
        applied.addAll(removal.removal(base, Kernel.LINUX_6_1).applied().values());
      }
    }
    return applied;
  }

  /** Commas stand between names and in them: the longest that is one is meant. */
  static List<String> names(String word, Set<String> possible, List<AppliedOverlay> applied) {
    List<String> parts = List.of(word.split(",", -1));
    List<String> names = new ArrayList<>();
    int from = 0;
    while (from < parts.size()) {
      int to = parts.size();
      while (to > from && !possible.contains(String.join(",", parts.subList(from, to)))) {
        to--;
      }
      if (to == from) {
        throw new InputFault(
            "%s %s: no overlay that is chosen has %s; %s"
                .formatted(OPTION, word, parts.get(from), RemovalCase.wanted(applied)));
      }
      names.add(String.join(",", parts.subList(from, to)));
      from = to;
    }
    return names;
  }
}
