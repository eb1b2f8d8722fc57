package org.lastref.model;

import static org.lastref.model.Shown.logged;
import static org.lastref.model.Shown.reached;
import static org.lastref.model.Shown.returned;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lastref.klog.Sign;
import org.lastref.machine.Act;
import org.lastref.machine.Agent;
import org.lastref.machine.Assembly;
import org.lastref.machine.Condition;
import org.lastref.machine.Doer;
import org.lastref.machine.Effect;
import org.lastref.machine.Label;
import org.lastref.machine.Machine;
import org.lastref.machine.Script;
import org.lastref.machine.Step;
import org.lastref.machine.Variable;
import org.lastref.model.AppliedOverlay.ChangedNode;
import org.lastref.model.AppliedOverlay.Device;
import org.lastref.model.AppliedOverlay.Link;
import org.lastref.model.AppliedOverlay.NodeHold;
import org.lastref.model.OfCore.OfNode;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Point;
import org.lastref.trace.Event.Reference;

/**
 * The removal of an overlay, written down as a {@link Machine} in the kernel's own terms: each
 * method is a kernel function, named as there, and says what it does to the reference counts. The
 * functions are those of Linux 6.1.192 with the patches in {@code harness/kernel/6.1/patches};
 * where a policy differs, the difference is one condition, as it is in its patch.
 *
 * <p>One agent removes the overlay. Each device link has one that lets go of consumer and supplier
 * once the link was released and its grace period is over; they are independent of each other,
 * whether they are work items or SRCU callbacks, which allows some orders of callbacks that the
 * kernel does not show. Under delayed release each kobject has a timer.
 */
@SuppressWarnings("MemberName") // the kernel's
public final class Removal {

  private static final String KOBJECT = "lib/kobject.c";

  /** How much later than it was due a delayed release may begin, in microseconds. */
  private static final long LATE = 300_000;

  static final Acts ACTS =
      new Acts()
          .with(OfCore.DETACH_NODE, OfCore.CHANGESET_PUTS_NODE, OfCore.REPORT_NODE)
          .with(Bus.ALL.stream().map(Bus::putsNode).toArray(KernelAct[]::new))
          .with(Bus.ALL.stream().map(Bus::putsDevice).toArray(KernelAct[]::new));

  /** A driver that probes takes a reference that it will keep. */
  static final KernelAct DRIVER_GETS_NODE = ACTS.act("driver gets node", "of_node_get");

  /** A driver that is unbound returns a reference. */
  static final KernelAct DRIVER_PUTS_NODE =
      ACTS.act("driver puts node", "of_node_put", returned(Kind.NODE, Drivers.KNOWN.putBy()));

  /** The last user of a link went. */
  static final KernelAct RELEASE_LINK =
      ACTS.act("release link", "devlink_dev_release", reached(Point.LINK_RELEASE));

  /** A link returns its reference to a device. */
  static final KernelAct LINK_PUTS_DEVICE =
      ACTS.act("link puts device", "put_device", returned(Kind.DEVICE, Functions.FREE_LINK));

  /** A device without references sleeps where that is forbidden. */
  static final KernelAct RELEASE_SLEEPS =
      ACTS.act("release sleeps", "might_sleep", logged(Sign.SLEEPING::matcher));

  /** Somebody else looks a node up. */
  static final KernelAct READER_GETS_NODE = ACTS.act("reader gets node", "of_node_get");

  /** And returns it. */
  static final KernelAct READER_PUTS_NODE = ACTS.act("reader puts node", "of_node_put");

  /** Those by which somebody else than the changeset returns a reference to a node. */
  static final Set<Act> OTHERS_PUT_NODE =
      Stream.concat(
              Stream.of(OfCore.DETACH_NODE, DRIVER_PUTS_NODE, READER_PUTS_NODE),
              Bus.ALL.stream().map(Bus::putsNode))
          .collect(Collectors.toUnmodifiableSet());

  private final AppliedOverlay applied;
  private final Policy policy;
  private final Situation situation;
  private final Map<String, Long> due;
  private final Assembly parts = new Assembly();

  /** The changeset's nodes, in its order. */
  private final List<OfNode> nodes = new ArrayList<>();

  /** The references to each device of the overlay, by name; others have holders that stay. */
  private final Map<String, Variable> deviceRefs = new HashMap<>();

  /** Whether each link was released, by name. */
  private final Map<String, Variable> released = new HashMap<>();

  /** What each delayed release does, by the kobject's name. */
  private final Map<String, Timer> timers = new LinkedHashMap<>();

  /** Whether the device of {@link Situation#PROBE} still probes. */
  private Optional<Variable> probing = Optional.empty();

  private final Set<String> unbound = new HashSet<>();
  private final Set<String> purged = new HashSet<>();
  private final Set<String> unregistered = new HashSet<>();

  /** How many released links have not let go yet, if somebody waits for that. */
  private final Optional<Variable> pending;

  /** Where a thread that removes is not running: then slow grace periods may end. */
  private final List<Condition> idle = new ArrayList<>();

  /** Where it is done. */
  private final List<Condition> done = new ArrayList<>();

  private record Timer(Variable armed, Script script) {}

  private Removal(
      AppliedOverlay applied, Policy policy, Situation situation, Map<String, Long> due) {
    this.applied = applied;
    this.policy = policy;
    this.situation = situation;
    this.due = Map.copyOf(due);
    boolean barrier = policy.fix() == Fix.SRCU_BARRIER && policy.release() == Release.CALL_SRCU;
    boolean flush = policy.fix().flushes() && policy.release() == Release.DEDICATED_WQ;
    pending =
        barrier
            ? Optional.of(parts.variable("callbacks", 0, applied.links().size()))
            : flush
                ? Optional.of(parts.variable("work on device_link_wq", 0, applied.links().size()))
                : Optional.empty();
  }

  /**
   * Every way in which an overlay may be removed.
   *
   * @param applied what the overlay put into the kernel
   * @param policy how that kernel lets links go
   * @param situation what else happens
   */
  public static Machine of(AppliedOverlay applied, Policy policy, Situation situation) {
    return new Removal(applied, policy, situation, Map.of()).machine();
  }

  /**
   * The same where it is known when each delayed release is due.
   *
   * @param due by the kobject's name, in microseconds of the kernel's clock; releases that are due
   *     at about the same time may come in any order
   */
  public static Machine of(
      AppliedOverlay applied, Policy policy, Situation situation, Map<String, Long> due) {
    return new Removal(applied, policy, situation, due).machine();
  }

  /**
   * Reads one removal.
   *
   * @param path tells the path of the node that an event is about
   */
  public static Reading reading(AppliedOverlay applied, Function<Reference, String> path) {
    return events -> new RemovalReading(applied, path).over(events);
  }

  /** Whether the kernel reports a node as leaked. */
  public static boolean isReport(Label label) {
    return label.act() == OfCore.REPORT_NODE;
  }

  private Machine machine() {
    prepare();
    int removers = situation == Situation.TWICE ? 2 : 1;
    Locking locking = locking(removers);
    for (int i = 1; i <= removers; i++) {
      unbound.clear();
      purged.clear();
      unregistered.clear();
      Script script = new Script();
      of_overlay_remove(script, locking);
      Script.Written written = script.written();
      String name = removers == 1 ? "remover" : "remover " + i;
      Agent agent = parts.agent(name, written);
      Set<Variable> waitedFor = new HashSet<>();
      pending.ifPresent(waitedFor::add);
      probing.ifPresent(waitedFor::add);
      locking.ofMutex().ifPresent(waitedFor::add);
      idle.add(
          new Condition(
              agent.position(), List.copyOf(written.idle(waitedFor)), name + " waits or is done"));
      done.add(agent.position().is(written.end()).as(name + " is done"));
    }
    for (Link link : applied.links()) {
      if (released.containsKey(link.name())) {
        linkAgent(link);
      }
    }
    timers.forEach(this::timerAgent);
    if (situation == Situation.PROBE) {
      prober().ifPresent(this::proberAgent);
    } else if (situation == Situation.READ) {
      readerAgent();
    }
    return parts.machine(policy + " situation=" + situation);
  }

  private void prepare() {
    Optional<Device> prober = situation == Situation.PROBE ? prober() : Optional.empty();
    probing = prober.map(device -> parts.variable("probing(" + device.name() + ")", 1, 1));
    Map<String, Variable> refs = new HashMap<>();
    for (ChangedNode node : applied.nodes()) {
      if (node.added()) {
        refs.put(node.path(), nodeRefs(node, prober));
      }
    }
    for (Device device : applied.devices()) {
      deviceRefs(device.name());
      device.holds().stream()
          .map(NodeHold::device)
          .filter(name -> !name.isEmpty())
          .forEach(this::deviceRefs);
    }
    for (ChangedNode node : applied.nodes()) {
      Variable reported =
          node.added()
              ? parts.fact("reported(" + node.path() + ")", Machine.Kind.REPORT, node.path())
              : null;
      nodes.add(
          new OfNode(
              node.path(),
              node.entries(),
              refs.get(node.path()),
              reported,
              node.isNotified(),
              false));
    }
  }

  private void deviceRefs(String name) {
    int links = (int) applied.links().stream().filter(link -> link.touches(name)).count();
    deviceRefs.put(name, parts.variable(Refcounts.of(name), links + 1, links + 1));
  }

  /** A driver that still probes has yet to take its own. */
  private Variable nodeRefs(ChangedNode node, Optional<Device> prober) {
    int holds = Refcounts.of(node, applied).size();
    int readers = situation == Situation.READ ? 1 : 0;
    int later =
        (int)
            prober.stream()
                .flatMap(device -> device.holds().stream())
                .filter(hold -> hold.path().equals(node.path()))
                .count();
    return parts.variable(Refcounts.of(node.path()), holds - later, holds + readers);
  }

  // The remover.

  /** What two threads that remove the same overlay meet at. */
  private record Locking(Optional<Variable> ofMutex, Optional<Variable> changeset) {}

  private static final int APPLIED = 0;
  private static final int REVERTED = 1;
  private static final int GONE = 2;

  private Locking locking(int removers) {
    return removers == 1
        ? new Locking(Optional.empty(), Optional.empty())
        : new Locking(
            Optional.of(parts.flag("of_mutex")), Optional.of(parts.variable("changeset", 0, 2)));
  }

  /** drivers/of/overlay.c. */
  private void of_overlay_remove(Script by, Locking locking) {
    if (situation == Situation.UNBIND) {
      unbind_store(by);
    }
    if (policy.fix() == Fix.WAIT_BEFORE_LOCK) {
      device_link_wait_removal(by);
    }
    by.pause();
    locking.ofMutex().ifPresent(ofMutex -> idr_find(by, ofMutex, locking.changeset().get()));
    OfCore.of_overlay_remove(
        by,
        nodes,
        this::of_platform_notify,
        new OfCore.Waits(reverted -> waitUnlocked(reverted, locking), this::waitInDestroy));
    locking
        .ofMutex()
        .ifPresent(
            ofMutex -> {
              if (applied.nodes().isEmpty()) {
                by.hidden("kfree(ovcs)", OfCore.OVERLAY, List.of());
              }
              by.also(ofMutex.becomes(0));
              by.also(locking.changeset().get().becomes(GONE));
            });
  }

  private void waitUnlocked(Script by, Locking locking) {
    if (policy.fix() != Fix.WAIT_UNLOCKED) {
      return;
    }
    locking
        .ofMutex()
        .ifPresent(
            ofMutex ->
                by.hidden(
                    "mutex_unlock(&of_mutex)",
                    OfCore.OVERLAY,
                    List.of(),
                    ofMutex.becomes(0),
                    locking.changeset().get().becomes(REVERTED)));
    device_link_wait_removal(by);
    locking
        .ofMutex()
        .ifPresent(
            ofMutex ->
                by.hidden(
                    "mutex_lock(&of_mutex)",
                    OfCore.OVERLAY,
                    List.of(ofMutex.is(0)),
                    ofMutex.becomes(1)));
  }

  private void waitInDestroy(Script by) {
    if (policy.fix() == Fix.WAIT_REMOVAL) {
      device_link_wait_removal(by);
    }
  }

  private void idr_find(Script by, Variable ofMutex, Variable changeset) {
    Variable twice =
        parts.fact(
            "reverted twice", Machine.Kind.WRONG, "a changeset is reverted while it is destroyed");
    by.either(
        () ->
            by.hidden(
                "mutex_lock(&of_mutex); idr_find() finds the changeset",
                OfCore.OVERLAY,
                List.of(ofMutex.is(0), changeset.is(APPLIED)),
                ofMutex.becomes(1)),
        () -> {
          by.hidden(
              "mutex_lock(&of_mutex); idr_find() finds nothing: -ENODEV",
              OfCore.OVERLAY,
              List.of(ofMutex.is(0), changeset.is(GONE)));
          by.stop();
        },
        () -> {
          by.hidden(
              "mutex_lock(&of_mutex); idr_find() finds the changeset once more",
              OfCore.OVERLAY,
              List.of(ofMutex.is(0), changeset.is(REVERTED)),
              twice.becomes(1));
          by.stop();
        });
  }

  /** drivers/of/platform.c, and what other buses have instead of it. */
  private void of_platform_notify(Script by, OfNode node) {
    applied
        .deviceOf(node.path())
        .ifPresent(
            device -> {
              of_platform_device_destroy(by, device);
              unregister(by, device, Doers.REMOVER);
            });
  }

  /** drivers/of/platform.c: the children first, the oldest of them first. */
  private void of_platform_device_destroy(Script by, Device bus) {
    for (Device device : applied.devices()) {
      if (device.bus() == Bus.PLATFORM && isBelow(device, bus)) {
        of_platform_device_destroy(by, device);
        unregister(by, device, Doers.REMOVER);
      }
    }
  }

  /**
   * As {@code platform_device_unregister()}, drivers/base/platform.c, {@code
   * i2c_unregister_device()}, drivers/i2c/i2c-core-base.c, or {@code spi_unregister_device()},
   * drivers/spi/spi.c; the last two return the node first. A node is populated no more afterwards,
   * so a notifier finds nothing to do.
   */
  private void unregister(Script by, Device device, Doer doer) {
    if (!unregistered.add(device.name())) {
      return;
    }
    if (device.bus().putsNodeFirst()) {
      OfCore.of_node_put(
          by, node(device.path()), device.bus().putsNode(), doer, nodePutIn(device.bus()));
    }
    device_release_driver(by, device, doer);
    device_links_purge(by, device, doer);
    KernelAct put = device.bus().putsDevice();
    put_device(
        by,
        device.name(),
        new Label(put, device.name(), doer),
        put.call() + "(), " + device.bus().file());
  }

  private static String nodePutIn(Bus bus) {
    return bus.nodePut() + "(), " + bus.file();
  }

  /**
   * An adapter loses its driver: {@code i2c_del_adapter()}, drivers/i2c/i2c-core-base.c, and {@code
   * spi_unregister_controller()}, drivers/spi/spi.c, unregister the devices that are still below
   * it, the oldest first.
   */
  private void deregisterClients(Script by, Device adapter, Doer doer) {
    for (Device device : applied.devices()) {
      if (device.bus().putsNodeFirst() && isBelow(device, adapter)) {
        unregister(by, device, doer);
      }
    }
  }

  private boolean isBelow(Device device, Device adapter) {
    return device.path().startsWith(adapter.path() + "/")
        && applied.devices().stream()
            .noneMatch(
                each ->
                    device.path().startsWith(each.path() + "/")
                        && each.path().startsWith(adapter.path() + "/"));
  }

  /**
   * drivers/base/dd.c: {@code device_links_unbind_consumers()}, then the driver's own remove and
   * {@code devres_release_all()}, the last taken first, then {@code device_links_driver_cleanup()}.
   */
  private void device_release_driver(Script by, Device device, Doer doer) {
    if (!device.bound() || !unbound.add(device.name())) {
      return;
    }
    DriverCore.__device_release_driver(
        new DriverCore.Unbinding(
            () -> {
              device_links_unbind_consumers(by, device, doer);
              device_lock(by, device);
            },
            () -> deregisterClients(by, device, doer),
            () -> putHolds(by, device, doer),
            () -> __device_links_no_driver(by, device, doer)));
  }

  private void device_links_unbind_consumers(Script by, Device device, Doer doer) {
    for (Link link : applied.links()) {
      if (link.supplier().equals(device.name())) {
        device(link.consumer()).ifPresent(each -> device_release_driver(by, each, doer));
      }
    }
  }

  private void device_lock(Script by, Device device) {
    if (prober().equals(Optional.of(device))) {
      probing.ifPresent(
          still ->
              by.hidden(
                  "device_lock(" + device.name() + ")", DriverCore.CORE, List.of(still.is(0))));
    }
  }

  private void putHolds(Script by, Device device, Doer doer) {
    List<Consumer<Script>> anywhere = new ArrayList<>();
    for (NodeHold hold : OfCore.reversed(device.holds())) {
      Consumer<Script> puts = each -> putHold(each, hold, device, doer);
      if (device.ordered()) {
        puts.accept(by);
      } else {
        anywhere.add(puts);
      }
    }
    for (Link link : applied.links()) {
      boolean drivers =
          link.kind() == AppliedOverlay.Kind.DRIVERS && link.consumer().equals(device.name());
      if (drivers && purged.add(link.name())) {
        anywhere.add(each -> device_link_drop_managed(each, link, doer));
      }
    }
    if (!anywhere.isEmpty()) {
      inAnyOrder(by, device, anywhere);
    }
  }

  private void putHold(Script by, NodeHold hold, Device device, Doer doer) {
    if (hold.device().isEmpty()) {
      releaseHold(by, hold, device, doer);
    } else {
      put_device(by, hold.device(), "device_unregister(), " + DriverCore.CORE, doer);
    }
  }

  /** What a driver does while it is unbound, of which nobody knows in what order. */
  private void inAnyOrder(Script by, Device device, List<Consumer<Script>> done) {
    Variable left = parts.variable("left to the driver of " + device.name(), 0, done.size());
    String where = "device_unbind_cleanup(), drivers/base/dd.c";
    by.hidden("unbinds " + device.name(), where, List.of(), left.becomes(done.size()));
    for (int i = 0; i < done.size(); i++) {
      Script own = new Script();
      own.onlyIf(List.of(left.atLeast(1).as(device.name() + " is unbound")));
      done.get(i).accept(own);
      own.also(left.plus(-1));
      parts.agentThatMayRest("driver of " + device.name() + ", " + (i + 1), own.written());
    }
    by.hidden(
        "the driver of " + device.name() + " is done",
        where,
        List.of(left.is(0).as("nothing is left to the driver of " + device.name())));
  }

  /** The device of a class goes with which a reference is returned; or the driver returns it. */
  private void releaseHold(Script by, NodeHold hold, Device device, Doer doer) {
    if (policy.delayed() && hold.onRelease()) {
      String name = hold.putBy() + " of " + device.name();
      Variable armed = armed(name, later -> of_node_put(later, hold, Doers.OTHER));
      by.hidden("kobject_release(" + name + ") is delayed", KOBJECT, List.of(), armed.becomes(1));
    } else {
      of_node_put(by, hold, doer);
    }
  }

  /** drivers/base/core.c: the links that last as long as the consumer is bound, newest first. */
  private void __device_links_no_driver(Script by, Device device, Doer doer) {
    for (Link link : OfCore.reversed(applied.links())) {
      if (link.kind() == AppliedOverlay.Kind.AUTOREMOVE
          && link.consumer().equals(device.name())
          && purged.add(link.name())) {
        device_link_drop_managed(by, link, doer);
      }
    }
  }

  private void of_node_put(Script by, NodeHold hold, Doer doer) {
    OfCore.of_node_put(by, node(hold.path()), DRIVER_PUTS_NODE, doer, hold.putBy() + "()");
  }

  /** drivers/base/bus.c: {@code echo DEVICE >unbind}, the last device first. */
  private void unbind_store(Script by) {
    for (Device device : applied.unbinding()) {
      device_release_driver(by, device, Doers.UNBINDER);
      by.pause();
    }
  }

  /** drivers/base/core.c: the links to suppliers, then those to consumers, the newest first. */
  private void device_links_purge(Script by, Device device, Doer doer) {
    for (Link link : OfCore.reversed(applied.links())) {
      if (link.consumer().equals(device.name()) && purged.add(link.name())) {
        device_link_drop_managed(by, link, doer);
      }
    }
    for (Link link : OfCore.reversed(applied.links())) {
      if (link.supplier().equals(device.name()) && purged.add(link.name())) {
        device_link_drop_managed(by, link, doer);
      }
    }
    if (policy.fix() == Fix.SRCU_BARRIER) {
      srcu_barrier(by);
    }
  }

  /**
   * kernel/rcu/srcutree.c: waits for callbacks. A work item that sleeps in {@code
   * synchronize_srcu()} has one too, but what the item does after that is not waited for.
   */
  private void srcu_barrier(Script by) {
    by.pause();
    pending.ifPresent(
        callbacks ->
            by.hidden(
                "srcu_barrier() returns",
                "device_links_purge(), " + DriverCore.CORE,
                List.of(callbacks.is(0).as("no SRCU callback is pending"))));
  }

  /** drivers/base/core.c: {@code device_unregister(&link->link_dev)} drops its last reference. */
  private void device_link_drop_managed(Script by, Link link, Doer doer) {
    if (policy.delayed()) {
      Variable armed = armed(link.name(), later -> devlink_dev_release(later, link, Doers.OTHER));
      by.hidden(
          "kobject_release(" + link.shortName() + ") is delayed",
          KOBJECT,
          List.of(),
          armed.becomes(1));
    } else {
      devlink_dev_release(by, link, doer);
    }
  }

  /**
   * drivers/base/core.c; only at an unbinding is the overlay's node not detached yet. What of a fix
   * is for nodes of overlays is not for links of the base tree's devices: {@code
   * device_link_release_now()}, patch 0003.
   */
  private void devlink_dev_release(Script by, Link link, Doer doer) {
    Label label = new Label(RELEASE_LINK, link.name(), doer);
    String where = "devlink_dev_release(), " + DriverCore.CORE;
    boolean now =
        policy.fix() == Fix.FLAG_OVERLAY
            || (policy.fix() == Fix.SYNC_OVERLAY && !doer.equals(Doers.UNBINDER));
    if (now && !link.ofBase()) {
      by.shows(label, where, List.of());
      by.pause(); // synchronize_srcu()
      device_link_free(by, link, doer.equals(Doers.OTHER) ? Doers.WORK : doer);
      return;
    }
    // call_srcu(), or queue_work()
    by.shows(label, where, List.of(), released(link).becomes(1));
    pending.ifPresent(each -> by.also(each.plus(1)));
  }

  /** drivers/base/core.c. */
  private void device_link_free(Script by, Link link, Doer doer) {
    String where = "device_link_free(), " + DriverCore.CORE;
    for (String device : List.of(link.consumer(), link.supplier())) {
      if (link.unwatched().contains(device)) {
        put_device(by, device, where, doer);
      } else {
        put_device(by, device, new Label(LINK_PUTS_DEVICE, device, doer), where);
      }
    }
  }

  /** A device of the base tree has holders that stay. */
  private void put_device(Script by, String device, Label label, String where) {
    Variable refs = deviceRefs.get(device);
    if (refs == null) {
      by.shows(label, where, List.of());
      return;
    }
    DriverCore.put_device(by, refs, label, where, () -> kobject_release(by, device, label.doer()));
  }

  /** Of one that nobody watches: what a driver made, or what is of the base tree. */
  private void put_device(Script by, String name, String where, Doer doer) {
    Variable refs = deviceRefs.get(name);
    String does = "put_device(" + name + ")";
    if (refs == null) {
      by.hidden(does, where, List.of());
      return;
    }
    by.either(
        () -> {
          by.hidden(does + ", the last", where, List.of(refs.is(1)), refs.becomes(0));
          for (Device device : applied.devices()) {
            device.holds().stream()
                .filter(hold -> hold.device().equals(name))
                .forEach(hold -> releaseHold(by, hold, device, doer));
          }
        },
        () -> by.hidden(does, where, List.of(refs.atLeast(2)), refs.plus(-1)));
  }

  /** lib/kobject.c: at once, or after a delay under {@code CONFIG_DEBUG_KOBJECT_RELEASE}. */
  private void kobject_release(Script by, String device, Doer doer) {
    if (!policy.delayed()) {
      release(by, device, doer);
      return;
    }
    by.also(armed(device, later -> release(later, device, Doers.OTHER)).becomes(1));
  }

  /** As {@code platform_device_release()}, drivers/base/platform.c. */
  private void release(Script by, String name, Doer doer) {
    Device device = device(name).orElseThrow();
    if (doer.equals(Doers.CALLBACK) && device.sleeps()) {
      might_sleep(by, name);
    }
    if (device.bus().putsNodeFirst()) {
      by.hidden(name + " is released", "device_release(), " + DriverCore.CORE, List.of());
      return;
    }
    OfCore.lastPut(by, node(device.path()), device.bus().putsNode(), doer, nodePutIn(device.bus()));
  }

  /**
   * kernel/sched/core.c: complains under {@code CONFIG_DEBUG_ATOMIC_SLEEP}, once a second at most.
   */
  private void might_sleep(Script by, String device) {
    String where = "device_release(), " + DriverCore.CORE;
    by.either(
        () ->
            by.shows(
                new Label(RELEASE_SLEEPS, device, Doers.CALLBACK),
                where,
                List.of(),
                slept(device).becomes(1)),
        () -> by.hidden("sleeps in an SRCU callback, and nobody looks", where, List.of()));
  }

  /** drivers/base/core.c: {@code flush_workqueue(device_link_wq)}. */
  private void device_link_wait_removal(Script by) {
    pending.ifPresent(
        work ->
            by.hidden(
                "flush_workqueue(device_link_wq) returns",
                "device_link_wait_removal(), " + DriverCore.CORE,
                List.of(work.is(0).as("device_link_wq is empty"))));
  }

  // The others.

  /** {@code device_link_release_fn()} as a work item, or {@code __device_link_free_srcu()}. */
  private void linkAgent(Link link) {
    Script by = new Script();
    List<Condition> released = List.of(released(link).is(1).as(link.shortName() + " is released"));
    if (policy.grace() == Grace.SLOW) {
      List<Condition> graceOver = new ArrayList<>(released);
      graceOver.addAll(idle);
      by.hidden("the grace period ends", "synchronize_srcu(), kernel/rcu/srcutree.c", graceOver);
    } else {
      by.onlyIf(released);
    }
    boolean callback = policy.release() == Release.CALL_SRCU;
    device_link_free(by, link, callback ? Doers.CALLBACK : Doers.WORK);
    pending.ifPresent(each -> by.also(each.plus(-1)));
    parts.agentThatMayRest("link " + link.shortName(), by.written());
  }

  /** {@code kobject_delayed_cleanup()}, lib/kobject.c: not before a second has passed. */
  private void timerAgent(String name, Timer timer) {
    Script.Written body = timer.script().written();
    Set<String> earlier = new TreeSet<>();
    Long own = due.get(name);
    if (own != null) {
      due.forEach(
          (other, at) -> {
            if (at + LATE < own) {
              earlier.add(other);
            }
          });
    }
    List<Condition> expired = new ArrayList<>();
    expired.add(timer.armed().is(1).as("the release of " + name + " is due"));
    expired.addAll(done);
    for (String other : earlier) {
      Timer first = timers.get(other);
      if (first != null) {
        expired.add(first.armed().is(2).as("the release of " + other + ", due before it, is over"));
      }
    }
    List<Step> steps = new ArrayList<>();
    for (Step step : body.steps()) {
      List<Condition> guard = new ArrayList<>(step.guard());
      List<Effect> effects = new ArrayList<>(step.effects());
      if (step.from() == 0) {
        guard.addAll(0, expired);
      }
      if (step.to() == body.end()) {
        effects.add(timer.armed().becomes(2));
      }
      steps.add(
          new Step(
              step.from(), step.to(), guard, effects, step.label(), step.does(), step.where()));
    }
    parts.agentThatMayRest("timer " + name, new Script.Written(steps, body.end(), body.pauses()));
  }

  /** A driver whose probe goes on while the removal begins: {@code really_probe()}. */
  private void proberAgent(Device device) {
    Script by = new Script();
    for (NodeHold hold : device.holds()) {
      by.shows(
          new Label(DRIVER_GETS_NODE, hold.path(), Doers.OTHER),
          hold.getBy() + "()",
          List.of(),
          gained(hold.path()));
    }
    by.hidden(
        "the probe ends, device_unlock(" + device.name() + ")",
        "really_probe(), drivers/base/dd.c",
        List.of(),
        probing.orElseThrow().becomes(0));
    parts.agent("probe of " + device.name(), by.written());
  }

  /** Looks one node up, while it is still in the tree, and returns it. */
  private void readerAgent() {
    Script by = new Script();
    List<Runnable> ways = new ArrayList<>();
    for (OfNode node : nodes) {
      Variable refs = node.refs();
      if (refs != null) {
        int attached = refs.initial();
        ways.add(
            () -> {
              by.shows(
                  new Label(READER_GETS_NODE, node.path(), Doers.OTHER),
                  "of_find_node_by_path(), drivers/of/base.c",
                  List.of(refs.is(attached).as(node.path() + " is attached")),
                  refs.plus(1));
              by.shows(
                  new Label(READER_PUTS_NODE, node.path(), Doers.OTHER),
                  "of_node_put(), " + OfCore.DYNAMIC,
                  List.of(),
                  refs.plus(-1));
            });
      }
    }
    if (!ways.isEmpty()) {
      by.either(ways.toArray(Runnable[]::new));
      parts.agentThatMayRest("reader", by.written());
    }
  }

  // The small things.

  /** The device that still probes under {@link Situation#PROBE}: the last consumer that binds. */
  private Optional<Device> prober() {
    return OfCore.reversed(applied.devices()).stream()
        .filter(Device::bound)
        .filter(
            device -> applied.links().stream().anyMatch(l -> l.consumer().equals(device.name())))
        .findFirst();
  }

  private Optional<Device> device(String name) {
    return applied.devices().stream().filter(each -> each.name().equals(name)).findFirst();
  }

  /** One that is not in the changeset stays: of the base tree, below what is switched on. */
  private OfNode node(String path) {
    return nodes.stream()
        .filter(each -> each.path().equals(path))
        .findFirst()
        .orElseGet(() -> new OfNode(path, 0, null, null, false, false));
  }

  private Effect[] gained(String path) {
    Variable refs = node(path).refs();
    return refs == null ? Script.NO_EFFECT : new Effect[] {refs.plus(1)};
  }

  private Variable released(Link link) {
    return released.computeIfAbsent(
        link.name(), name -> parts.flag("released(" + link.shortName() + ")"));
  }

  private Variable slept(String device) {
    return parts.fact(
        "slept(" + device + ")",
        Machine.Kind.BREACH,
        "the release of " + device + " sleeps in an SRCU callback");
  }

  /** 1 while the delayed release of a kobject is to come, 2 once it is over. */
  private Variable armed(String name, Consumer<Script> release) {
    Timer timer = timers.get(name);
    if (timer == null) {
      timer = new Timer(parts.variable("timer(" + name + ")", 0, 2), new Script());
      timers.put(name, timer);
      release.accept(timer.script());
    }
    return timer.armed();
  }
}
