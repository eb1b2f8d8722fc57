package org.lastref.suite;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.Overlay;
import org.lastref.model.Policy;
import org.lastref.model.Population;
import org.lastref.model.Populator;
import org.lastref.model.Situation;
import org.lastref.verify.Scenario;
import org.lastref.verify.Scenario.ExpectedStep;

/**
 * One overlay, with those below it, applied and removed under one policy.
 *
 * @param shape the overlay
 * @param policy how the kernel lets links go
 * @param situation what else is done, one that {@link Situation#isOnBoard}
 * @param lockdep whether the kernel proves its locking meanwhile
 */
public record RemovalCase(Shape shape, Policy policy, Situation situation, boolean lockdep) {

  private static final ExpectedStep PROVING = new ExpectedStep(Scenario.LOCKDEP + "proof", "on");

  /** One in which nothing else is done. */
  public RemovalCase(Shape shape, Policy policy) {
    this(shape, policy, Situation.REMOVE, false);
  }

  /** What it is called. */
  CaseName name() {
    return CaseName.of(shape.name(), policy, situation, lockdep);
  }

  /** The options that choose this case alone. */
  String options() {
    return "--only %s --release %s --fix %s --grace %s%s"
        .formatted(
            overlayOption(),
            policy.release(),
            policy.fix(),
            policy.grace(),
            situation == Situation.REMOVE ? "" : " --situation " + situation);
  }

  /** The overlay as {@code --only} takes it: its name below {@code overlays/}, or its path. */
  String overlayOption() {
    String name = shape.name() + ".dtso";
    Path source = shape.source();
    if (source.endsWith("overlays/" + name)) {
      return quoted(shape.name());
    }
    Path folder = source.getParent();
    if (folder != null && source.endsWith("overlays/" + folder.getFileName() + "/" + name)) {
      return quoted(folder.getFileName() + "/" + shape.name());
    }
    return quoted(source.toString());
  }

  /** A word of a command line. */
  public static String quoted(String word) {
    return word.matches("[A-Za-z0-9._/-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /**
   * What is to be done and what the model knows of it. Every overlay that has another one on top is
   * first tried to be removed, which the kernel refuses. Drivers that are in modules of ours come
   * first and go last. A kernel that proves its locking stops doing so when it found something, so
   * it is asked before and after.
   *
   * @param base the tree that the board booted with
   * @throws org.lastref.fault.InputFault if the overlays cannot be applied to it
   */
  public Scenario scenario(Fdt base) {
    Map<String, Overlay> layers = new LinkedHashMap<>();
    shape.stack().forEach(layer -> layers.put(layer.name(), layer.overlay()));
    Map<String, Population> populations = populations(base, layers);
    Set<String> modules = new TreeSet<>();
    populations.values().forEach(population -> modules.addAll(population.modules()));
    List<ExpectedStep> steps = new ArrayList<>();
    if (lockdep) {
      steps.add(PROVING);
    }
    modules.forEach(module -> steps.add(new ExpectedStep("load=" + module, "loaded")));
    for (Shape layer : shape.stack()) {
      steps.add(new ExpectedStep("apply=" + layer.name(), "applied"));
      List<String> bound =
          Objects.requireNonNull(populations.get(layer.name())).devices().stream()
              .filter(Population.Device::bound)
              .map(Population.Device::name)
              .toList();
      if (!bound.isEmpty()) {
        steps.add(new ExpectedStep("bound=" + String.join(",", bound), "bound"));
      }
      steps.add(new ExpectedStep("settle=links", "settled"));
    }
    for (Shape layer : shape.below()) {
      steps.add(new ExpectedStep("remove=" + layer.name(), "refused Device or resource busy"));
    }
    List<Shape> stack = shape.stack();
    for (int i = stack.size() - 1; i >= 0; i--) {
      String name = stack.get(i).name();
      if (situation == Situation.UNBIND) {
        Objects.requireNonNull(populations.get(name)).unbinding().stream()
            .map(device -> new ExpectedStep(Scenario.UNBIND + "platform/" + device, "unbound"))
            .forEach(steps::add);
      }
      steps.add(new ExpectedStep("remove=" + name, "removed"));
      steps.add(new ExpectedStep("settle=links", "settled"));
    }
    modules.forEach(module -> steps.add(new ExpectedStep("unload=" + module, "unloaded")));
    if (lockdep) {
      steps.add(PROVING);
    }
    return new Scenario(policy, populations, steps);
  }

  /**
   * What overlays put into the kernel, each on top of those before it.
   *
   * @param layers by name, in the order in which they are applied
   */
  static Map<String, Population> populations(Fdt base, Map<String, Overlay> layers) {
    Populator populator = new Populator(base);
    Map<String, Population> populations = new LinkedHashMap<>();
    layers.forEach((name, overlay) -> populations.put(name, populator.apply(overlay)));
    return populations;
  }
}
