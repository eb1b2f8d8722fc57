package org.lastref.offline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.OverlaySource;
import org.lastref.machine.Explorer;
import org.lastref.machine.Machine;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.Kernel;
import org.lastref.model.OverlayApplier;
import org.lastref.model.Policy;
import org.lastref.model.Removal;
import org.lastref.model.Situation;
import org.lastref.report.Prediction;

/**
 * Works out what the model allows, without a board. Searches machines that are equal but for their
 * names once.
 */
public final class Predictor {

  private final long maxBytes;
  private final boolean ways;
  private final Map<Machine, Prediction> known = new HashMap<>();

  /**
   * An overlay that is removed.
   *
   * @param overlay its name
   * @param applied what it put into the kernel
   */
  public record Removed(String overlay, AppliedOverlay applied) {

    /** Its removal, written down. */
    public Machine machine(Policy policy, Situation situation) {
      return Removal.of(applied, policy, situation);
    }
  }

  /**
   * Prepares to predict.
   *
   * @param maxBytes how much memory the states of one search may take
   * @param ways whether to tell a way to each outcome, and the counts over time
   */
  public Predictor(long maxBytes, boolean ways) {
    this.maxBytes = maxBytes;
    this.ways = ways;
  }

  /**
   * Every overlay that is removed if these are applied and removed one after the other, each once:
   * of a stack the uppermost first.
   *
   * @throws org.lastref.fault.InputFault if one cannot be applied to the tree
   */
  public static List<Removed> removed(List<OverlaySource> overlays, Fdt base, Kernel kernel) {
    Set<String> names = new HashSet<>();
    List<Removed> removed = new ArrayList<>();
    for (OverlaySource overlay : overlays) {
      OverlayApplier applier = new OverlayApplier(base, kernel);
      List<Removed> stack = new ArrayList<>();
      for (OverlaySource layer : overlay.stack()) {
        stack.add(0, new Removed(layer.name(), applier.apply(layer.overlay())));
      }
      stack.stream().filter(each -> names.add(each.overlay())).forEach(removed::add);
    }
    return removed;
  }

  /**
   * What may become of a removal.
   *
   * @param progress is told of a long search
   */
  public Prediction predict(
      Removed removed, Policy policy, Situation situation, Explorer.Progress progress) {
    Machine machine = removed.machine(policy, situation);
    Machine nameless =
        new Machine(removed.overlay(), machine.variables(), machine.agents(), machine.facts());
    Prediction before = known.get(nameless);
    if (before != null) {
      return before.as(policy, situation);
    }
    Prediction prediction =
        Prediction.of(
            removed.overlay(),
            removed.applied(),
            policy,
            situation,
            machine,
            Explorer.search(machine, maxBytes, progress),
            ways);
    known.put(nameless, prediction);
    return prediction;
  }
}
