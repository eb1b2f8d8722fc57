package org.lastref.verify;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lastref.model.Label;
import org.lastref.model.Label.Act;
import org.lastref.model.Label.Doer;
import org.lastref.model.ManagedRelease;
import org.lastref.trace.Event;
import org.lastref.trace.Trace;

/**
 * Reads what becomes of one device and its managed resources: {@code dev:devres_log}, and probes at
 * the entries of the functions that {@link #FUNCTIONS} names. What is added before the bus probes
 * is the driver core's own, {@code pinctrl_bind_pins()} in drivers/base/pinctrl.c of Linux 6.1, and
 * not looked at.
 *
 * @param device its name
 */
public record ManagedReading(String device) implements Reading {

  /** What each probe's event is in the model; each records the device as {@code name}. */
  public static final Map<String, Act> FUNCTIONS =
      Map.ofEntries(
          Map.entry("spi_probe", Act.SPI_PROBES),
          Map.entry("spi_remove", Act.SPI_REMOVES),
          Map.entry("i2c_device_probe", Act.I2C_PROBES),
          Map.entry("i2c_device_remove", Act.I2C_REMOVES),
          Map.entry("platform_probe", Act.PLATFORM_PROBES),
          Map.entry("platform_remove", Act.PLATFORM_REMOVES),
          Map.entry("dev_pm_domain_attach", Act.BUS_ATTACHES),
          Map.entry("dev_pm_domain_detach", Act.BUS_DETACHES),
          Map.entry("managed_probe", Act.DRIVER_PROBES),
          Map.entry("managed_remove", Act.DRIVER_REMOVES),
          Map.entry("devres_release_group", Act.RELEASES_GROUP),
          Map.entry("devres_release_all", Act.RELEASES_ALL));

  private static final Set<Act> PROBES =
      EnumSet.of(Act.SPI_PROBES, Act.I2C_PROBES, Act.PLATFORM_PROBES);

  /** {@code device_del()} and {@code device_release()} call it once more, for what is left. */
  private static final String UNBINDING = "device_unbind_cleanup";

  /** {@code managed_use()}, harness/modules/lastref-managed.c. */
  private static final Pattern USED =
      Pattern.compile("(\\S+): used after its PM domain was detached");

  @Override
  public List<Observed> of(Trace trace) {
    Pass pass = new Pass();
    trace.events().forEach(pass::event);
    return pass.observed;
  }

  /** One trace from its beginning to its end. */
  private final class Pass {
    private final List<Observed> observed = new ArrayList<>();
    private final Map<String, Doer> doers = new HashMap<>();
    private Doer others = Doer.OTHER;

    /** What the resources are called, by where they are kept. */
    private final Map<String, String> labels = new HashMap<>();

    private final Map<String, Integer> names = new HashMap<>();

    /** Whether the bus has begun to probe the device, and it was not unbound since. */
    private boolean probed;

    /** Resources of the driver core's, by where they are kept. */
    private final Set<String> ofCore = new HashSet<>();

    private void event(Event event) {
      if (event instanceof Event.Step step) {
        boolean unbinds = !step.end() && step.step().startsWith("unbind=");
        others = unbinds ? Doer.UNBINDER : Doer.OTHER;
      } else if (event instanceof Event.Reached reached) {
        reached(reached);
      } else if (event instanceof Event.Called called) {
        called(called);
      } else if (event instanceof Event.Logged logged) {
        Matcher used = USED.matcher(logged.text());
        if (used.find() && used.group(1).equals(device)) {
          add(Act.NOTICES_USE, device, event);
        }
      }
    }

    private void reached(Event.Reached reached) {
      String task = reached.at().task();
      switch (reached.point()) {
        case APPLY -> doers.put(task, Doer.APPLIER);
        case REMOVE -> doers.put(task, Doer.REMOVER);
        case APPLIED, REMOVED -> doers.remove(task);
        default -> {}
      }
    }

    private void called(Event.Called called) {
      Act act = FUNCTIONS.get(called.event());
      if (called.event().equals("devres_log") && called.argument("dev").equals(device)) {
        logged(called);
      } else if (act != null
          && called.argument("name").equals(device)
          && (act != Act.RELEASES_ALL || called.argument("caller").equals(UNBINDING))) {
        probed = act != Act.RELEASES_ALL && (probed || PROBES.contains(act));
        add(act, device, called);
      }
    }

    private void logged(Event.Called called) {
      String name = called.argument("name");
      String node = called.argument("node");
      String op = called.argument("op");
      if (op.equals("ADD") && !probed) {
        ofCore.add(node);
      } else if (op.equals("ADD")) {
        int nth = names.merge(name, 1, Integer::sum);
        labels.put(node, ManagedRelease.label(device, name, nth));
        add(Act.ADDS_RESOURCE, ManagedRelease.label(device, name, nth), called);
      } else if (!ofCore.remove(node)) {
        String label = labels.remove(node);
        String known = label == null ? device + " " + name + " that was never added" : label;
        String how = op.equals("REL") ? "" : " (%s)".formatted(op);
        add(Act.RELEASES_RESOURCE, known + how, called);
      }
    }

    private void add(Act act, String object, Event event) {
      Doer doer = doers.getOrDefault(event.at().task(), others);
      observed.add(new Observed(new Label(act, object, doer), event.at()));
    }
  }
}
