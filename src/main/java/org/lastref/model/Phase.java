package org.lastref.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.lastref.machine.Agent;
import org.lastref.machine.Exploration;
import org.lastref.machine.Exploration.Band;
import org.lastref.machine.Machine;
import org.lastref.machine.Step;
import org.lastref.model.AppliedOverlay.ChangedNode;

/**
 * A part of a removal, as far as the remover is, in which no node's possible reference counts
 * change.
 *
 * @param after the remover's step with which it begins; empty for the beginning
 * @param counts what the reference count of each node that the overlay added can be, by path
 */
public record Phase(String after, Map<String, Band> counts) {

  /**
   * The phases of a removal, in their order. If two threads remove it, then by the progress of the
   * first.
   */
  public static List<Phase> of(Exploration found, Machine machine, AppliedOverlay applied) {
    Agent remover = remover(machine);
    Map<String, List<Band>> bands = new LinkedHashMap<>();
    for (ChangedNode node : applied.nodes()) {
      Refcounts.in(machine, node.path())
          .ifPresent(refs -> bands.put(node.path(), found.bands(remover, refs)));
    }
    List<Phase> phases = new ArrayList<>();
    Map<String, Band> last = Map.of();
    for (int position = 0; position <= remover.position().max(); position++) {
      Map<String, Band> counts = new LinkedHashMap<>();
      for (Map.Entry<String, List<Band>> node : bands.entrySet()) {
        Band band = node.getValue().get(position);
        if (band.exists()) {
          counts.put(node.getKey(), band);
        }
      }
      if (!counts.isEmpty() && !counts.equals(last)) {
        phases.add(new Phase(before(remover, position), counts));
        last = counts;
      }
    }
    return phases;
  }

  /** Who removes; the first of several; where nothing is removed, who begins. */
  public static Agent remover(Machine machine) {
    return machine.agents().stream()
        .filter(agent -> agent.name().startsWith("remover"))
        .findFirst()
        .orElse(machine.agents().get(0));
  }

  private static String before(Agent remover, int position) {
    return remover.steps().stream()
        .filter(step -> step.to() == position)
        .map(Phase::said)
        .distinct()
        .collect(Collectors.joining(" or "));
  }

  /** With the function that does it, if that is another. */
  private static String said(Step step) {
    String function = step.where().replaceFirst(",.*", "");
    boolean own = step.does().startsWith(function.replace("()", ""));
    return own ? step.does() : step.does() + " in " + function;
  }
}
