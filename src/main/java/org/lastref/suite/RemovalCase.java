package org.lastref.suite;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.Overlay;
import org.lastref.model.Policy;
import org.lastref.model.Population;
import org.lastref.model.Populator;
import org.lastref.verify.Scenario;
import org.lastref.verify.Scenario.ExpectedStep;

/**
 * One overlay, with those below it, applied and removed under one policy.
 *
 * @param shape the overlay
 * @param policy how the kernel lets links go
 */
public record RemovalCase(Shape shape, Policy policy) {

  /** What it is called. */
  CaseName name() {
    return CaseName.of(shape.name(), policy);
  }

  /** The options that choose this case alone. */
  String options() {
    boolean ours = shape.source().endsWith("overlays/" + shape.name() + ".dtso");
    return "--only %s --release %s --fix %s --grace %s"
        .formatted(
            quoted(ours ? shape.name() : shape.source().toString()),
            policy.release(),
            policy.fix(),
            policy.grace());
  }

  /** A word of a command line. */
  static String quoted(String word) {
    return word.matches("[A-Za-z0-9._/-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /**
   * What is to be done and what the model knows of it. Every overlay that has another one on top is
   * first tried to be removed, which the kernel refuses.
   *
   * @param base the tree that the board booted with
   * @throws org.lastref.fault.InputFault if the overlays cannot be applied to it
   */
  public Scenario scenario(Fdt base) {
    Map<String, Overlay> layers = new LinkedHashMap<>();
    shape.stack().forEach(layer -> layers.put(layer.name(), layer.overlay()));
    Map<String, Population> populations = populations(base, layers);
    List<ExpectedStep> steps = new ArrayList<>();
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
      steps.add(new ExpectedStep("remove=" + stack.get(i).name(), "removed"));
      steps.add(new ExpectedStep("settle=links", "settled"));
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
