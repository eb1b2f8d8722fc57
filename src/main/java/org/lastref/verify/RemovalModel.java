package org.lastref.verify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.lastref.machine.Machine;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.Observed;
import org.lastref.model.Policy;
import org.lastref.model.Removal;
import org.lastref.trace.Event;
import org.lastref.trace.Trace;
import org.lastref.trace.Verb;

/**
 * Each removal that was not refused goes one of the ways of {@link Removal}, from the first
 * unbinding on until all links let go. Used by one thread: remembers its machines.
 */
final class RemovalModel implements Model {

  private static final int NOWHERE = -1;

  private final OverlayRemoval removal;
  private final Map<Removed, Machine> machines = new HashMap<>();

  /**
   * @param quick whether the remover was quick enough for slow grace periods to be slow
   */
  private record Removed(String overlay, boolean quick) {}

  RemovalModel(OverlayRemoval removal) {
    this.removal = removal;
  }

  @Override
  public List<Passage> passages(Trace trace, Supplier<Map<Integer, String>> supplied) {
    Map<Integer, String> paths = supplied.get();
    List<Event> events = trace.events();
    List<Passage> passages = new ArrayList<>();
    int unbinding = NOWHERE;
    for (int i = 0; i < events.size(); i++) {
      if (!(events.get(i) instanceof Event.Step step)) {
        continue;
      }
      if (unbinding == NOWHERE && step.is(Verb.UNBIND)) {
        unbinding = i;
      }
      if (step.begins(Verb.REMOVE)) {
        int end = i + 1;
        boolean done = false;
        while (end < events.size() && !beginsChange(events.get(end))) {
          done |= ends(events.get(end), step);
          end++;
        }
        AppliedOverlay applied = removal.applied().get(step.argument());
        if (done && applied != null) {
          int from = unbinding == NOWHERE ? i : unbinding;
          passages.add(passage(step.argument(), applied, events.subList(from, end), end, paths));
        }
        unbinding = NOWHERE;
      }
    }
    return passages;
  }

  private static boolean beginsChange(Event event) {
    return event instanceof Event.Step step
        && (step.begins(Verb.APPLY) || step.begins(Verb.REMOVE) || step.begins(Verb.UNBIND));
  }

  private static boolean ends(Event event, Event.Step begun) {
    return event instanceof Event.Step last
        && last.end()
        && last.step().equals(begun.step())
        && last.result().equals("removed");
  }

  private Passage passage(
      String overlay,
      AppliedOverlay applied,
      List<Event> events,
      int end,
      Map<Integer, String> paths) {
    List<Observed> observed =
        Removal.reading(applied, put -> paths.getOrDefault(put.at().index(), put.name()))
            .of(events);
    SortedSet<String> reports = new TreeSet<>();
    for (Observed each : observed) {
      if (Removal.isReport(each.label())) {
        reports.add(each.label().object());
      }
    }
    Map<String, Long> due =
        removal.policy().delayed() ? DelayedReleases.due(events, applied) : Map.of();
    boolean quick = GraceAssumption.made(events);
    return new Passage(
        overlay,
        "the removal",
        due.isEmpty()
            ? machine(overlay, quick)
            : Removal.of(applied, policy(quick), removal.situation(), due),
        !due.isEmpty(),
        observed,
        reports,
        Unbinding.micros(events),
        end);
  }

  private Machine machine(String overlay, boolean quick) {
    return machines.computeIfAbsent(
        new Removed(overlay, quick),
        each -> Removal.of(applied(overlay), policy(quick), removal.situation()));
  }

  private AppliedOverlay applied(String overlay) {
    AppliedOverlay applied = removal.applied().get(overlay);
    if (applied == null) {
      throw new IllegalArgumentException("no overlay " + overlay);
    }
    return applied;
  }

  private Policy policy(boolean quick) {
    return quick ? removal.policy() : removal.policy().with(Policy.Grace.ANY);
  }

  @Override
  public Map<String, AppliedOverlay> applied() {
    return removal.applied();
  }

  @Override
  public List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    removal
        .applied()
        .forEach(
            (overlay, applied) ->
                parts.add(
                    new Part(
                        overlay,
                        "%s: %d nodes, %d devices, %d links"
                            .formatted(
                                overlay,
                                applied.nodes().size(),
                                applied.devices().size(),
                                applied.links().size()),
                        machine(overlay, true))));
    return parts;
  }
}
