package org.lastref.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.lastref.model.Label.Act;
import org.lastref.model.Label.Doer;

/**
 * A device of an overlay whose driver probes asynchronously, and what removes the overlay or
 * unloads the driver before, while or after it does. Each method is a kernel function, named as
 * there, of Linux 6.1.192 with the patches in {@code harness/kernel/patches}; the driver is {@code
 * harness/modules/lastref-slow.c}.
 *
 * <p>The attach that was put off holds the device from the moment it was scheduled, and returns it
 * as its last act, after the device's lock. {@code device_del()} waits for that only with {@code
 * async_attach.wait}: without, who removes the overlay before the attach has begun, or just as it
 * ends, finds its node still held.
 */
@SuppressWarnings("MemberName") // the kernel's
public final class AsyncProbe {

  /** The node and its device, as the overlay names them. */
  public static final String DEVICE = "lr-slow";

  /** The driver's name, as it has it on its bus. */
  public static final String DRIVER = "lastref-slow";

  private static final String NODE = "/" + DEVICE;
  private static final String LEFT = "a reference to " + NODE + " is never given back";
  private static final String THE_BOARD = "the board";
  private static final String DD = "drivers/base/dd.c";
  private static final String CORE = "drivers/base/core.c";
  private static final String BUS = "drivers/base/bus.c";
  private static final String ASYNC = "kernel/async.c";
  private static final String MODULE = "kernel/module/main.c";
  private static final String PLATFORM = "drivers/base/platform.c";
  private static final String DYNAMIC = "drivers/of/dynamic.c";
  private static final String SLOW = "harness/modules/lastref-slow.c";

  /** One of its own and one for each of its two properties. */
  private static final int ENTRIES = 3;

  /** What comes later, and so attaches: {@code __device_attach()} or {@code __driver_attach()}. */
  public enum Later {
    /** The driver is there when the overlay is applied. */
    DEVICE,
    /** The driver's module is loaded, and waits for its probes. */
    DRIVER,
    /** The driver's module is loaded with {@code async_probe}, and does not wait. */
    ASYNC_DRIVER
  }

  /** What is held back until the change is under way. */
  public enum Hold {
    /** Nothing: the change comes when the attach is over. */
    NOTHING,
    /** The workqueue: no asynchronous call begins. */
    QUEUE,
    /** The driver's probe, its references taken. */
    PROBE
  }

  /** How the probe ends. */
  public enum End {
    /** The driver is bound. */
    SUCCEEDS(Act.PROBE_SUCCEEDS),
    /** The device goes on the list of those to be probed again. */
    DEFERS(Act.PROBE_DEFERS),
    /** That is all. */
    FAILS(Act.PROBE_FAILS);

    private final Act act;

    End(Act act) {
      this.act = act;
    }
  }

  /** What the driver forgets to return. */
  public enum Keeps {
    /** It is right. */
    NOTHING,
    /** Its reference to the node. */
    NODE,
    /** Its reference to the device, which holds the node. */
    DEVICE
  }

  /** What comes first; the other one follows. */
  public enum Change {
    /** The overlay is removed. */
    REMOVE,
    /** The driver's module is unloaded. */
    UNLOAD
  }

  /** What is done on the board. */
  public record Course(Later later, Hold hold, End end, Change first) {}

  private final Course course;
  private final Keeps keeps;
  private final boolean waits;
  private final Assembly parts = new Assembly();

  private final Variable left;
  private final Variable node = parts.variable("refs(" + NODE + ")", ENTRIES, ENTRIES + 3);
  private final Variable device = parts.variable("refs(" + DEVICE + ")", 1, 7);
  private final Variable reported =
      parts.fact(Machine.Kind.BREACH, NODE + " is reported as leaked");
  private final Variable lock = parts.flag("device_lock(" + DEVICE + ")");
  private final Variable dead = parts.flag("dead(" + DEVICE + ")");
  private final Variable bound = parts.flag("bound(" + DEVICE + ")");
  private final Variable registered = parts.flag("on the bus(" + DRIVER + ")");
  private final Variable iterating = parts.flag("bus_for_each_drv at " + DRIVER);
  private final Variable pending = parts.flag("async_attaches(" + DEVICE + ")");

  /** The asynchronous call: 0 before it is queued, 1 until it is over, then 2. */
  private final Variable call = parts.variable("asynchronous call", 0, 2);

  private final Variable held = parts.variable("held back", 1, 1);
  private final Variable probing = parts.flag("probing");

  /** What an agent is to do and has done. */
  private record Task(Variable begun, Variable reached, Variable over) {}

  private final Task load = task("load");
  private final Task remove = task("remove");
  private final Task unload = task("unload");

  private Task task(String name) {
    return new Task(
        parts.flag(name + " begun"), parts.flag(name + " waits"), parts.flag(name + " over"));
  }

  private AsyncProbe(Course course, Keeps keeps, boolean waits) {
    this.course = course;
    this.keeps = keeps;
    this.waits = waits;
    left = parts.fact(keeps == Keeps.NOTHING ? Machine.Kind.WRONG : Machine.Kind.BREACH, LEFT);
  }

  /**
   * Every way that such a course may take.
   *
   * @param keeps what the driver forgets to return
   * @param waits whether {@code device_del()} waits for the attach, {@code async_attach.wait}
   */
  public static Machine of(Course course, Keeps keeps, boolean waits) {
    return new AsyncProbe(course, keeps, waits).machine();
  }

  private Machine machine() {
    agent("board", this::board);
    agent("loader", this::do_init_module);
    agent("attach", this::async_run_entry_fn);
    agent("remover", this::of_overlay_remove);
    agent("unloader", this::driver_unregister);
    return parts.machine("%s keeps=%s waits=%s".formatted(course, keeps, waits));
  }

  private void agent(String name, Consumer<Script> body) {
    Script script = new Script();
    body.accept(script);
    parts.agent(name, script);
  }

  private Label label(Act act, Doer doer) {
    return new Label(act, DEVICE, doer);
  }

  // The steps that the board is told.

  private void board(Script by) {
    if (course.later() == Later.DEVICE) {
      begins(by, load);
      until(by, load.over());
    }
    of_overlay_fdt_apply(by);
    if (course.later() != Later.DEVICE) {
      begins(by, load);
    }
    switch (course.hold()) {
      case NOTHING -> by.hidden("until the attach is over", ASYNC, List.of(call.is(2)));
      case QUEUE -> by.hidden("until the attach is queued", ASYNC, List.of(call.is(1)));
      case PROBE -> until(by, probing);
    }
    boolean removes = course.first() == Change.REMOVE;
    Task first = removes ? remove : unload;
    begins(by, first);
    if (course.hold() != Hold.NOTHING) {
      boolean blocked = course.hold() == Hold.PROBE || !removes || waits;
      until(by, blocked ? first.reached() : first.over());
      by.shows(
          new Label(
              Act.LET_GO, "hold_" + course.hold().name().toLowerCase(Locale.ROOT), Doer.OTHER),
          SLOW,
          List.of(),
          held.becomes(0));
    }
    until(by, first.over());
    Task second = removes ? unload : remove;
    begins(by, second);
    until(by, second.over());
    by.either(
        () -> by.hidden("no reference is left", THE_BOARD, List.of(node.is(0), device.is(0))),
        () -> by.hidden(LEFT, THE_BOARD, List.of(node.atLeast(1)), left.becomes(1)));
  }

  private static void begins(Script by, Task task) {
    by.hidden(task.begun().name(), THE_BOARD, List.of(), task.begun().becomes(1));
  }

  private static void until(Script by, Variable flag) {
    by.hidden("until " + flag.name(), THE_BOARD, List.of(flag.is(1)));
  }

  private static void over(Script by, Task task) {
    by.hidden(task.over().name(), THE_BOARD, List.of(), task.over().becomes(1));
  }

  /** drivers/of/overlay.c: the node is there, with a device that its bus and its parent hold. */
  private void of_overlay_fdt_apply(Script by) {
    by.shows(
        new Label(Act.ATTACH_NODE, NODE, Doer.APPLIER),
        "__of_attach_node_sysfs(), drivers/of/kobj.c",
        List.of(),
        node.plus(1));
    by.shows(
        new Label(Act.DEVICE_GETS_NODE, NODE, Doer.APPLIER),
        "of_device_alloc(), drivers/of/platform.c",
        List.of(),
        node.plus(1));
    by.shows(
        label(Act.BUS_GETS_DEVICE, Doer.APPLIER),
        "bus_add_device(), " + BUS,
        List.of(),
        device.plus(1));
    if (course.later() == Later.DEVICE) {
      async_schedule_dev(by, "__device_attach(), ", Doer.APPLIER);
    }
    by.shows(
        label(Act.PARENT_GETS_DEVICE, Doer.APPLIER),
        "device_add(), " + CORE,
        List.of(),
        device.plus(1));
  }

  /** drivers/base/dd.c: with the device's lock held. */
  private void async_schedule_dev(Script by, String function, Doer doer) {
    List<Effect> effects = new ArrayList<>(List.of(device.plus(1), call.becomes(1)));
    if (waits) {
      effects.add(pending.becomes(1));
    }
    by.shows(
        label(Act.ATTACH_GETS_DEVICE, doer),
        function + DD,
        List.of(lock.is(0)),
        effects.toArray(Effect[]::new));
  }

  // The driver's module.

  /** kernel/module/main.c: the module's init registers the driver. */
  private void do_init_module(Script by) {
    by.hidden(
        "klist_add_tail(" + DRIVER + ")",
        "bus_add_driver(), " + BUS,
        List.of(load.begun().is(1)),
        registered.becomes(1));
    if (course.later() != Later.DEVICE) {
      async_schedule_dev(by, "__driver_attach(), ", Doer.LOADER);
    }
    if (course.later() != Later.ASYNC_DRIVER) {
      async_synchronize_full(by, "do_init_module(), " + MODULE, Doer.LOADER);
    }
    over(by, load);
  }

  /** kernel/async.c. */
  private void async_synchronize_full(Script by, String where, Doer doer) {
    by.shows(
        new Label(Act.SYNCHRONIZE, DRIVER, doer),
        where,
        List.of(new Condition(call, List.of(0, 2), "no asynchronous call is pending")));
  }

  /** drivers/base/driver.c, and what {@code delete_module()} does after it. */
  private void driver_unregister(Script by) {
    by.shows(
        new Label(Act.UNREGISTER_DRIVER, DRIVER, Doer.UNLOADER),
        "drivers/base/driver.c",
        List.of(unload.begun().is(1)));
    bus_remove_driver(by);
    driver_detach(by);
    async_synchronize_full(by, "delete_module(), " + MODULE, Doer.UNLOADER);
    over(by, unload);
  }

  /** drivers/base/bus.c: nobody begins to attach to it, and who is at it is waited for. */
  private void bus_remove_driver(Script by) {
    boolean waitsHere = course.hold() == Hold.PROBE && course.later() == Later.DEVICE;
    List<Effect> effects = new ArrayList<>(List.of(registered.becomes(0)));
    if (waitsHere) {
      effects.add(unload.reached().becomes(1));
    }
    by.hidden(
        "klist_remove(" + DRIVER + ")",
        "bus_remove_driver(), " + BUS,
        List.of(),
        effects.toArray(Effect[]::new));
    by.hidden(
        "klist_remove(" + DRIVER + ") returns",
        "bus_remove_driver(), " + BUS,
        List.of(iterating.is(0)));
    by.shows(
        new Label(Act.DETACH_DRIVER, DRIVER, Doer.UNLOADER),
        "driver_detach(), " + DD,
        List.of(),
        waitsHere ? new Effect[0] : new Effect[] {unload.reached().becomes(1)});
  }

  /** drivers/base/dd.c. */
  private void driver_detach(Script by) {
    async_synchronize_full(by, "driver_detach(), " + DD, Doer.UNLOADER);
    by.either(
        () -> {
          by.shows(
              label(Act.DETACH_GETS_DEVICE, Doer.UNLOADER),
              "driver_detach(), " + DD,
              List.of(bound.is(1)),
              device.plus(1));
          device_release_driver(by, Doer.UNLOADER, List.of());
          by.shows(
              label(Act.DETACH_PUTS_DEVICE, Doer.UNLOADER),
              "driver_detach(), " + DD,
              List.of(),
              device.plus(-1));
        },
        () -> by.hidden("no device is bound", "driver_detach(), " + DD, List.of(bound.is(0))));
  }

  /** drivers/base/dd.c. */
  private void device_release_driver(Script by, Doer doer, List<Condition> guard) {
    List<Condition> unlocked = new ArrayList<>(guard);
    unlocked.add(lock.is(0));
    by.hidden(
        "device_lock()", "device_release_driver_internal(), " + DD, unlocked, lock.becomes(1));
    by.shows(label(Act.REMOVE_DRIVER, doer), "__device_release_driver(), " + DD, List.of());
    slow_put(by, doer);
    by.hidden(
        "device_unlock()",
        "device_release_driver_internal(), " + DD,
        List.of(),
        lock.becomes(0),
        bound.becomes(0));
  }

  private void slow_put(Script by, Doer doer) {
    if (keeps != Keeps.NODE) {
      by.shows(
          new Label(Act.DRIVER_PUTS_NODE, NODE, doer),
          "slow_put(), " + SLOW,
          List.of(),
          node.plus(-1));
    }
    if (keeps != Keeps.DEVICE) {
      by.shows(
          label(Act.DRIVER_PUTS_DEVICE, doer), "slow_put(), " + SLOW, List.of(), device.plus(-1));
    }
  }

  // The asynchronous call.

  /** kernel/async.c. */
  private void async_run_entry_fn(Script by) {
    List<Condition> begins = new ArrayList<>(List.of(call.is(1).as("it is queued")));
    if (course.hold() == Hold.QUEUE) {
      begins.add(held.is(0));
    }
    if (course.later() == Later.DEVICE) {
      __device_attach_async_helper(by, begins);
    } else {
      __driver_attach_async_helper(by, begins);
    }
    by.hidden("the call is over", "async_run_entry_fn(), " + ASYNC, List.of(), call.becomes(2));
  }

  /** drivers/base/dd.c. */
  private void __device_attach_async_helper(Script by, List<Condition> begins) {
    by.shows(label(Act.BEGIN_DEVICE_ATTACH, Doer.WORK), DD, begins);
    device_lock(by);
    by.either(
        () -> by.hidden("finds the device dead", DD, List.of(dead.is(1))),
        () -> by.hidden("bus_for_each_drv() finds none", DD, List.of(dead.is(0), registered.is(0))),
        () -> {
          by.hidden(
              "bus_for_each_drv() finds " + DRIVER,
              DD,
              List.of(dead.is(0), registered.is(1)),
              iterating.becomes(1));
          driver_probe_device(by);
          by.hidden("bus_for_each_drv() is over", DD, List.of(), iterating.becomes(0));
        });
    by.hidden("device_unlock()", DD, List.of(), lock.becomes(0));
    async_attach_put(by);
  }

  /** drivers/base/dd.c: the driver need not be on the bus any more. */
  private void __driver_attach_async_helper(Script by, List<Condition> begins) {
    by.shows(label(Act.BEGIN_DRIVER_ATTACH, Doer.WORK), DD, begins);
    device_lock(by);
    by.either(
        () -> by.hidden("finds the device dead: -ENODEV", DD, List.of(dead.is(1))),
        () -> {
          by.hidden("finds the device alive", DD, List.of(dead.is(0)));
          driver_probe_device(by);
        });
    by.hidden("device_unlock()", DD, List.of(), lock.becomes(0));
    async_attach_put(by);
  }

  private void device_lock(Script by) {
    by.hidden("device_lock()", DD, List.of(lock.is(0)), lock.becomes(1));
  }

  /** drivers/base/dd.c. */
  private void driver_probe_device(Script by) {
    by.shows(
        label(Act.BEGIN_PROBE, Doer.WORK), "really_probe(), " + DD, List.of(), probing.becomes(1));
    by.shows(
        new Label(Act.DRIVER_GETS_NODE, NODE, Doer.WORK),
        "slow_get(), " + SLOW,
        List.of(),
        node.plus(1));
    by.shows(
        label(Act.DRIVER_GETS_DEVICE, Doer.WORK), "slow_get(), " + SLOW, List.of(), device.plus(1));
    if (course.hold() == Hold.PROBE) {
      by.hidden("probe goes on", "slow_probe(), " + SLOW, List.of(held.is(0)));
    }
    if (course.end() == End.SUCCEEDS) {
      by.shows(label(Act.UNDEFER, Doer.WORK), "driver_bound(), " + DD, List.of());
    } else {
      slow_put(by, Doer.WORK);
    }
    by.shows(
        label(course.end().act, Doer.WORK),
        "really_probe(), " + DD,
        List.of(),
        bound.becomes(course.end() == End.SUCCEEDS ? 1 : 0));
    if (course.end() == End.DEFERS) {
      by.shows(label(Act.DEFER, Doer.WORK), "driver_probe_device(), " + DD, List.of());
    }
  }

  /** drivers/base/dd.c. */
  private void async_attach_put(Script by) {
    put_device(by, Act.ATTACH_PUTS_DEVICE, Doer.WORK, "async_attach_put(), " + DD);
    if (waits) {
      by.hidden("wake_up_var()", "async_attach_put(), " + DD, List.of(), pending.becomes(0));
    }
  }

  // The removal of the overlay.

  /** drivers/of/overlay.c. */
  private void of_overlay_remove(Script by) {
    by.shows(
        new Label(Act.DETACH_NODE, NODE, Doer.REMOVER),
        "__of_detach_node_sysfs(), drivers/of/kobj.c",
        List.of(remove.begun().is(1)),
        node.plus(-1));
    by.shows(
        label(Act.FINDER_GETS_DEVICE, Doer.REMOVER),
        "of_find_device_by_node(), drivers/of/platform.c",
        List.of(),
        device.plus(1));
    device_del(by);
    by.shows(
        label(Act.REMOVER_PUTS_DEVICE, Doer.REMOVER),
        "platform_device_unregister(), " + PLATFORM,
        List.of(),
        device.plus(-1));
    put_device(
        by, Act.REMOVER_PUTS_DEVICE, Doer.REMOVER, "of_platform_notify(), drivers/of/platform.c");
    of_changeset_destroy(by);
    over(by, remove);
  }

  /** drivers/base/core.c. */
  private void device_del(Script by) {
    boolean awaitsLock = course.hold() == Hold.PROBE;
    by.shows(
        label(Act.DELETE_DEVICE, Doer.REMOVER),
        "device_del(), " + CORE,
        List.of(),
        awaitsLock ? new Effect[] {remove.reached().becomes(1)} : new Effect[0]);
    by.hidden(
        "device_lock(), kill_device(), device_unlock()",
        "device_del(), " + CORE,
        List.of(lock.is(0)),
        dead.becomes(1));
    if (!awaitsLock) {
      by.hidden(
          "driver_async_attach_wait()",
          "device_del(), " + CORE,
          List.of(),
          remove.reached().becomes(1));
    }
    by.shows(
        label(Act.AWAIT_ATTACH, Doer.REMOVER),
        "device_del(), " + CORE,
        waits ? List.of(pending.is(0)) : List.of());
    by.shows(
        label(Act.PARENT_PUTS_DEVICE, Doer.REMOVER),
        "device_del(), " + CORE,
        List.of(),
        device.plus(-1));
    by.shows(
        label(Act.BUS_PUTS_DEVICE, Doer.REMOVER),
        "bus_remove_device(), " + BUS,
        List.of(),
        device.plus(-1));
    by.either(
        () -> device_release_driver(by, Doer.REMOVER, List.of(bound.is(1))),
        () ->
            by.hidden(
                "finds no driver",
                "device_release_driver_internal(), " + DD,
                List.of(bound.is(0), lock.is(0))));
    by.shows(label(Act.UNDEFER, Doer.REMOVER), "device_del(), " + CORE, List.of());
  }

  /** drivers/of/dynamic.c: an attached node should have no other holder by now. */
  private void of_changeset_destroy(Script by) {
    for (int entry = 1; entry < ENTRIES; entry++) {
      by.shows(
          new Label(Act.CHANGESET_PUTS_NODE, NODE, Doer.REMOVER),
          "of_changeset_destroy(), " + DYNAMIC,
          List.of(),
          node.plus(-1));
    }
    by.either(
        () ->
            by.shows(
                new Label(Act.REPORT_NODE, NODE, Doer.REMOVER),
                "__of_changeset_entry_destroy(), " + DYNAMIC,
                List.of(node.atLeast(2)),
                reported.becomes(1)),
        () ->
            by.hidden(
                "finds no other holder of " + NODE,
                "__of_changeset_entry_destroy(), " + DYNAMIC,
                List.of(node.is(1))));
    of_node_put(by, Act.CHANGESET_PUTS_NODE, Doer.REMOVER, "of_changeset_destroy(), " + DYNAMIC);
  }

  // References.

  private void put_device(Script by, Act act, Doer doer, String where) {
    by.either(
        () -> {
          by.shows(label(act, doer), where, List.of(device.is(1)), device.becomes(0));
          of_node_put(by, Act.DEVICE_PUTS_NODE, doer, "platform_device_release(), " + PLATFORM);
        },
        () -> by.shows(label(act, doer), where, List.of(device.atLeast(2)), device.plus(-1)));
  }

  /** drivers/of/kobj.c: {@code of_node_release()} says once more of what was reported. */
  private void of_node_put(Script by, Act act, Doer doer, String where) {
    Label label = new Label(act, NODE, doer);
    by.either(
        () -> by.shows(label, where, List.of(node.atLeast(2)), node.plus(-1)),
        () -> by.shows(label, where, List.of(node.is(1), reported.is(0)), node.becomes(0)),
        () -> {
          by.shows(label, where, List.of(node.is(1), reported.is(1)), node.becomes(0));
          by.shows(
              new Label(Act.REPORT_LATE, NODE, doer), "of_node_release(), " + DYNAMIC, List.of());
        });
  }
}
