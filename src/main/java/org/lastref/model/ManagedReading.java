package org.lastref.model;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.lastref.machine.Doer;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Called;
import org.lastref.trace.Verb;

/**
 * Reads {@link ManagedRelease} from a trace: {@code dev:devres_log}, and probes at the entries of
 * functions. What is added before the bus probes is the driver core's own, {@code
 * pinctrl_bind_pins()} in drivers/base/pinctrl.c of Linux 6.1, and not looked at.
 */
final class ManagedReading extends Pass {

  private static final Table TABLE = ManagedRelease.ACTS.table();

  private static final Set<KernelAct> PROBES =
      Bus.ALL.stream().map(Bus::probes).collect(Collectors.toSet());

  /** {@code device_del()} and {@code device_release()} call it once more, for what is left. */
  private static final String UNBINDING = "device_unbind_cleanup";

  private static final String WORKER = "kworker/";

  private final String device;

  /** Whether the device is taken away, or its driver. */
  private boolean leaves;

  private Doer others = Doers.OTHER;

  /** What the resources are called, by where they are kept. */
  private final Map<String, String> labels = new HashMap<>();

  private final Map<String, Integer> names = new HashMap<>();

  /** Whether the bus has begun to probe the device, and it was not unbound since. */
  private boolean probed;

  /** Whether it was unbound, by a probe that failed or by hand. */
  private boolean released;

  /** Resources of the driver core's, by where they are kept. */
  private final Set<String> ofCore = new HashSet<>();

  /**
   * @param device its name
   */
  ManagedReading(String device) {
    super(TABLE);
    this.device = device;
  }

  @Override
  void follow(Event event) {
    if (event instanceof Event.Step step) {
      leaves |= step.takesAway();
      others = step.begins(Verb.UNBIND) ? Doers.UNBINDER : Doers.OTHER;
    } else if (event instanceof Event.Reached reached) {
      switch (reached.point()) {
        case APPLY, REMOVE -> noteTasks(event);
        case APPLIED, REMOVED -> doers().remove(event.at().task());
        default -> {}
      }
    }
  }

  @Override
  Doer doer(Event event) {
    String task = event.at().task();
    // What was put off is probed for who applies.
    boolean putOff = !leaves && task.startsWith(WORKER);
    return doers().getOrDefault(task, putOff ? Doers.APPLIER : others);
  }

  @Override
  Optional<String> object(KernelAct act, String about, Event event) {
    boolean all = act == ManagedRelease.RELEASES_ALL;
    if (!leaves && released && PROBES.contains(act) && about.equals(device)) {
      // A probe that failed is tried again if it was put off meanwhile, deferred_probe_work_func().
      labels.clear();
      names.clear();
      released = false;
      again();
    }
    if (!about.equals(device) || (all && !((Called) event).argument("caller").equals(UNBINDING))) {
      return Optional.empty();
    }
    released |= all;
    probed = !all && (probed || PROBES.contains(act));
    return Optional.of(about);
  }

  @Override
  void otherwise(Event event) {
    if (event instanceof Called called
        && called.event().equals("devres_log")
        && called.argument("dev").equals(device)) {
      logged(called);
    }
  }

  private void logged(Called called) {
    String name = ManagedRelease.resource(called.argument("name"));
    String node = called.argument("node");
    String op = called.argument("op");
    if (op.equals("ADD") && !probed) {
      ofCore.add(node);
    } else if (op.equals("ADD")) {
      String label = ManagedRelease.label(device, name, names.merge(name, 1, Integer::sum));
      labels.put(node, label);
      add(ManagedRelease.ADDS_RESOURCE, label, called);
    } else if (!ofCore.remove(node)) {
      String label = labels.remove(node);
      String known = label == null ? device + " " + name + " that was never added" : label;
      String how = op.equals("REL") ? "" : " (%s)".formatted(op);
      add(ManagedRelease.RELEASES_RESOURCE, known + how, called);
    }
  }
}
