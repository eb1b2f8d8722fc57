package org.lastref.model;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Verb;

/** Reads {@link Removal} from the events of one removal. */
final class RemovalReading extends Pass {

  private static final Table TABLE = Removal.ACTS.table();

  /** The buses by their acts. */
  private static final Map<KernelAct, Bus> PUTS_DEVICE =
      Bus.ALL.stream().collect(Collectors.toMap(Bus::putsDevice, Function.identity()));

  private static final Map<KernelAct, Bus> PUTS_NODE =
      Bus.ALL.stream().collect(Collectors.toMap(Bus::putsNode, Function.identity()));

  private final Function<Reference, String> path;

  /** The bus of each device of the overlay, by the device's name and by its node's path. */
  private final Map<String, Bus> devices = new HashMap<>();

  private final Map<String, Bus> nodes = new HashMap<>();

  private final Set<String> sleepers = new HashSet<>();

  /** The functions by which their drivers return references to a node, by its path. */
  private final Map<String, Set<String>> returns = new HashMap<>();

  /** The device that each task put last: that is the one which its release is of. */
  private final Map<String, String> putLast = new HashMap<>();

  /** Platform devices whose next put by the remover is not the one of their being unregistered. */
  private final Set<String> lookedUp = new HashSet<>();

  /**
   * @param path tells the path of the node that an event is about
   */
  RemovalReading(AppliedOverlay applied, Function<Reference, String> path) {
    super(TABLE);
    this.path = path;
    for (AppliedOverlay.Device device : applied.devices()) {
      devices.put(device.name(), device.bus());
      nodes.put(device.path(), device.bus());
      boolean notified =
          applied.nodes().stream()
              .anyMatch(node -> node.isNotified() && node.path().equals(device.path()));
      if (device.bus() == Bus.PLATFORM && notified) {
        lookedUp.add(device.name());
      }
      if (device.sleeps()) {
        sleepers.add(device.name());
      }
      for (AppliedOverlay.NodeHold hold : device.holds()) {
        returns.computeIfAbsent(hold.path(), each -> new HashSet<>()).add(hold.putBy());
      }
    }
  }

  /** What is known of a driver may be so from elsewhere than the table of acts. */
  @Override
  void otherwise(Event event) {
    if (event instanceof Reference put
        && put.direction() == Direction.PUT
        && put.kind() == Kind.NODE) {
      String node = path.apply(put);
      Set<String> by = returns.getOrDefault(node, Set.of());
      if (Functions.behalves(put.chain()).stream().anyMatch(by::contains)) {
        add(Removal.DRIVER_PUTS_NODE, node, event);
      }
    }
  }

  @Override
  void follow(Event event) {
    String task = event.at().task();
    if (event instanceof Event.Step step && step.is(Verb.UNBIND)) {
      if (step.end()) {
        doers().remove(task, Doers.UNBINDER);
      } else {
        doers().put(task, Doers.UNBINDER);
      }
    } else if (event instanceof Reference put
        && put.direction() == Direction.PUT
        && put.kind() == Kind.DEVICE) {
      putLast.put(task, put.name());
    } else if (event instanceof Event.Reached reached) {
      switch (reached.point()) {
        case REMOVE -> doers().put(task, Doers.REMOVER);
        case REMOVED -> doers().remove(task);
        case WORK -> doers().putIfAbsent(task, Doers.WORK);
        case CALLBACK -> doers().putIfAbsent(task, Doers.CALLBACK);
        case WORK_END -> doers().remove(task, Doers.WORK);
        case CALLBACK_END -> doers().remove(task, Doers.CALLBACK);
        default -> {}
      }
    }
  }

  @Override
  Optional<String> object(KernelAct act, String about, Event event) {
    if (act == Removal.RELEASE_SLEEPS) {
      return Optional.ofNullable(putLast.get(event.at().task())).filter(sleepers::contains);
    }
    Bus unregisters = PUTS_DEVICE.get(act);
    if (unregisters != null) {
      // The remover puts a platform device twice by the same function: for having made it, and for
      // having looked it up; but once one that goes with the bus that it is below.
      boolean early = !unregisters.equals(devices.get(about)) || lookedUp.remove(about);
      return Optional.of(about).filter(each -> !early);
    }
    String object =
        event instanceof Reference reference && reference.kind() == Kind.NODE
            ? path.apply(reference)
            : about;
    return Optional.of(object).filter(each -> !isElsewhere(act, each));
  }

  /** Another bus than the platform's has devices that the model does not know. */
  private boolean isElsewhere(KernelAct act, String node) {
    Bus bus = PUTS_NODE.get(act);
    return bus != null && bus != Bus.PLATFORM && !bus.equals(nodes.get(node));
  }
}
