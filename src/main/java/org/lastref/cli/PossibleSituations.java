package org.lastref.cli;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lastref.board.BoardDefinition;
import org.lastref.fault.InputFault;
import org.lastref.fdt.OverlaySource;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.AppliedOverlay.ChangedNode;
import org.lastref.model.Kernel;
import org.lastref.model.Policy;
import org.lastref.model.Situation;
import org.lastref.offline.RemovalCase;
import org.lastref.offline.Situated;

/**
 * Which situations overlays can be in, known before a board is booted.
 *
 * @param boards whose trees they are applied to
 * @param hasModule whether there is a module of the user's own to be unloaded
 */
record PossibleSituations(List<BoardDefinition> boards, boolean hasModule) {

  /**
   * Why an overlay cannot be in a situation; empty if it can.
   *
   * @param next the one that is chosen after it, if there is one
   */
  Optional<String> whyNot(OverlaySource overlay, List<OverlaySource> next, Situation situation) {
    return switch (situation) {
      case UNLOAD ->
          hasModule || boards.stream().allMatch(board -> hasModules(overlay, board))
              ? Optional.empty()
              : Optional.of("its drivers are built into the kernel");
      case BESIDE ->
          next.isEmpty()
              ? Optional.of("no other one is chosen after it")
              : beside(overlay, next.get(0));
      default -> Optional.empty();
    };
  }

  /** The overlay in a situation that it can be in. */
  Situated situated(OverlaySource overlay, List<OverlaySource> next, Situation situation) {
    return new Situated(
        situation == Situation.BESIDE ? next.get(0).after(overlay) : overlay, situation);
  }

  private Optional<String> beside(OverlaySource overlay, OverlaySource next) {
    for (OverlaySource each : List.of(overlay, next)) {
      if (!each.below().isEmpty()) {
        return Optional.of("%s stands on another one".formatted(each.name()));
      }
    }
    if (overlay.overlay().symbols() != null && next.overlay().symbols() != null) {
      return Optional.of(
          "%s adds labels to /__symbols__ too, so that it has to be removed first"
              .formatted(next.name()));
    }
    for (BoardDefinition board : boards) {
      Map<String, AppliedOverlay> both;
      try {
        both = applied(next.after(overlay), board);
      } catch (InputFault e) {
        return Optional.of(e.getMessage());
      }
      Optional<String> shared =
          paths(both, next).stream()
              .filter(path -> paths(both, overlay).stream().anyMatch(at -> isOneBelow(path, at)))
              .findFirst();
      if (shared.isPresent()) {
        return Optional.of(
            "%s changes %s too, so that it has to be removed first"
                .formatted(next.name(), shared.get()));
      }
    }
    return Optional.empty();
  }

  private static List<String> paths(Map<String, AppliedOverlay> applied, OverlaySource overlay) {
    return requireNonNull(applied.get(overlay.name())).nodes().stream()
        .map(ChangedNode::path)
        .toList();
  }

  /** As node_overlaps_later_cs() of drivers/of/overlay.c asks, Linux 6.1.192. */
  private static boolean isOneBelow(String path, String other) {
    return isBelow(path, other) || isBelow(other, path);
  }

  private static boolean isBelow(String path, String upper) {
    return path.equals(upper) || path.startsWith(upper.equals("/") ? upper : upper + "/");
  }

  private static boolean hasModules(OverlaySource overlay, BoardDefinition board) {
    return applied(overlay, board).values().stream().anyMatch(each -> !each.modules().isEmpty());
  }

  private static Map<String, AppliedOverlay> applied(OverlaySource overlay, BoardDefinition board) {
    return new RemovalCase(overlay, Policy.UPSTREAM)
        .removal(Main.base(board), Kernel.LINUX_6_1)
        .applied();
  }
}
