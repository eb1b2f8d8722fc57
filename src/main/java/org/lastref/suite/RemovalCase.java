package org.lastref.suite;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.lastref.fdt.Fdt;
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

  /** Unique in a run. */
  String id() {
    return "%s/%s/%s/%s".formatted(shape.name(), policy.release(), policy.fix(), policy.grace());
  }

  /** JUnit's name of the case. */
  String title() {
    return shape.name() + " " + policy;
  }

  SortedMap<String, String> properties() {
    return new TreeMap<>(
        Map.of(
            "overlay", shape.name(),
            "release", policy.release().toString(),
            "fix", policy.fix().toString(),
            "grace", policy.grace().toString()));
  }

  /** The command that runs this case alone. */
  String command(String channel) {
    return "./lastref run --only %s --release %s --fix %s --grace %s --via %s"
        .formatted(onlyName(), policy.release(), policy.fix(), policy.grace(), channel);
  }

  private String onlyName() {
    boolean ours = shape.source().endsWith("overlays/" + shape.name() + ".dtso");
    String name = ours ? shape.name() : shape.source().toString();
    return name.matches("[A-Za-z0-9._/-]+") ? name : "'" + name.replace("'", "'\\''") + "'";
  }

  /**
   * What is to be done and what the model knows of it. Every overlay that has another one on top is
   * first tried to be removed, which the kernel refuses.
   *
   * @param base the tree that the board booted with
   * @throws org.lastref.fault.InputFault if the overlays cannot be applied to it
   */
  public Scenario scenario(Fdt base) {
    Populator populator = new Populator(base);
    Map<String, Population> populations = new LinkedHashMap<>();
    List<ExpectedStep> steps = new ArrayList<>();
    for (Shape layer : shape.stack()) {
      Population population = populator.apply(layer.overlay());
      populations.put(layer.name(), population);
      steps.add(new ExpectedStep("apply=" + layer.name(), "applied"));
      List<String> bound =
          population.devices().stream()
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
}
