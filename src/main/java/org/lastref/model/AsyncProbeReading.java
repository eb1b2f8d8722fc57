package org.lastref.model;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.lastref.machine.Doer;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Called;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;

/** Reads {@link AsyncProbe} from a trace. */
final class AsyncProbeReading extends Pass {

  private static final Table TABLE = AsyncProbe.ACTS.table();

  /** Who looks a node up and returns it, or has it before there is a device. */
  private static final Set<String> PASSING =
      Set.of(
          "of_get_next_child",
          "of_dma_is_coherent",
          "pinctrl_dt_to_map",
          "pinctrl_dt_free_maps",
          "of_changeset_action",
          "build_changeset_next_level");

  /** The devices that each task is in {@code really_probe()} of, the innermost first. */
  private final Map<String, Deque<String>> probing = new HashMap<>();

  /** The one whose probe just ended; older traces do not have the probes of other devices. */
  private @Nullable String probed;

  AsyncProbeReading() {
    super(TABLE);
  }

  @Override
  void follow(Event event) {
    noteTasks(event);
    if (event instanceof Called called) {
      String task = called.at().task();
      switch (called.event()) {
        case "device_attach", "driver_attach" -> doers().put(task, Doers.WORK);
        case "probe" ->
            probing.computeIfAbsent(task, none -> new ArrayDeque<>()).push(called.argument("name"));
        case "probe_end" -> probed = probing.getOrDefault(task, new ArrayDeque<>()).poll();
        default -> {}
      }
    }
  }

  @Override
  boolean isOfInterest(Event event) {
    return !(event instanceof Reference reference)
        || (reference.name().equals(AsyncProbe.DEVICE)
            && !(reference.kind() == Kind.NODE
                ? PASSING.contains(reference.holder())
                : reference.holder().equals("device_add")));
  }

  @Override
  Doer doer(Event event) {
    return event instanceof Event.Step ? Doers.OTHER : ModuleTasks.doer(event.at().task(), doers());
  }

  @Override
  Optional<String> object(KernelAct act, String about, Event event) {
    if (event instanceof Reference reference) {
      return Optional.of(object(reference));
    }
    if (act == AsyncProbe.BEGIN_PROBE) {
      return Optional.of(about).filter(AsyncProbe.DEVICE::equals);
    }
    if (act == AsyncProbe.AWAIT_ATTACH) {
      // The overlay has no other device.
      return Optional.of(AsyncProbe.DEVICE).filter(each -> doer(event).equals(Doers.REMOVER));
    }
    if (event instanceof Called called && called.event().equals("probe_end")) {
      boolean ours = probed == null || probed.equals(AsyncProbe.DEVICE);
      return Optional.of(AsyncProbe.DEVICE).filter(each -> ours && doer(event).equals(Doers.WORK));
    }
    return Optional.of(act == AsyncProbe.SYNCHRONIZE ? AsyncProbe.DRIVER : about);
  }

  private static String object(Reference reference) {
    return reference.kind() == Kind.NODE ? "/" + AsyncProbe.DEVICE : AsyncProbe.DEVICE;
  }

  /** The driver's functions have no names once its module is gone. */
  @Override
  void otherwise(Event event) {
    if (!(event instanceof Reference reference)) {
      return;
    }
    boolean node = reference.kind() == Kind.NODE;
    boolean get = reference.direction() == Direction.GET;
    String holder = reference.holder();
    KernelAct act;
    if (holder.startsWith("slow_") || holder.startsWith("0x")) {
      act =
          node
              ? get ? Removal.DRIVER_GETS_NODE : Removal.DRIVER_PUTS_NODE
              : get ? AsyncProbe.DRIVER_GETS_DEVICE : AsyncProbe.DRIVER_PUTS_DEVICE;
    } else {
      act = get ? Removal.READER_GETS_NODE : Removal.READER_PUTS_NODE;
    }
    add(act, object(reference), reference);
  }
}
