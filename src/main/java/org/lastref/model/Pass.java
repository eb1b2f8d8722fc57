package org.lastref.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lastref.machine.Doer;
import org.lastref.machine.Label;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Reference;

/**
 * One pass over the events of a trace, telling which are steps of a model, and whose. The acts say
 * themselves how they show; a model adds what takes more than one event to tell.
 */
abstract class Pass {

  /** Acts by the events that show them. */
  static final class Table {

    private record Row(KernelAct act, Shown shown) {}

    private final Map<Shown.Key, List<Row>> rows = new HashMap<>();

    static Table of(Collection<KernelAct> acts) {
      Table table = new Table();
      for (KernelAct act : acts) {
        for (Shown shown : act.shown()) {
          Row row = new Row(act, shown);
          shown
              .keys()
              .forEach(key -> table.rows.computeIfAbsent(key, k -> new ArrayList<>()).add(row));
        }
      }
      return table;
    }

    private List<Row> of(Event event) {
      for (Shown.Key key : Shown.Key.of(event)) {
        List<Row> found = rows.get(key);
        if (found != null) {
          return found;
        }
      }
      return List.of();
    }
  }

  private final Table table;
  private final List<List<Observed>> before = new ArrayList<>();
  private final List<Observed> observed = new ArrayList<>();

  /** Who each task is, as far as is known. */
  private final Map<String, Doer> doers = new HashMap<>();

  Pass(Table table) {
    this.table = table;
  }

  /** The steps that show, in the order of the events. */
  final List<Observed> over(List<Event> events) {
    for (Event event : events) {
      follow(event);
      if (isModelled(event) && isOfInterest(event)) {
        step(event);
      }
    }
    return observed;
  }

  /** The same, each time by itself, see {@link #again}. */
  final List<List<Observed>> times(List<Event> events) {
    over(events);
    before.add(List.copyOf(observed));
    return before;
  }

  /** All of it begins again: what was seen so far was one time. */
  final void again() {
    before.add(List.copyOf(observed));
    observed.clear();
  }

  private static boolean isModelled(Event event) {
    return !(event instanceof Reference reference) || reference.kind().isModelled();
  }

  private void step(Event event) {
    for (Table.Row row : table.of(event)) {
      Optional<String> about = row.shown().about().apply(event);
      if (about.isPresent()) {
        object(row.act(), about.get(), event).ifPresent(object -> add(row.act(), object, event));
        return;
      }
    }
    otherwise(event);
  }

  /** Takes note of an event before it is looked at, such as of what it says of its task. */
  void follow(Event event) {}

  /** Whether an event can be a step at all. */
  boolean isOfInterest(Event event) {
    return true;
  }

  /**
   * What an act is done to.
   *
   * @param about what the event is about
   * @return empty if the event is no step after all
   */
  Optional<String> object(KernelAct act, String about, Event event) {
    return Optional.of(about);
  }

  /** An event that shows no act by itself; may {@link #add} one. */
  void otherwise(Event event) {}

  /** Who does what an event shows. */
  Doer doer(Event event) {
    return doers.getOrDefault(event.at().task(), Doers.OTHER);
  }

  /** Who each task is, by its name and id. */
  final Map<String, Doer> doers() {
    return doers;
  }

  /** Notes who applies and who removes overlays, and who loads and unloads modules. */
  final void noteTasks(Event event) {
    if (event instanceof Event.Reached reached) {
      switch (reached.point()) {
        case APPLY -> doers.put(event.at().task(), Doers.APPLIER);
        case REMOVE -> doers.put(event.at().task(), Doers.REMOVER);
        default -> {}
      }
    } else if (event instanceof Event.Called called) {
      switch (called.event()) {
        case ModuleTasks.LOADS -> doers.put(event.at().task(), Doers.LOADER);
        case ModuleTasks.UNLOADS -> doers.put(event.at().task(), Doers.UNLOADER);
        default -> {}
      }
    }
  }

  final void add(KernelAct act, String object, Event event) {
    observed.add(new Observed(new Label(act, object, doer(event)), event.at()));
  }

  /** Whether nothing was a step so far. */
  final boolean isAtBeginning() {
    return observed.isEmpty();
  }
}
