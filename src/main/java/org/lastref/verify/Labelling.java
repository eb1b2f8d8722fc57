package org.lastref.verify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import org.lastref.klog.Sign;
import org.lastref.model.Label;
import org.lastref.model.Label.Act;
import org.lastref.model.Label.Doer;
import org.lastref.model.Population;
import org.lastref.model.Refcounts;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;

/** Tells which events of a removal are steps of the model, and whose. */
final class Labelling {

  private static final Map<String, Act> ACT_BY_HOLDER = actByHolder();

  private final Function<Reference, String> path;
  private final Set<String> devices = new HashSet<>();
  private final Set<String> sleepers = new HashSet<>();

  /** The device that each task put last: that is the one which its release is of. */
  private final Map<String, String> putLast = new HashMap<>();

  private final Set<String> unregistered = new HashSet<>();
  private final Map<String, Doer> doers = new HashMap<>();
  private final List<Observed> observed = new ArrayList<>();

  private Labelling(Population population, Function<Reference, String> path) {

    this.path = path;
    for (Population.Device device : population.devices()) {
      devices.add(device.name());
      if (device.sleeps()) {
        sleepers.add(device.name());
      }
    }
  }

  private static Map<String, Act> actByHolder() {
    Map<String, Act> acts = new HashMap<>();
    Refcounts.ACTS.forEach((act, holders) -> holders.forEach(holder -> acts.put(holder, act)));
    return acts;
  }

  /**
   * The steps of one removal.
   *
   * @param path tells the path of the node that an event is about
   */
  static List<Observed> of(
      List<Event> events, Population population, Function<Reference, String> path) {
    Labelling labelling = new Labelling(population, path);
    events.forEach(labelling::event);
    return labelling.observed;
  }

  private void event(Event event) {
    if (event instanceof Event.Step step && step.step().startsWith(Scenario.UNBIND)) {
      if (step.end()) {
        doers.remove(step.at().task(), Doer.UNBINDER);
      } else {
        doers.put(step.at().task(), Doer.UNBINDER);
      }
    } else if (event instanceof Reference put && put.direction() == Direction.PUT) {
      put(put);
    } else if (event instanceof Event.Reached reached) {
      reached(reached);
    } else if (event instanceof Event.Logged logged) {
      Matcher report = Sign.NODE_LEAK.matcher(logged.text());
      if (report.find()) {
        add(Act.REPORT_NODE, report.group(1), event);
      } else if (Sign.SLEEPING.matcher(logged.text()).find()
          && sleepers.contains(putLast.get(event.at().task()))) {
        add(Act.RELEASE_SLEEPS, putLast.getOrDefault(event.at().task(), ""), event);
      }
    }
  }

  private void put(Reference put) {
    if (put.kind() == Kind.DEVICE) {
      putLast.put(put.at().task(), put.name());
    }
    Act act = ACT_BY_HOLDER.get(put.holder());
    if (act == null) {
      return;
    }
    String object = put.kind() == Kind.NODE ? path.apply(put) : put.name();
    // The remover puts a device twice: for having made it and for having looked it up.
    boolean early =
        act == Act.REMOVER_PUTS_DEVICE && (!devices.contains(object) || unregistered.add(object));
    if (!early) {
      add(act, object, put);
    }
  }

  private void reached(Event.Reached reached) {
    String task = reached.at().task();
    switch (reached.point()) {
      case REMOVE -> doers.put(task, Doer.REMOVER);
      case REMOVED -> doers.remove(task);
      case WORK -> doers.putIfAbsent(task, Doer.WORK);
      case CALLBACK -> doers.putIfAbsent(task, Doer.CALLBACK);
      case WORK_END -> doers.remove(task, Doer.WORK);
      case CALLBACK_END -> doers.remove(task, Doer.CALLBACK);
      case LINK_RELEASE -> add(Act.RELEASE_LINK, reached.argument(), reached);
      default -> {}
    }
  }

  private void add(Act act, String object, Event event) {
    Doer doer = doers.getOrDefault(event.at().task(), Doer.OTHER);
    observed.add(new Observed(new Label(act, object, doer), event.at()));
  }
}
