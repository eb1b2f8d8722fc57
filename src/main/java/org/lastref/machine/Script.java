package org.lastref.machine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Writes an agent down step by step, in the order of the code that it follows. */
public final class Script {

  /** Nothing changes but where the agent stands. */
  public static final Effect[] NO_EFFECT = {};

  private static final int NOWHERE = -1;

  private final List<Step> steps = new ArrayList<>();
  private final Set<Integer> pauses = new HashSet<>();
  private final Set<Integer> stops = new HashSet<>();
  private final Map<Integer, List<Condition>> only = new HashMap<>();
  private int here;
  private int unused = 1;

  /** A step that shows in a trace. */
  public void shows(Label label, String where, List<Condition> guard, Effect... effects) {
    add(guard, List.of(effects), label, label.call(), where);
  }

  /** A step that does not. */
  public void hidden(String does, String where, List<Condition> guard, Effect... effects) {
    add(guard, List.of(effects), null, does, where);
  }

  private void add(
      List<Condition> guard,
      List<Effect> effects,
      @Nullable Label label,
      String does,
      String where) {
    List<Condition> all = new ArrayList<>(only.getOrDefault(here, List.of()));
    all.addAll(guard);
    int to = unused++;
    steps.add(new Step(here, to, all, effects, label, does, where));
    here = to;
  }

  /** Whatever comes next comes only if this is true. */
  public void onlyIf(List<Condition> conditions) {
    only.put(here, conditions);
  }

  /** Time passes here, as long as a grace period takes. */
  public void pause() {
    pauses.add(here);
  }

  /** The agent is done. */
  public void stop() {
    stops.add(here);
    here = NOWHERE;
  }

  /** One of these ways, each of which begins with a step; their guards say which. */
  public void either(Runnable... ways) {
    int start = here;
    int end = NOWHERE;
    for (Runnable way : ways) {
      here = start;
      way.run();
      if (end == NOWHERE) {
        end = here;
      } else if (here != NOWHERE) {
        merge(here, end);
      }
    }
    here = end;
  }

  private void merge(int position, int into) {
    steps.replaceAll(step -> step.to() == position ? moved(step, step.from(), into) : step);
    if (pauses.remove(position)) {
      pauses.add(into);
    }
  }

  private static Step moved(Step step, int from, int to) {
    return new Step(
        from, to, step.guard(), step.effects(), step.label(), step.does(), step.where());
  }

  /** Whatever led here also has this effect. */
  public void also(Effect effect) {
    steps.replaceAll(
        step -> {
          if (step.to() != here) {
            return step;
          }
          List<Effect> effects = new ArrayList<>(step.effects());
          effects.add(effect);
          return new Step(
              step.from(), here, step.guard(), effects, step.label(), step.does(), step.where());
        });
  }

  /** A script that is complete: its steps, with positions numbered without gaps from 0. */
  public record Written(List<Step> steps, int end, Set<Integer> pauses) {

    /** Where the agent pauses, or is done, or waits for one of these variables. */
    public Set<Integer> idle(Set<Variable> waitedFor) {
      Set<Integer> idle = new TreeSet<>(pauses);
      idle.add(end);
      for (Step step : steps) {
        if (step.guard().stream().anyMatch(each -> waitedFor.contains(each.variable()))) {
          idle.add(step.from());
        }
      }
      return idle;
    }
  }

  public Written written() {
    for (int stop : stops) {
      merge(stop, here);
    }
    Map<Integer, Integer> numbers = new LinkedHashMap<>();
    numbers.put(0, 0);
    for (Step step : steps) {
      numbers.putIfAbsent(step.from(), numbers.size());
      numbers.putIfAbsent(step.to(), numbers.size());
    }
    List<Step> numbered = new ArrayList<>();
    for (Step step : steps) {
      numbered.add(
          moved(step, numbers.getOrDefault(step.from(), 0), numbers.getOrDefault(step.to(), 0)));
    }
    Set<Integer> paused = new HashSet<>();
    pauses.forEach(position -> paused.add(numbers.getOrDefault(position, 0)));
    return new Written(numbered, numbers.getOrDefault(here, 0), paused);
  }
}
