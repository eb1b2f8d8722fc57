package org.lastref.verify;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import org.lastref.klog.Sign;
import org.lastref.model.AsyncProbe;
import org.lastref.model.Label;
import org.lastref.model.Label.Act;
import org.lastref.model.Label.Doer;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Called;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Point;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Trace;

/** Reads {@link AsyncProbe} from a trace. */
public final class AsyncProbeReading implements Reading {

  private static final String NODE = "/" + AsyncProbe.DEVICE;

  /** Who looks a node up and returns it, or has it before there is a device. */
  private static final Set<String> PASSING =
      Set.of(
          "of_get_next_child",
          "of_dma_is_coherent",
          "pinctrl_dt_to_map",
          "pinctrl_dt_free_maps",
          "of_changeset_action",
          "build_changeset_next_level");

  private static final Map<String, Act> GETS =
      Map.of(
          "__of_attach_node_sysfs", Act.ATTACH_NODE,
          "of_device_alloc", Act.DEVICE_GETS_NODE,
          "klist_devices_get", Act.BUS_GETS_DEVICE,
          "klist_children_get", Act.PARENT_GETS_DEVICE,
          "async_attach_get", Act.ATTACH_GETS_DEVICE,
          "bus_find_device", Act.FINDER_GETS_DEVICE,
          "driver_detach", Act.DETACH_GETS_DEVICE);

  private static final Map<String, Act> PUTS =
      Map.of(
          "__of_detach_node_sysfs", Act.DETACH_NODE,
          "platform_device_release", Act.DEVICE_PUTS_NODE,
          "of_changeset_destroy", Act.CHANGESET_PUTS_NODE,
          "klist_devices_put", Act.BUS_PUTS_DEVICE,
          "klist_children_put", Act.PARENT_PUTS_DEVICE,
          "async_attach_put", Act.ATTACH_PUTS_DEVICE,
          "platform_device_put", Act.REMOVER_PUTS_DEVICE,
          "driver_detach", Act.DETACH_PUTS_DEVICE);

  private static final Map<String, Act> CALLS =
      Map.of(
          "device_attach", Act.BEGIN_DEVICE_ATTACH,
          "driver_attach", Act.BEGIN_DRIVER_ATTACH,
          "probe", Act.BEGIN_PROBE,
          "defer", Act.DEFER,
          "undefer", Act.UNDEFER,
          "device_del", Act.DELETE_DEVICE,
          "device_remove", Act.REMOVE_DRIVER,
          "driver_unregister", Act.UNREGISTER_DRIVER,
          "driver_detach", Act.DETACH_DRIVER);

  /** What {@code really_probe()} returns: 0, or a positive error. */
  private static final Map<String, Act> PROBED =
      Map.of("0", Act.PROBE_SUCCEEDS, "517", Act.PROBE_DEFERS, "19", Act.PROBE_FAILS);

  @Override
  public List<Observed> of(Trace trace) {
    Reader reader = new Reader();
    trace.events().forEach(reader::event);
    return reader.observed;
  }

  /** One trace, event by event. */
  private static final class Reader {
    private final List<Observed> observed = new ArrayList<>();
    private final Map<String, Doer> doers = new HashMap<>();

    /** The devices that each task is in {@code really_probe()} of, the innermost first. */
    private final Map<String, Deque<String>> probing = new HashMap<>();

    void event(Event event) {
      if (event instanceof Reference reference) {
        reference(reference);
      } else if (event instanceof Called called) {
        called(called);
      } else if (event instanceof Event.Reached reached) {
        if (reached.point() == Point.REMOVE) {
          doers.put(reached.at().task(), Doer.REMOVER);
        } else if (reached.point() == Point.APPLY) {
          doers.put(reached.at().task(), Doer.APPLIER);
        }
      } else if (event instanceof Event.Step step) {
        letGo(step);
      } else if (event instanceof Event.Logged logged) {
        log(logged);
      }
    }

    private void reference(Reference reference) {
      boolean node = reference.kind() == Kind.NODE;
      String holder = reference.holder();
      if (!reference.name().equals(AsyncProbe.DEVICE)
          || (node ? PASSING.contains(holder) : holder.equals("device_add"))) {
        return;
      }
      boolean get = reference.direction() == Direction.GET;
      add((get ? GETS : PUTS).getOrDefault(holder, other(holder, node, get)), node, reference);
    }

    /** The driver's functions have no names once its module is gone. */
    private static Act other(String holder, boolean node, boolean get) {
      if (holder.startsWith("slow_") || holder.startsWith("0x")) {
        return node
            ? get ? Act.DRIVER_GETS_NODE : Act.DRIVER_PUTS_NODE
            : get ? Act.DRIVER_GETS_DEVICE : Act.DRIVER_PUTS_DEVICE;
      }
      return get ? Act.READER_GETS_NODE : Act.READER_PUTS_NODE;
    }

    private void called(Called called) {
      ModuleTasks.note(called, doers);
      String task = called.at().task();
      Act act = CALLS.get(called.event());
      if (act == Act.BEGIN_DEVICE_ATTACH || act == Act.BEGIN_DRIVER_ATTACH) {
        doers.put(task, Doer.WORK);
      }
      if (act == Act.BEGIN_PROBE) {
        String device = called.argument("name");
        probing.computeIfAbsent(task, none -> new ArrayDeque<>()).push(device);
        if (!device.equals(AsyncProbe.DEVICE)) {
          return;
        }
      }
      if (act != null) {
        add(act, called.argument("name"), called);
        return;
      }
      switch (called.event()) {
        case "attach_wait_end" -> {
          // The overlay has no other device.
          if (doers.get(task) == Doer.REMOVER) {
            add(Act.AWAIT_ATTACH, false, called);
          }
        }
        case "probe_end" -> {
          // Older traces do not have the probes of other devices.
          String device = probing.getOrDefault(task, new ArrayDeque<>()).poll();
          if ((device == null || device.equals(AsyncProbe.DEVICE))
              && doers.get(task) == Doer.WORK) {
            add(PROBED.getOrDefault(called.argument("ret"), Act.PROBE_FAILS), false, called);
          }
        }
        case "synchronized" -> add(Act.SYNCHRONIZE, AsyncProbe.DRIVER, called);
        default -> {}
      }
    }

    private void letGo(Event.Step step) {
      String let = "set=lastref_slow/";
      if (!step.end() && step.step().startsWith(let) && step.step().endsWith("=N")) {
        String what = step.step().substring(let.length(), step.step().length() - 2);
        observed.add(new Observed(new Label(Act.LET_GO, what, Doer.OTHER), step.at()));
      }
    }

    private void log(Event.Logged logged) {
      Matcher report = Sign.NODE_LEAK.matcher(logged.text());
      Matcher late = Sign.LATE_NODE_LEAK.matcher(logged.text());
      if (report.find()) {
        add(Act.REPORT_NODE, report.group(1), logged);
      } else if (late.find()) {
        add(Act.REPORT_LATE, late.group(1), logged);
      }
    }

    private void add(Act act, boolean node, Event event) {
      add(act, node ? NODE : AsyncProbe.DEVICE, event);
    }

    private void add(Act act, String object, Event event) {
      observed.add(
          new Observed(
              new Label(act, object, ModuleTasks.doer(event.at().task(), doers)), event.at()));
    }
  }
}
