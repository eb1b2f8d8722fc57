package org.lastref.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.lastref.model.Population.ChangedNode;
import org.lastref.model.Population.Device;
import org.lastref.model.Population.Link;

/**
 * The removal of an overlay as agents that take steps: the remover, which runs {@code
 * of_overlay_remove()}, and one agent a device link, which lets go of consumer and supplier once it
 * was released and its grace period is over. A state is where each agent stands and which nodes
 * were reported; everything else, reference counts included, follows from that.
 *
 * <p>The link agents are independent of each other, whether their releases are work items or SRCU
 * callbacks; that allows some orders of callbacks that the kernel does not show.
 */
public final class Removal {

  /** What a step does that can be seen in a trace. */
  public enum Act {
    /** The changeset's node leaves sysfs: {@code __of_detach_node_sysfs()}. */
    DETACH_NODE,
    /** The last user of a link went: {@code devlink_dev_release()}. */
    RELEASE_LINK,
    /** A link returns its reference to a device: {@code device_link_free()}. */
    LINK_PUTS_DEVICE,
    /** The remover returns its last reference to a device: {@code platform_device_put()}. */
    REMOVER_PUTS_DEVICE,
    /** A device that is gone returns its node: {@code platform_device_release()}. */
    DEVICE_PUTS_NODE,
    /**
     * The changeset finds that it is not the last holder: {@code __of_changeset_entry_destroy()}.
     */
    REPORT_NODE,
    /** The changeset returns one entry's reference: {@code of_changeset_destroy()}. */
    CHANGESET_PUTS_NODE
  }

  /**
   * A visible step.
   *
   * @param object a node's path, a device's name or a link's name
   */
  public record Label(Act act, String object) {
    @Override
    public String toString() {
      return act.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " " + object;
    }
  }

  /** A step from one state to another; a hidden one has no label. */
  public record Step(Optional<Label> label, State next) {}

  /** Where the agents stand; immutable. */
  public static final class State {
    /** The remover's next operation, then each link's position, then a byte a reported node. */
    private final byte[] at;

    private final int next;

    private State(int next, byte[] at) {
      this.next = next;
      this.at = at;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof State state && next == state.next && Arrays.equals(at, state.at);
    }

    @Override
    public int hashCode() {
      return 31 * next + Arrays.hashCode(at);
    }

    private State remover() {
      return new State(next + 1, at);
    }

    private State with(int index, int value) {
      byte[] copy = at.clone();
      copy[index] = (byte) value;
      return new State(next, copy);
    }
  }

  // A link agent's positions; 0 while the link is in use.
  private static final int RELEASED = 1;
  private static final int GRACE_OVER = 2;
  private static final int CONSUMER_GONE = 3;
  private static final int CONSUMER_PUT = 4;
  private static final int SUPPLIER_GONE = 5;
  private static final int DONE = 6;

  /** Stands for a device outside of the overlay, which has other holders. */
  private static final int OUTSIDE = -1;

  /** What the remover does next. */
  private sealed interface Operation {
    record Detach(int node) implements Operation {}

    record ReleaseLink(int link) implements Operation {}

    /**
     * Goes on once these links are done, by their own agents or, released at once, by itself. With
     * none it is a pause, long enough for a grace period.
     */
    record Await(List<Integer> links) implements Operation {}

    record PutDevice(int device) implements Operation {}

    record PutDevicesNode(int device) implements Operation {}

    record Check(int node) implements Operation {}

    record PutEntry(int node) implements Operation {}
  }

  private final Policy policy;
  private final List<ChangedNode> nodes;
  private final List<Device> devices;
  private final List<Link> links;

  /** For each link, the index of its consumer and of its supplier, or {@link #OUTSIDE}. */
  private final int[] consumers;

  private final int[] suppliers;

  /** For each node, the index of its device, or {@link #OUTSIDE} for none. */
  private final int[] deviceOf;

  private final List<Operation> operations = new ArrayList<>();

  /** For each device, which operation is the remover's put of it. */
  private final int[] putAt;

  /**
   * Lays out the removal.
   *
   * @param population what the overlay put into the kernel
   * @param policy how that kernel lets links go
   */
  public Removal(Population population, Policy policy) {
    this.policy = policy;
    nodes = population.nodes();
    devices = population.devices();
    links = population.links();
    putAt = new int[devices.size()];
    Map<String, Integer> byName = new HashMap<>();
    Map<String, Integer> byPath = new HashMap<>();
    for (int i = 0; i < devices.size(); i++) {
      byName.put(devices.get(i).name(), i);
      byPath.put(devices.get(i).path(), i);
    }
    consumers = links.stream().mapToInt(l -> byName.getOrDefault(l.consumer(), OUTSIDE)).toArray();
    suppliers = links.stream().mapToInt(l -> byName.getOrDefault(l.supplier(), OUTSIDE)).toArray();
    deviceOf = nodes.stream().mapToInt(n -> byPath.getOrDefault(n.path(), OUTSIDE)).toArray();
    // __of_changeset_revert_entries(): the last node first.
    for (int i = nodes.size() - 1; i >= 0; i--) {
      if (nodes.get(i).added()) {
        operations.add(new Operation.Detach(i));
      }
    }
    // __of_changeset_revert_notify(): of_platform_notify() destroys each node's device.
    Set<Integer> released = new HashSet<>();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      if (deviceOf[i] != OUTSIDE) {
        deleteDevice(deviceOf[i], released);
      }
    }
    // of_changeset_destroy()
    if (policy.fix() == Fix.WAIT_REMOVAL && policy.release() == Release.DEDICATED_WQ) {
      operations.add(new Operation.Await(List.copyOf(released)));
    }
    for (int i = nodes.size() - 1; i >= 0; i--) {
      for (int entry = 1; entry < nodes.get(i).entries(); entry++) {
        operations.add(new Operation.PutEntry(i));
      }
      if (nodes.get(i).added()) {
        operations.add(new Operation.Check(i));
      }
      operations.add(new Operation.PutEntry(i));
    }
  }

  /** {@code platform_device_unregister()}: {@code device_links_purge()}, then the last put. */
  private void deleteDevice(int device, Set<Integer> released) {
    List<Integer> purged = new ArrayList<>();
    for (int pass = 0; pass < 2; pass++) {
      for (int link = links.size() - 1; link >= 0; link--) {
        int end = pass == 0 ? consumers[link] : suppliers[link];
        if (end == device && released.add(link)) {
          purged.add(link);
        }
      }
    }
    for (int link : purged) {
      operations.add(new Operation.ReleaseLink(link));
      // Either end is of this overlay and detached, or the link would not be purged here.
      if (policy.fix() == Fix.SYNC_OVERLAY) {
        operations.add(new Operation.Await(List.of(link)));
      }
    }
    if (policy.fix() == Fix.SRCU_BARRIER) {
      // It waits for callbacks. A work item waiting in synchronize_srcu() has one too, but what the
      // item does after that is not waited for.
      boolean callbacks = policy.release() == Release.CALL_SRCU;
      operations.add(new Operation.Await(callbacks ? List.copyOf(released) : List.of()));
    }
    putAt[device] = operations.size();
    operations.add(new Operation.PutDevice(device));
    operations.add(new Operation.PutDevicesNode(device));
  }

  /** Before the first step. */
  public State initial() {
    return new State(0, new byte[links.size() + nodes.size()]);
  }

  /** Whether every agent is done. */
  public boolean isFinal(State state) {
    return state.next == operations.size()
        && linksDone(state, IntStream.range(0, links.size()).boxed().toList());
  }

  /** The nodes reported so far, by path. */
  public Set<String> reported(State state) {
    Set<String> reported = new TreeSet<>();
    for (int i = 0; i < nodes.size(); i++) {
      if (state.at[links.size() + i] != 0) {
        reported.add(nodes.get(i).path());
      }
    }
    return reported;
  }

  /** Every step that some agent can take. */
  public List<Step> steps(State state) {
    List<Step> steps = new ArrayList<>();
    removerStep(state, steps);
    for (int link = 0; link < links.size(); link++) {
      linkStep(state, link, steps);
    }
    return steps;
  }

  private void removerStep(State state, List<Step> steps) {
    if (state.next == operations.size()) {
      return;
    }
    Operation operation = operations.get(state.next);
    State after = state.remover();
    if (operation instanceof Operation.Detach detach) {
      steps.add(seen(Act.DETACH_NODE, nodes.get(detach.node).path(), after));
    } else if (operation instanceof Operation.ReleaseLink release) {
      String name = links.get(release.link).name();
      int position = policy.grace() == Grace.ANY ? GRACE_OVER : RELEASED;
      steps.add(seen(Act.RELEASE_LINK, name, after.with(release.link, position)));
    } else if (operation instanceof Operation.Await await) {
      if (linksDone(state, await.links)) {
        steps.add(hidden(after));
      }
    } else if (operation instanceof Operation.PutDevice put) {
      String name = devices.get(put.device).name();
      // If links still hold it, the last of them returns its node, and not the remover.
      State next = heldByLinks(state, put.device) > 0 ? after.remover() : after;
      steps.add(seen(Act.REMOVER_PUTS_DEVICE, name, next));
    } else if (operation instanceof Operation.PutDevicesNode put) {
      steps.add(seen(Act.DEVICE_PUTS_NODE, devices.get(put.device).path(), after));
    } else if (operation instanceof Operation.Check check) {
      int reported = links.size() + check.node;
      String path = nodes.get(check.node).path();
      steps.add(
          nodeHeld(state, deviceOf[check.node])
              ? seen(Act.REPORT_NODE, path, after.with(reported, 1))
              : hidden(after));
    } else if (operation instanceof Operation.PutEntry put) {
      steps.add(seen(Act.CHANGESET_PUTS_NODE, nodes.get(put.node).path(), after));
    }
  }

  private void linkStep(State state, int link, List<Step> steps) {
    int consumer = consumers[link];
    int supplier = suppliers[link];
    switch (state.at[link]) {
      case RELEASED -> {
        if (graceMayEnd(state)) {
          steps.add(hidden(state.with(link, GRACE_OVER)));
        }
      }
      case GRACE_OVER -> {
        int next = lastReference(state, consumer) ? CONSUMER_GONE : CONSUMER_PUT;
        String name = links.get(link).consumer();
        steps.add(seen(Act.LINK_PUTS_DEVICE, name, state.with(link, next)));
      }
      case CONSUMER_GONE -> steps.add(putsNode(consumer, state.with(link, CONSUMER_PUT)));
      case CONSUMER_PUT -> {
        int next = lastReference(state, supplier) ? SUPPLIER_GONE : DONE;
        String name = links.get(link).supplier();
        steps.add(seen(Act.LINK_PUTS_DEVICE, name, state.with(link, next)));
      }
      case SUPPLIER_GONE -> steps.add(putsNode(supplier, state.with(link, DONE)));
      default -> {}
    }
  }

  private Step putsNode(int device, State next) {
    return seen(Act.DEVICE_PUTS_NODE, devices.get(device).path(), next);
  }

  /** A slow grace period ends only while the remover waits for it, or after the remover. */
  private boolean graceMayEnd(State state) {
    return state.next == operations.size() || operations.get(state.next) instanceof Operation.Await;
  }

  private boolean linksDone(State state, List<Integer> awaited) {
    return awaited.stream().allMatch(link -> state.at[link] == DONE);
  }

  /** How many links still hold the device. */
  private int heldByLinks(State state, int device) {
    int held = 0;
    for (int link = 0; link < consumers.length; link++) {
      if ((consumers[link] == device && state.at[link] < CONSUMER_GONE)
          || (suppliers[link] == device && state.at[link] < SUPPLIER_GONE)) {
        held++;
      }
    }
    return held;
  }

  /** Whether a link's put of the device is the last one. */
  private boolean lastReference(State state, int device) {
    return device != OUTSIDE && state.next > putAt[device] && heldByLinks(state, device) == 1;
  }

  /** Whether a link dropped the last reference to the device and has not returned its node yet. */
  private boolean returningNode(State state, int device) {
    for (int link = 0; link < consumers.length; link++) {
      if ((consumers[link] == device && state.at[link] == CONSUMER_GONE)
          || (suppliers[link] == device && state.at[link] == SUPPLIER_GONE)) {
        return true;
      }
    }
    return false;
  }

  private boolean nodeHeld(State state, int device) {
    return device != OUTSIDE && (heldByLinks(state, device) > 0 || returningNode(state, device));
  }

  private static Step seen(Act act, String object, State next) {
    return new Step(Optional.of(new Label(act, object)), next);
  }

  private static Step hidden(State next) {
    return new Step(Optional.empty(), next);
  }
}
