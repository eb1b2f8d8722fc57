package org.lastref.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.lastref.board.BoardDefinition;
import org.lastref.fault.LabFault;
import org.lastref.fdt.Fdt;
import org.lastref.image.Images;
import org.lastref.model.Explorer;
import org.lastref.model.Machine;
import org.lastref.model.Policy;
import org.lastref.model.Population;
import org.lastref.model.Populator;
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
   * @param population what it put into the kernel
   */
  public record Removed(String overlay, Population population) {

    /** Its removal, written down. */
    public Machine machine(Policy policy, Situation situation) {
      return Removal.of(population, policy, situation);
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
   * The tree that a board boots with; nothing is booted, but the plain kernel is built if it is
   * that kernel's tree.
   *
   * @param project the project's folder
   */
  public static Fdt base(BoardDefinition board, Path project) {
    try {
      Path folder = Files.createTempDirectory("lastref-tree");
      try {
        return Fdt.read(
            Lab.makeTree(board, () -> Images.ensure(project).kernel(), project, folder));
      } finally {
        try (Stream<Path> files = Files.walk(folder)) {
          for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(file);
          }
        }
      }
    } catch (IOException e) {
      throw new LabFault("cannot make the board's devicetree: " + e.getMessage(), e);
    }
  }

  /**
   * Every overlay that is removed if these shapes are applied and removed one after the other, each
   * once: of a stack the uppermost first.
   *
   * @throws org.lastref.fault.InputFault if one cannot be applied to the tree
   */
  public static List<Removed> removed(List<Shape> shapes, Fdt base) {
    Set<String> names = new HashSet<>();
    List<Removed> removed = new ArrayList<>();
    for (Shape shape : shapes) {
      Populator populator = new Populator(base);
      List<Removed> stack = new ArrayList<>();
      for (Shape layer : shape.stack()) {
        stack.add(0, new Removed(layer.name(), populator.apply(layer.overlay())));
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
            removed.population(),
            policy,
            situation,
            machine,
            Explorer.search(machine, maxBytes, progress),
            ways);
    known.put(nameless, prediction);
    return prediction;
  }
}
