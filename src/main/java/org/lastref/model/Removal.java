package org.lastref.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.lastref.model.Label.Act;
import org.lastref.model.Label.Doer;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.lastref.model.Population.ChangedNode;
import org.lastref.model.Population.Device;
import org.lastref.model.Population.Kind;
import org.lastref.model.Population.Link;
import org.lastref.model.Population.NodeHold;

/**
 * The removal of an overlay, written down as a {@link Machine} in the kernel's own terms: each
 * method is a kernel function, named as there, and says what it does to the reference counts. The
 * functions are those of Linux 6.1.192 with the patches in {@code harness/kernel/patches}; where a
 * policy differs, the difference is one condition, as it is in its patch.
 *
 * <p>One agent removes the overlay. Each device link has one that lets go of consumer and supplier
 * once the link was released and its grace period is over; they are independent of each other,
 * whether they are work items or SRCU callbacks, which allows some orders of callbacks that the
 * kernel does not show. Under delayed release each kobject has a timer.
 */
@SuppressWarnings("MemberName") // the kernel's
public final class Removal {

  private static final String CORE = "drivers/base/core.c";
  private static final String DYNAMIC = "drivers/of/dynamic.c";
  private static final String OVERLAY = "drivers/of/overlay.c";
  private static final String PLATFORM = "drivers/base/platform.c";
  private static final String KOBJECT = "lib/kobject.c";

  /** How much later than it was due a delayed release may begin, in microseconds. */
  private static final long LATE = 300_000;

  private final Population population;
  private final Policy policy;
  private final Situation situation;
  private final Map<String, Long> due;
  private final List<Variable> variables = new ArrayList<>();
  private final List<Agent> agents = new ArrayList<>();
  private final List<Machine.Fact> facts = new ArrayList<>();

  /** The references to each node that the overlay added, by path. */
  private final Map<String, Variable> nodeRefs = new HashMap<>();

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

  /** How many released links have not let go yet, if somebody waits for that. */
  private final Optional<Variable> pending;

  /** Where a thread that removes is not running: then slow grace periods may end. */
  private final List<Condition> idle = new ArrayList<>();

  /** Where it is done. */
  private final List<Condition> done = new ArrayList<>();

  private record Timer(Variable armed, Script script) {}

  private Removal(
      Population population, Policy policy, Situation situation, Map<String, Long> due) {
    this.population = population;
    this.policy = policy;
    this.situation = situation;
    this.due = Map.copyOf(due);
    boolean barrier = policy.fix() == Fix.SRCU_BARRIER && policy.release() == Release.CALL_SRCU;
    boolean flush = policy.fix().flushes() && policy.release() == Release.DEDICATED_WQ;
    pending =
        barrier
            ? Optional.of(variable("callbacks", 0, population.links().size()))
            : flush
                ? Optional.of(variable("work on device_link_wq", 0, population.links().size()))
                : Optional.empty();
  }

  /**
   * Every way in which an overlay may be removed.
   *
   * @param population what the overlay put into the kernel
   * @param policy how that kernel lets links go
   * @param situation what else happens
   */
  public static Machine of(Population population, Policy policy, Situation situation) {
    return new Removal(population, policy, situation, Map.of()).machine();
  }

  /**
   * The same where it is known when each delayed release is due.
   *
   * @param due by the kobject's name, in microseconds of the kernel's clock; releases that are due
   *     at about the same time may come in any order
   */
  public static Machine of(
      Population population, Policy policy, Situation situation, Map<String, Long> due) {
    return new Removal(population, policy, situation, due).machine();
  }

  private Machine machine() {
    prepare();
    int removers = situation == Situation.TWICE ? 2 : 1;
    Locking locking = locking(removers);
    for (int i = 1; i <= removers; i++) {
      unbound.clear();
      purged.clear();
      Script script = new Script();
      of_overlay_remove(script, locking);
      Script.Written written = script.written();
      String name = removers == 1 ? "remover" : "remover " + i;
      Agent agent = agent(name, written, false);
      Set<Variable> waitedFor = new HashSet<>();
      pending.ifPresent(waitedFor::add);
      probing.ifPresent(waitedFor::add);
      locking.ofMutex().ifPresent(waitedFor::add);
      idle.add(
          new Condition(
              agent.position(), List.copyOf(written.idle(waitedFor)), name + " waits or is done"));
      done.add(agent.position().is(written.end()).as(name + " is done"));
    }
    for (Link link : population.links()) {
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
    return new Machine(policy + " situation=" + situation, variables, agents, facts);
  }

  private void prepare() {
    Optional<Device> prober = situation == Situation.PROBE ? prober() : Optional.empty();
    probing = prober.map(device -> variable("probing(" + device.name() + ")", 1, 1));
    int readers = situation == Situation.READ ? 1 : 0;
    for (ChangedNode node : population.nodes()) {
      if (node.added()) {
        int holds = Refcounts.of(node, population).size();
        int later =
            (int)
                prober.stream()
                    .flatMap(device -> device.holds().stream())
                    .filter(hold -> hold.path().equals(node.path()))
                    .count();
        nodeRefs.put(
            node.path(), variable("refs(" + node.path() + ")", holds - later, holds + readers));
      }
    }
    for (Device device : population.devices()) {
      int links =
          (int) population.links().stream().filter(link -> link.touches(device.name())).count();
      deviceRefs.put(device.name(), variable("refs(" + device.name() + ")", links + 1, links + 1));
    }
    for (ChangedNode node : population.nodes()) {
      if (node.added()) {
        Variable flag = variable("reported(" + node.path() + ")", 0, 1);
        facts.add(new Machine.Fact(flag, Machine.Kind.REPORT, node.path()));
      }
    }
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
            Optional.of(variable("of_mutex", 0, 1)), Optional.of(variable("changeset", 0, 2)));
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
    __of_changeset_revert_entries(by);
    __of_changeset_revert_notify(by);
    if (policy.fix() == Fix.WAIT_UNLOCKED) {
      locking
          .ofMutex()
          .ifPresent(
              ofMutex ->
                  by.hidden(
                      "mutex_unlock(&of_mutex)",
                      OVERLAY,
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
                      OVERLAY,
                      List.of(ofMutex.is(0)),
                      ofMutex.becomes(1)));
    }
    of_changeset_destroy(by);
    locking
        .ofMutex()
        .ifPresent(
            ofMutex -> {
              if (population.nodes().isEmpty()) {
                by.hidden("kfree(ovcs)", OVERLAY, List.of());
              }
              by.also(ofMutex.becomes(0));
              by.also(locking.changeset().get().becomes(GONE));
            });
  }

  private void idr_find(Script by, Variable ofMutex, Variable changeset) {
    Variable twice =
        facts.stream()
            .filter(fact -> fact.kind() == Machine.Kind.WRONG)
            .map(Machine.Fact::flag)
            .findFirst()
            .orElseGet(
                () -> {
                  Variable flag = variable("reverted twice", 0, 1);
                  facts.add(
                      new Machine.Fact(
                          flag,
                          Machine.Kind.WRONG,
                          "a changeset is reverted while it is destroyed"));
                  return flag;
                });
    by.either(
        () ->
            by.hidden(
                "mutex_lock(&of_mutex); idr_find() finds the changeset",
                OVERLAY,
                List.of(ofMutex.is(0), changeset.is(APPLIED)),
                ofMutex.becomes(1)),
        () -> {
          by.hidden(
              "mutex_lock(&of_mutex); idr_find() finds nothing: -ENODEV",
              OVERLAY,
              List.of(ofMutex.is(0), changeset.is(GONE)));
          by.stop();
        },
        () -> {
          by.hidden(
              "mutex_lock(&of_mutex); idr_find() finds the changeset once more",
              OVERLAY,
              List.of(ofMutex.is(0), changeset.is(REVERTED)),
              twice.becomes(1));
          by.stop();
        });
  }

  /** drivers/of/dynamic.c: the last entry first. */
  private void __of_changeset_revert_entries(Script by) {
    for (ChangedNode node : reversed(population.nodes())) {
      if (node.added()) {
        __of_detach_node_sysfs(by, node);
      }
    }
  }

  /** drivers/of/kobj.c. */
  private void __of_detach_node_sysfs(Script by, ChangedNode node) {
    by.shows(
        new Label(Act.DETACH_NODE, node.path(), Doer.REMOVER),
        "__of_detach_node_sysfs(), drivers/of/kobj.c",
        List.of(),
        refs(node.path()).plus(-1));
  }

  /** drivers/of/dynamic.c; {@code of_platform_notify()} destroys each node's device. */
  private void __of_changeset_revert_notify(Script by) {
    for (ChangedNode node : reversed(population.nodes())) {
      population.deviceOf(node.path()).ifPresent(device -> platform_device_unregister(by, device));
    }
  }

  /** drivers/base/platform.c. */
  private void platform_device_unregister(Script by, Device device) {
    device_release_driver(by, device, Doer.REMOVER);
    device_links_purge(by, device);
    put_device(
        by,
        device.name(),
        new Label(Act.REMOVER_PUTS_DEVICE, device.name(), Doer.REMOVER),
        "platform_device_put(), " + PLATFORM);
  }

  /**
   * drivers/base/dd.c: {@code device_links_unbind_consumers()}, then the driver's own remove and
   * {@code devres_release_all()}, the last taken first, then {@code device_links_driver_cleanup()}.
   */
  private void device_release_driver(Script by, Device device, Doer doer) {
    if (!device.bound() || !unbound.add(device.name())) {
      return;
    }
    for (Link link : population.links()) {
      if (link.supplier().equals(device.name())) {
        device(link.consumer()).ifPresent(each -> device_release_driver(by, each, doer));
      }
    }
    if (prober().equals(Optional.of(device))) {
      probing.ifPresent(
          still -> by.hidden("device_lock(" + device.name() + ")", CORE, List.of(still.is(0))));
    }
    for (NodeHold hold : reversed(device.holds())) {
      if (policy.delayed() && hold.onRelease()) {
        String name = hold.putBy() + " of " + device.name();
        Variable armed = armed(name, later -> of_node_put(later, hold, Doer.OTHER));
        by.hidden("kobject_release(" + name + ") is delayed", KOBJECT, List.of(), armed.becomes(1));
      } else {
        of_node_put(by, hold, doer);
      }
    }
    __device_links_no_driver(by, device, doer);
  }

  /** drivers/base/core.c: the links that last as long as the consumer is bound, newest first. */
  private void __device_links_no_driver(Script by, Device device, Doer doer) {
    for (Link link : reversed(population.links())) {
      if (link.kind() == Kind.AUTOREMOVE
          && link.consumer().equals(device.name())
          && purged.add(link.name())) {
        device_link_drop_managed(by, link, doer);
      }
    }
  }

  private void of_node_put(Script by, NodeHold hold, Doer doer) {
    by.shows(
        new Label(Act.DRIVER_PUTS_NODE, hold.path(), doer),
        hold.putBy() + "()",
        List.of(),
        plus(nodeRefs.get(hold.path()), -1));
  }

  /** drivers/base/bus.c: {@code echo DEVICE >unbind}, the last device first. */
  private void unbind_store(Script by) {
    for (Device device : reversed(population.devices())) {
      device_release_driver(by, device, Doer.UNBINDER);
      by.pause();
    }
  }

  /** drivers/base/core.c: the links to suppliers, then those to consumers, the newest first. */
  private void device_links_purge(Script by, Device device) {
    for (Link link : reversed(population.links())) {
      if (link.consumer().equals(device.name()) && purged.add(link.name())) {
        device_link_drop_managed(by, link, Doer.REMOVER);
      }
    }
    for (Link link : reversed(population.links())) {
      if (link.supplier().equals(device.name()) && purged.add(link.name())) {
        device_link_drop_managed(by, link, Doer.REMOVER);
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
                "device_links_purge(), " + CORE,
                List.of(callbacks.is(0).as("no SRCU callback is pending"))));
  }

  /** drivers/base/core.c: {@code device_unregister(&link->link_dev)} drops its last reference. */
  private void device_link_drop_managed(Script by, Link link, Doer doer) {
    if (policy.delayed()) {
      Variable armed = armed(link.name(), later -> devlink_dev_release(later, link, Doer.OTHER));
      by.hidden(
          "kobject_release(" + link.shortName() + ") is delayed",
          KOBJECT,
          List.of(),
          armed.becomes(1));
    } else {
      devlink_dev_release(by, link, doer);
    }
  }

  /** drivers/base/core.c; only at an unbinding is the overlay's node not detached yet. */
  private void devlink_dev_release(Script by, Link link, Doer doer) {
    Label label = new Label(Act.RELEASE_LINK, link.name(), doer);
    String where = "devlink_dev_release(), " + CORE;
    if (policy.fix() == Fix.FLAG_OVERLAY
        || (policy.fix() == Fix.SYNC_OVERLAY && doer != Doer.UNBINDER)) {
      by.shows(label, where, List.of());
      by.pause(); // synchronize_srcu()
      device_link_free(by, link, doer == Doer.OTHER ? Doer.WORK : doer);
      return;
    }
    // call_srcu(), or queue_work()
    by.shows(label, where, List.of(), released(link).becomes(1));
    pending.ifPresent(each -> by.also(each.plus(1)));
  }

  /** drivers/base/core.c. */
  private void device_link_free(Script by, Link link, Doer doer) {
    for (String device : List.of(link.consumer(), link.supplier())) {
      put_device(
          by, device, new Label(Act.LINK_PUTS_DEVICE, device, doer), "device_link_free(), " + CORE);
    }
  }

  /** The last put of a device of the overlay is followed by its release. */
  private void put_device(Script by, String device, Label label, String where) {
    Variable refs = deviceRefs.get(device);
    if (refs == null) {
      by.shows(label, where, List.of());
      return;
    }
    by.either(
        () -> {
          by.shows(label, where, List.of(refs.is(1)), refs.becomes(0));
          kobject_release(by, device, label.doer());
        },
        () -> by.shows(label, where, List.of(refs.atLeast(2)), refs.plus(-1)));
  }

  /** lib/kobject.c: at once, or after a delay under {@code CONFIG_DEBUG_KOBJECT_RELEASE}. */
  private void kobject_release(Script by, String device, Doer doer) {
    if (!policy.delayed()) {
      platform_device_release(by, device, doer);
      return;
    }
    by.also(armed(device, later -> platform_device_release(later, device, Doer.OTHER)).becomes(1));
  }

  /** drivers/base/platform.c. */
  private void platform_device_release(Script by, String device, Doer doer) {
    String path = device(device).orElseThrow().path();
    if (doer == Doer.CALLBACK && device(device).orElseThrow().sleeps()) {
      might_sleep(by, device);
    }
    by.shows(
        new Label(Act.DEVICE_PUTS_NODE, path, doer),
        "platform_device_release(), " + PLATFORM,
        List.of(),
        plus(nodeRefs.get(path), -1));
  }

  /**
   * kernel/sched/core.c: complains under {@code CONFIG_DEBUG_ATOMIC_SLEEP}, once a second at most.
   */
  private void might_sleep(Script by, String device) {
    String where = "device_release(), " + CORE;
    by.either(
        () ->
            by.shows(
                new Label(Act.RELEASE_SLEEPS, device, Doer.CALLBACK),
                where,
                List.of(),
                slept(device).becomes(1)),
        () -> by.hidden("sleeps in an SRCU callback, and nobody looks", where, List.of()));
  }

  /** drivers/of/dynamic.c. */
  private void of_changeset_destroy(Script by) {
    if (policy.fix() == Fix.WAIT_REMOVAL) {
      device_link_wait_removal(by);
    }
    for (ChangedNode node : reversed(population.nodes())) {
      for (int entry = 1; entry < node.entries(); entry++) {
        putEntry(by, node);
      }
      if (node.added()) {
        __of_changeset_entry_destroy(by, node);
      }
      putEntry(by, node);
    }
  }

  /** drivers/base/core.c: {@code flush_workqueue(device_link_wq)}. */
  private void device_link_wait_removal(Script by) {
    pending.ifPresent(
        work ->
            by.hidden(
                "flush_workqueue(device_link_wq) returns",
                "device_link_wait_removal(), " + CORE,
                List.of(work.is(0).as("device_link_wq is empty"))));
  }

  /** drivers/of/dynamic.c: an attached node should have no other holder by now. */
  private void __of_changeset_entry_destroy(Script by, ChangedNode node) {
    Variable refs = refs(node.path());
    by.either(
        () ->
            by.shows(
                new Label(Act.REPORT_NODE, node.path(), Doer.REMOVER),
                "__of_changeset_entry_destroy(), " + DYNAMIC,
                List.of(refs.atLeast(2)),
                reported(node).becomes(1)),
        () ->
            by.hidden(
                "finds no other holder of " + node.path(),
                "__of_changeset_entry_destroy(), " + DYNAMIC,
                List.of(refs.is(1))));
  }

  private void putEntry(Script by, ChangedNode node) {
    by.shows(
        new Label(Act.CHANGESET_PUTS_NODE, node.path(), Doer.REMOVER),
        "of_changeset_destroy(), " + DYNAMIC,
        List.of(),
        plus(nodeRefs.get(node.path()), -1));
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
    device_link_free(by, link, callback ? Doer.CALLBACK : Doer.WORK);
    pending.ifPresent(each -> by.also(each.plus(-1)));
    agent("link " + link.shortName(), by.written(), true);
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
    agent("timer " + name, new Script.Written(steps, body.end(), body.pauses()), true);
  }

  /** A driver whose probe goes on while the removal begins: {@code really_probe()}. */
  private void proberAgent(Device device) {
    Script by = new Script();
    for (NodeHold hold : device.holds()) {
      by.shows(
          new Label(Act.DRIVER_GETS_NODE, hold.path(), Doer.OTHER),
          hold.getBy() + "()",
          List.of(),
          plus(nodeRefs.get(hold.path()), 1));
    }
    by.hidden(
        "the probe ends, device_unlock(" + device.name() + ")",
        "really_probe(), drivers/base/dd.c",
        List.of(),
        probing.orElseThrow().becomes(0));
    agent("probe of " + device.name(), by.written(), false);
  }

  /** Looks one node up, while it is still in the tree, and returns it. */
  private void readerAgent() {
    Script by = new Script();
    List<Runnable> ways = new ArrayList<>();
    for (ChangedNode node : population.nodes()) {
      if (node.added()) {
        Variable refs = refs(node.path());
        int attached = refs.initial();
        ways.add(
            () -> {
              by.shows(
                  new Label(Act.READER_GETS_NODE, node.path(), Doer.OTHER),
                  "of_find_node_by_path(), drivers/of/base.c",
                  List.of(refs.is(attached).as(node.path() + " is attached")),
                  refs.plus(1));
              by.shows(
                  new Label(Act.READER_PUTS_NODE, node.path(), Doer.OTHER),
                  "of_node_put(), " + DYNAMIC,
                  List.of(),
                  refs.plus(-1));
            });
      }
    }
    if (!ways.isEmpty()) {
      by.either(ways.toArray(Runnable[]::new));
      agent("reader", by.written(), true);
    }
  }

  // The small things.

  private Variable variable(String name, int initial, int max) {
    Variable variable = new Variable(variables.size(), name, initial, max);
    variables.add(variable);
    return variable;
  }

  private Agent agent(String name, Script.Written written, boolean mayRestAtFirst) {
    int last = written.steps().stream().mapToInt(Step::to).max().orElse(0);
    Variable position = variable(name + " at", 0, last);
    Set<Integer> rests = mayRestAtFirst ? Set.of(0, written.end()) : Set.of(written.end());
    Agent agent = new Agent(name, position, written.steps(), rests);
    agents.add(agent);
    return agent;
  }

  /** The device that still probes under {@link Situation#PROBE}: the last consumer that binds. */
  private Optional<Device> prober() {
    return reversed(population.devices()).stream()
        .filter(Device::bound)
        .filter(
            device -> population.links().stream().anyMatch(l -> l.consumer().equals(device.name())))
        .findFirst();
  }

  private Optional<Device> device(String name) {
    return population.devices().stream().filter(each -> each.name().equals(name)).findFirst();
  }

  private Variable refs(String path) {
    Variable refs = nodeRefs.get(path);
    if (refs == null) {
      throw new IllegalStateException(path + " was not added");
    }
    return refs;
  }

  private Variable released(Link link) {
    return released.computeIfAbsent(
        link.name(), name -> variable("released(" + link.shortName() + ")", 0, 1));
  }

  private Variable reported(ChangedNode node) {
    return facts.stream()
        .filter(fact -> fact.what().equals(node.path()))
        .map(Machine.Fact::flag)
        .findFirst()
        .orElseThrow();
  }

  private Variable slept(String device) {
    String what = "the release of " + device + " sleeps in an SRCU callback";
    return facts.stream()
        .filter(fact -> fact.what().equals(what))
        .map(Machine.Fact::flag)
        .findFirst()
        .orElseGet(
            () -> {
              Variable flag = variable("slept(" + device + ")", 0, 1);
              facts.add(new Machine.Fact(flag, Machine.Kind.BREACH, what));
              return flag;
            });
  }

  /** 1 while the delayed release of a kobject is to come, 2 once it is over. */
  private Variable armed(String name, Consumer<Script> release) {
    Timer timer = timers.get(name);
    if (timer == null) {
      timer = new Timer(variable("timer(" + name + ")", 0, 2), new Script());
      timers.put(name, timer);
      release.accept(timer.script());
    }
    return timer.armed();
  }

  private static Effect[] plus(@Nullable Variable refs, int difference) {
    return refs == null ? new Effect[0] : new Effect[] {refs.plus(difference)};
  }

  private static <T> List<T> reversed(List<T> list) {
    List<T> reversed = new ArrayList<>(list);
    Collections.reverse(reversed);
    return reversed;
  }
}
