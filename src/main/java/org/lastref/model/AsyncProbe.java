package org.lastref.model;

import static org.lastref.model.Shown.begun;
import static org.lastref.model.Shown.called;
import static org.lastref.model.Shown.returned;
import static org.lastref.model.Shown.taken;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.lastref.machine.Assembly;
import org.lastref.machine.Condition;
import org.lastref.machine.Doer;
import org.lastref.machine.Effect;
import org.lastref.machine.Label;
import org.lastref.machine.Machine;
import org.lastref.machine.Script;
import org.lastref.machine.Variable;
import org.lastref.model.OfCore.OfNode;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Instruction;
import org.lastref.trace.Scenario;
import org.lastref.trace.Verb;

/**
 * A device of an overlay whose driver probes asynchronously, and what removes the overlay or
 * unloads the driver before, while or after it does. Each method is a kernel function, named as
 * there, of Linux 6.1.192 with the patches in {@code harness/kernel/6.1/patches}; the driver is
 * {@code harness/modules/lastref-slow.c}.
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

  /** The driver's module. */
  public static final String MODULE = "lastref-slow";

  /** The overlay that has the device. */
  public static final String OVERLAY = "slow";

  private static final String NODE = "/" + DEVICE;
  private static final String LEFT = "a reference to " + NODE + " is never given back";
  private static final String REPORTED = NODE + " is reported as leaked";
  private static final String THE_BOARD = "the board";
  private static final String ASYNC = "kernel/async.c";
  private static final String MODULES = "kernel/module/main.c";
  private static final String SLOW = "harness/modules/lastref-slow.c";
  private static final Bus BUS = Bus.PLATFORM;

  static final Acts ACTS =
      new Acts()
          .with(
              OfCore.ATTACH_NODE,
              OfCore.DETACH_NODE,
              OfCore.CHANGESET_PUTS_NODE,
              OfCore.REPORT_NODE,
              OfCore.REPORT_LATE,
              BUS.getsNode(),
              BUS.putsNode(),
              BUS.putsDevice(),
              DriverCore.PARENT_GETS_DEVICE,
              DriverCore.PARENT_PUTS_DEVICE,
              DriverCore.DELETE_DEVICE);

  /** A device comes into its bus's list of devices. */
  static final KernelAct BUS_GETS_DEVICE =
      ACTS.act("bus gets device", "klist_devices_get", taken(Kind.DEVICE, "klist_devices_get"));

  /** And goes from there. */
  static final KernelAct BUS_PUTS_DEVICE =
      ACTS.act("bus puts device", "klist_devices_put", returned(Kind.DEVICE, "klist_devices_put"));

  /** An attach that is put off holds its device. */
  static final KernelAct ATTACH_GETS_DEVICE =
      ACTS.act("attach gets device", "get_device", taken(Kind.DEVICE, "async_attach_get"));

  /** And returns it, its last act. */
  static final KernelAct ATTACH_PUTS_DEVICE =
      ACTS.act("attach puts device", "put_device", returned(Kind.DEVICE, "async_attach_put"));

  /** The remover finds a node's device. */
  static final KernelAct FINDER_GETS_DEVICE =
      ACTS.act("finder gets device", "bus_find_device", taken(Kind.DEVICE, "bus_find_device"));

  /** A driver that goes takes a reference to a device that it is bound to. */
  static final KernelAct DETACH_GETS_DEVICE =
      ACTS.act("detach gets device", "get_device", taken(Kind.DEVICE, "driver_detach"));

  /** And returns it. */
  static final KernelAct DETACH_PUTS_DEVICE =
      ACTS.act("detach puts device", "put_device", returned(Kind.DEVICE, "driver_detach"));

  /** The driver takes its reference to the device. */
  static final KernelAct DRIVER_GETS_DEVICE = ACTS.act("driver gets device", "get_device");

  /** And returns it. */
  static final KernelAct DRIVER_PUTS_DEVICE = ACTS.act("driver puts device", "put_device");

  /** An attach begins that a new device put off. */
  public static final KernelAct BEGIN_DEVICE_ATTACH =
      ACTS.act("begin device attach", "__device_attach_async_helper", called("device_attach"));

  /** An attach begins that a new driver put off. */
  public static final KernelAct BEGIN_DRIVER_ATTACH =
      ACTS.act("begin driver attach", "__driver_attach_async_helper", called("driver_attach"));

  /** A driver probes. */
  public static final KernelAct BEGIN_PROBE =
      ACTS.act("begin probe", "really_probe", called("probe"));

  /** It did so with success. */
  static final KernelAct PROBE_SUCCEEDS =
      ACTS.act("probe succeeds", "really_probe: 0", called("probe_end", "ret", "0"));

  /** It wants to be asked again. */
  static final KernelAct PROBE_DEFERS =
      ACTS.act("probe defers", "really_probe: EPROBE_DEFER", called("probe_end", "ret", "517"));

  /** It has no such device. */
  static final KernelAct PROBE_FAILS =
      ACTS.act("probe fails", "really_probe: ENODEV", called("probe_end"));

  /** A device is to be probed again later. */
  static final KernelAct DEFER = ACTS.act("defer", "driver_deferred_probe_add", called("defer"));

  /** It is not. */
  static final KernelAct UNDEFER =
      ACTS.act("undefer", "driver_deferred_probe_del", called("undefer"));

  /** Nobody attaches the device any more, or nobody waits for that. */
  static final KernelAct AWAIT_ATTACH =
      ACTS.act("await attach", "driver_async_attach_wait", called("attach_wait_end"));

  /** A driver's remove. */
  static final KernelAct REMOVE_DRIVER =
      ACTS.act("remove driver", "device_remove", called("device_remove"));

  /** A driver goes. */
  static final KernelAct UNREGISTER_DRIVER =
      ACTS.act("unregister driver", "driver_unregister", called("driver_unregister"));

  /** The devices that it is bound to are about to be released. */
  static final KernelAct DETACH_DRIVER =
      ACTS.act("detach driver", "driver_detach", called("driver_detach"));

  /** Every asynchronous call is over. */
  static final KernelAct SYNCHRONIZE =
      ACTS.act("synchronize", "async_synchronize_full", called("synchronized"));

  /** What was held back may go on. */
  static final KernelAct LET_GO =
      ACTS.act("let go", "set", begun(Verb.SET, Pattern.compile("lastref_slow/(\\w+)=N")));

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
    PROBE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How the probe ends. */
  public enum End {
    /** The driver is bound. */
    SUCCEEDS,
    /** The device goes on the list of those to be probed again. */
    DEFERS,
    /** That is all. */
    FAILS;

    private KernelAct act() {
      return switch (this) {
        case SUCCEEDS -> PROBE_SUCCEEDS;
        case DEFERS -> PROBE_DEFERS;
        case FAILS -> PROBE_FAILS;
      };
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
  private final OfNode node =
      new OfNode(
          NODE,
          ENTRIES,
          parts.variable(Refcounts.of(NODE), ENTRIES, ENTRIES + 3),
          parts.fact(REPORTED, Machine.Kind.BREACH, REPORTED),
          true,
          true);
  private final Variable device = parts.variable(Refcounts.of(DEVICE), 1, 7);
  private final Variable lock = parts.flag("device_lock(" + DEVICE + ")");
  private final Variable dead = parts.flag("dead(" + DEVICE + ")");
  private final Variable bound = parts.flag("bound(" + DEVICE + ")");
  private final Variable registered = parts.flag("on the bus(" + DRIVER + ")");
  private final Variable iterating = parts.flag("bus_for_each_drv at " + DRIVER);
  private final Variable pending = parts.flag("async_attaches(" + DEVICE + ")");

  /** The asynchronous call: 0 before it is queued, 1 until it is over, then 2. */
  private final Variable call = parts.variable("asynchronous call", 0, 2);

  private final Variable held = parts.variable("held back", 1, 1);

  /** The events that the board is told to wait for, and whether they came. */
  private final Map<String, Variable> awaited = new HashMap<>();

  /** What an agent is to do and has done. */
  private record Task(Variable begun, Variable over) {}

  private final Task load = task("load");
  private final Task remove = task("remove");
  private final Task unload = task("unload");

  private Task task(String name) {
    return new Task(parts.flag(name + " begun"), parts.flag(name + " over"));
  }

  private AsyncProbe(Course course, Keeps keeps, boolean waits) {
    this.course = course;
    this.keeps = keeps;
    this.waits = waits;
    left =
        parts.fact(LEFT, keeps == Keeps.NOTHING ? Machine.Kind.WRONG : Machine.Kind.BREACH, LEFT);
  }

  /**
   * Every way that such a course may take.
   *
   * @param keeps what the driver forgets to return
   * @param waits whether {@code device_del()} waits for the attach, {@code async_attach.wait}
   */
  public static Modelled of(Course course, Keeps keeps, boolean waits) {
    Scenario scenario = scenario(course, keeps, waits);
    return new Modelled(
        scenario,
        new AsyncProbe(course, keeps, waits).machine(scenario),
        events -> new AsyncProbeReading().over(events));
  }

  /** What is done on the board. */
  private static Scenario scenario(Course course, Keeps keeps, boolean waits) {
    List<Instruction> all = new ArrayList<>();
    String hold = course.hold() == Hold.NOTHING ? "" : "hold_" + course.hold();
    Instruction load = Instruction.to(Verb.LOAD, MODULE + parameters(course, keeps, hold));
    Instruction apply = Instruction.to(Verb.APPLY, OVERLAY);
    all.add(Instruction.to(Verb.SET, "async_attach/wait=" + (waits ? "Y" : "N")));
    switch (course.later()) {
      case DEVICE -> all.addAll(List.of(load, apply));
      case DRIVER -> all.addAll(List.of(apply, Instruction.start(load)));
      case ASYNC_DRIVER -> all.addAll(List.of(apply, load));
    }
    Instruction attached =
        Instruction.to(
            Verb.UNTIL, course.later() == Later.DEVICE ? "device_attach_end" : "driver_attach_end");
    switch (course.hold()) {
      case NOTHING -> all.add(attached);
      case QUEUE -> {
        if (course.later() == Later.DRIVER) {
          all.add(Instruction.to(Verb.UNTIL, "synchronize"));
        }
      }
      case PROBE -> all.add(Instruction.to(Verb.UNTIL, "probe"));
    }
    boolean removes = course.first() == Change.REMOVE;
    Instruction remove = Instruction.to(Verb.REMOVE, OVERLAY);
    Instruction unload = Instruction.to(Verb.UNLOAD, MODULE.replace('-', '_'));
    Instruction first = removes ? remove : unload;
    if (hold.isEmpty()) {
      all.add(first);
    } else {
      Instruction letGo = Instruction.to(Verb.SET, "lastref_slow/" + hold + "=N");
      boolean blocked = course.hold() == Hold.PROBE || !removes || waits;
      if (blocked) {
        all.add(Instruction.start(first));
        all.add(Instruction.to(Verb.UNTIL, blockedAt(course)));
        all.add(letGo);
        all.add(Instruction.finish(first));
      } else {
        all.addAll(List.of(first, letGo));
      }
      all.add(attached);
    }
    if (course.later() == Later.DRIVER) {
      all.add(Instruction.finish(load));
    }
    all.add(removes ? unload : remove);
    return new Scenario(all);
  }

  /** The event just before the change waits until what is held is let go. */
  private static String blockedAt(Course course) {
    if (course.first() == Change.REMOVE) {
      return course.hold() == Hold.PROBE ? "device_del" : "attach_wait";
    }
    boolean iterated = course.hold() == Hold.PROBE && course.later() == Later.DEVICE;
    return iterated ? "driver_unregister" : "driver_detach";
  }

  private static String parameters(Course course, Keeps keeps, String hold) {
    StringBuilder parameters = new StringBuilder();
    if (course.later() == Later.ASYNC_DRIVER) {
      parameters.append(",async_probe=Y");
    }
    if (course.end() != End.SUCCEEDS) {
      parameters.append(course.end() == End.DEFERS ? ",probe=defer" : ",probe=fail");
    }
    if (keeps != Keeps.NOTHING) {
      parameters.append(",keeps=").append(keeps.name().toLowerCase(Locale.ROOT));
    }
    if (!hold.isEmpty()) {
      parameters.append(',').append(hold).append("=Y");
    }
    return parameters.toString();
  }

  private Machine machine(Scenario scenario) {
    scenario
        .arguments(Verb.UNTIL)
        .forEach(event -> awaited.computeIfAbsent(event, name -> parts.flag("seen(" + name + ")")));
    Script board = new Script();
    scenario.instructions().forEach(each -> board(board, each));
    isAnythingLeft(board);
    parts.agent("board", board.written());
    agent("loader", this::do_init_module);
    agent("attach", this::async_run_entry_fn);
    agent("remover", this::of_overlay_remove);
    agent("unloader", this::driver_unregister);
    return parts.machine("%s keeps=%s waits=%s".formatted(course, keeps, waits));
  }

  private void agent(String name, Consumer<Script> body) {
    Script script = new Script();
    body.accept(script);
    parts.agent(name, script.written());
  }

  private Label label(KernelAct act, Doer doer) {
    return new Label(act, DEVICE, doer);
  }

  // What the board is told.

  private void board(Script by, Instruction instruction) {
    switch (instruction.verb()) {
      case APPLY -> of_overlay_fdt_apply(by);
      case LOAD, UNLOAD, REMOVE -> {
        begins(by, task(instruction));
        until(by, task(instruction).over());
      }
      case START -> begins(by, task(instruction.inner()));
      case FINISH -> until(by, task(instruction.inner()).over());
      case UNTIL -> until(by, awaited.get(instruction.argument()));
      case SET -> {
        if (instruction.argument().startsWith("lastref_slow/")) {
          by.shows(
              new Label(LET_GO, "hold_" + course.hold(), Doers.OTHER),
              SLOW,
              List.of(),
              held.becomes(0));
        }
      }
      default -> throw new IllegalArgumentException(instruction + " has no model");
    }
  }

  private Task task(Instruction instruction) {
    return switch (instruction.verb()) {
      case LOAD -> load;
      case UNLOAD -> unload;
      case REMOVE -> remove;
      default -> throw new IllegalArgumentException(instruction + " is no task");
    };
  }

  private static void begins(Script by, Task task) {
    by.hidden(task.begun().name(), THE_BOARD, List.of(), task.begun().becomes(1));
  }

  private static void until(Script by, @Nullable Variable flag) {
    Variable awaits = Objects.requireNonNull(flag);
    by.hidden("until " + awaits.name(), THE_BOARD, List.of(awaits.is(1)));
  }

  private static void over(Script by, Task task) {
    by.hidden(task.over().name(), THE_BOARD, List.of(), task.over().becomes(1));
  }

  private void isAnythingLeft(Script by) {
    Variable refs = refs();
    by.either(
        () -> by.hidden("no reference is left", THE_BOARD, List.of(refs.is(0), device.is(0))),
        () -> by.hidden(LEFT, THE_BOARD, List.of(refs.atLeast(1)), left.becomes(1)));
  }

  private Variable refs() {
    return Objects.requireNonNull(node.refs());
  }

  /** What a step does beside its own if the board waits for an event that it shows as. */
  private Effect[] seen(String event, Effect... own) {
    List<Effect> effects = new ArrayList<>(List.of(own));
    Variable flag = awaited.get(event);
    if (flag != null) {
      effects.add(flag.becomes(1));
    }
    return effects.toArray(Effect[]::new);
  }

  /** A step that is no more than an event that the board waits for. */
  private void passes(Script by, String event, String does, String where) {
    if (awaited.containsKey(event)) {
      by.hidden(does, where, List.of(), seen(event));
    }
  }

  /** drivers/of/overlay.c: the node is there, with a device that its bus and its parent hold. */
  private void of_overlay_fdt_apply(Script by) {
    by.shows(
        new Label(OfCore.ATTACH_NODE, NODE, Doers.APPLIER),
        "__of_attach_node_sysfs(), " + OfCore.KOBJ,
        List.of(),
        refs().plus(1));
    by.shows(
        new Label(BUS.getsNode(), NODE, Doers.APPLIER),
        BUS.nodeGet() + "(), " + OfCore.PLATFORM,
        List.of(),
        refs().plus(1));
    by.shows(
        label(BUS_GETS_DEVICE, Doers.APPLIER),
        "bus_add_device(), " + DriverCore.BUS,
        List.of(),
        device.plus(1));
    if (course.later() == Later.DEVICE) {
      async_schedule_dev(by, "__device_attach(), ", Doers.APPLIER);
    }
    by.shows(
        label(DriverCore.PARENT_GETS_DEVICE, Doers.APPLIER),
        "device_add(), " + DriverCore.CORE,
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
        label(ATTACH_GETS_DEVICE, doer),
        function + DriverCore.DD,
        List.of(lock.is(0)),
        effects.toArray(Effect[]::new));
  }

  // The driver's module.

  /** kernel/module/main.c: the module's init registers the driver. */
  private void do_init_module(Script by) {
    by.hidden(
        "klist_add_tail(" + DRIVER + ")",
        "bus_add_driver(), " + DriverCore.BUS,
        List.of(load.begun().is(1)),
        registered.becomes(1));
    if (course.later() != Later.DEVICE) {
      async_schedule_dev(by, "__driver_attach(), ", Doers.LOADER);
    }
    if (course.later() != Later.ASYNC_DRIVER) {
      async_synchronize_full(by, "do_init_module(), " + MODULES, Doers.LOADER);
    }
    over(by, load);
  }

  /** kernel/async.c. */
  private void async_synchronize_full(Script by, String where, Doer doer) {
    passes(by, "synchronize", "async_synchronize_full()", where);
    by.shows(
        new Label(SYNCHRONIZE, DRIVER, doer),
        where,
        List.of(new Condition(call, List.of(0, 2), "no asynchronous call is pending")));
  }

  /** drivers/base/driver.c, and what {@code delete_module()} does after it. */
  private void driver_unregister(Script by) {
    by.shows(
        new Label(UNREGISTER_DRIVER, DRIVER, Doers.UNLOADER),
        "drivers/base/driver.c",
        List.of(unload.begun().is(1)),
        seen("driver_unregister"));
    bus_remove_driver(by);
    driver_detach(by);
    async_synchronize_full(by, "delete_module(), " + MODULES, Doers.UNLOADER);
    over(by, unload);
  }

  /** drivers/base/bus.c: nobody begins to attach to it, and who is at it is waited for. */
  private void bus_remove_driver(Script by) {
    by.hidden(
        "klist_remove(" + DRIVER + ")",
        "bus_remove_driver(), " + DriverCore.BUS,
        List.of(),
        registered.becomes(0));
    by.hidden(
        "klist_remove(" + DRIVER + ") returns",
        "bus_remove_driver(), " + DriverCore.BUS,
        List.of(iterating.is(0)));
    by.shows(
        new Label(DETACH_DRIVER, DRIVER, Doers.UNLOADER),
        "driver_detach(), " + DriverCore.DD,
        List.of(),
        seen("driver_detach"));
  }

  /** drivers/base/dd.c. */
  private void driver_detach(Script by) {
    async_synchronize_full(by, "driver_detach(), " + DriverCore.DD, Doers.UNLOADER);
    by.either(
        () -> {
          by.shows(
              label(DETACH_GETS_DEVICE, Doers.UNLOADER),
              "driver_detach(), " + DriverCore.DD,
              List.of(bound.is(1)),
              device.plus(1));
          device_release_driver(by, Doers.UNLOADER, List.of());
          by.shows(
              label(DETACH_PUTS_DEVICE, Doers.UNLOADER),
              "driver_detach(), " + DriverCore.DD,
              List.of(),
              device.plus(-1));
        },
        () ->
            by.hidden(
                "no device is bound", "driver_detach(), " + DriverCore.DD, List.of(bound.is(0))));
  }

  /** drivers/base/dd.c. */
  private void device_release_driver(Script by, Doer doer, List<Condition> guard) {
    List<Condition> unlocked = new ArrayList<>(guard);
    unlocked.add(lock.is(0));
    by.hidden(
        "device_lock()",
        "device_release_driver_internal(), " + DriverCore.DD,
        unlocked,
        lock.becomes(1));
    DriverCore.__device_release_driver(
        new DriverCore.Unbinding(
            DriverCore.NOTHING,
            () ->
                by.shows(
                    label(REMOVE_DRIVER, doer),
                    "__device_release_driver(), " + DriverCore.DD,
                    List.of()),
            () -> slow_put(by, doer),
            DriverCore.NOTHING));
    by.hidden(
        "device_unlock()",
        "device_release_driver_internal(), " + DriverCore.DD,
        List.of(),
        lock.becomes(0),
        bound.becomes(0));
  }

  private void slow_put(Script by, Doer doer) {
    if (keeps != Keeps.NODE) {
      by.shows(
          new Label(Removal.DRIVER_PUTS_NODE, NODE, doer),
          "slow_put(), " + SLOW,
          List.of(),
          refs().plus(-1));
    }
    if (keeps != Keeps.DEVICE) {
      by.shows(label(DRIVER_PUTS_DEVICE, doer), "slow_put(), " + SLOW, List.of(), device.plus(-1));
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
    String attached = course.later() == Later.DEVICE ? "device_attach_end" : "driver_attach_end";
    by.hidden(
        "the call is over",
        "async_run_entry_fn(), " + ASYNC,
        List.of(),
        seen(attached, call.becomes(2)));
  }

  /** drivers/base/dd.c. */
  private void __device_attach_async_helper(Script by, List<Condition> begins) {
    by.shows(label(BEGIN_DEVICE_ATTACH, Doers.WORK), DriverCore.DD, begins);
    device_lock(by);
    by.either(
        () -> by.hidden("finds the device dead", DriverCore.DD, List.of(dead.is(1))),
        () ->
            by.hidden(
                "bus_for_each_drv() finds none",
                DriverCore.DD,
                List.of(dead.is(0), registered.is(0))),
        () -> {
          by.hidden(
              "bus_for_each_drv() finds " + DRIVER,
              DriverCore.DD,
              List.of(dead.is(0), registered.is(1)),
              iterating.becomes(1));
          driver_probe_device(by);
          by.hidden("bus_for_each_drv() is over", DriverCore.DD, List.of(), iterating.becomes(0));
        });
    by.hidden("device_unlock()", DriverCore.DD, List.of(), lock.becomes(0));
    async_attach_put(by);
  }

  /** drivers/base/dd.c: the driver need not be on the bus any more. */
  private void __driver_attach_async_helper(Script by, List<Condition> begins) {
    by.shows(label(BEGIN_DRIVER_ATTACH, Doers.WORK), DriverCore.DD, begins);
    device_lock(by);
    by.either(
        () -> by.hidden("finds the device dead: -ENODEV", DriverCore.DD, List.of(dead.is(1))),
        () -> {
          by.hidden("finds the device alive", DriverCore.DD, List.of(dead.is(0)));
          driver_probe_device(by);
        });
    by.hidden("device_unlock()", DriverCore.DD, List.of(), lock.becomes(0));
    async_attach_put(by);
  }

  private void device_lock(Script by) {
    by.hidden("device_lock()", DriverCore.DD, List.of(lock.is(0)), lock.becomes(1));
  }

  /** drivers/base/dd.c. */
  private void driver_probe_device(Script by) {
    by.shows(
        label(BEGIN_PROBE, Doers.WORK),
        "really_probe(), " + DriverCore.DD,
        List.of(),
        seen("probe"));
    by.shows(
        new Label(Removal.DRIVER_GETS_NODE, NODE, Doers.WORK),
        "slow_get(), " + SLOW,
        List.of(),
        refs().plus(1));
    by.shows(
        label(DRIVER_GETS_DEVICE, Doers.WORK), "slow_get(), " + SLOW, List.of(), device.plus(1));
    if (course.hold() == Hold.PROBE) {
      by.hidden("probe goes on", "slow_probe(), " + SLOW, List.of(held.is(0)));
    }
    if (course.end() == End.SUCCEEDS) {
      by.shows(label(UNDEFER, Doers.WORK), "driver_bound(), " + DriverCore.DD, List.of());
    } else {
      slow_put(by, Doers.WORK);
    }
    by.shows(
        label(course.end().act(), Doers.WORK),
        "really_probe(), " + DriverCore.DD,
        List.of(),
        bound.becomes(course.end() == End.SUCCEEDS ? 1 : 0));
    if (course.end() == End.DEFERS) {
      by.shows(label(DEFER, Doers.WORK), "driver_probe_device(), " + DriverCore.DD, List.of());
    }
  }

  /** drivers/base/dd.c. */
  private void async_attach_put(Script by) {
    put_device(by, ATTACH_PUTS_DEVICE, Doers.WORK, "async_attach_put(), " + DriverCore.DD);
    if (waits) {
      by.hidden(
          "wake_up_var()", "async_attach_put(), " + DriverCore.DD, List.of(), pending.becomes(0));
    }
  }

  // The removal of the overlay.

  /** drivers/of/overlay.c. */
  private void of_overlay_remove(Script by) {
    by.onlyIf(List.of(remove.begun().is(1)));
    OfCore.of_overlay_remove(
        by, List.of(node), (script, gone) -> of_platform_notify(script), OfCore.Waits.NONE);
    over(by, remove);
  }

  /** drivers/of/platform.c. */
  private void of_platform_notify(Script by) {
    by.shows(
        label(FINDER_GETS_DEVICE, Doers.REMOVER),
        "of_find_device_by_node(), " + OfCore.PLATFORM,
        List.of(),
        device.plus(1));
    device_del(by);
    by.shows(
        label(BUS.putsDevice(), Doers.REMOVER),
        "platform_device_unregister(), " + BUS.file(),
        List.of(),
        device.plus(-1));
    put_device(by, BUS.putsDevice(), Doers.REMOVER, "of_platform_notify(), " + OfCore.PLATFORM);
  }

  /** drivers/base/core.c. */
  private void device_del(Script by) {
    by.shows(
        label(DriverCore.DELETE_DEVICE, Doers.REMOVER),
        "device_del(), " + DriverCore.CORE,
        List.of(),
        seen("device_del"));
    by.hidden(
        "device_lock(), kill_device(), device_unlock()",
        "device_del(), " + DriverCore.CORE,
        List.of(lock.is(0)),
        dead.becomes(1));
    passes(by, "attach_wait", "driver_async_attach_wait()", "device_del(), " + DriverCore.CORE);
    by.shows(
        label(AWAIT_ATTACH, Doers.REMOVER),
        "device_del(), " + DriverCore.CORE,
        waits ? List.of(pending.is(0)) : List.of());
    by.shows(
        label(DriverCore.PARENT_PUTS_DEVICE, Doers.REMOVER),
        "device_del(), " + DriverCore.CORE,
        List.of(),
        device.plus(-1));
    by.shows(
        label(BUS_PUTS_DEVICE, Doers.REMOVER),
        "bus_remove_device(), " + DriverCore.BUS,
        List.of(),
        device.plus(-1));
    by.either(
        () -> device_release_driver(by, Doers.REMOVER, List.of(bound.is(1))),
        () ->
            by.hidden(
                "finds no driver",
                "device_release_driver_internal(), " + DriverCore.DD,
                List.of(bound.is(0), lock.is(0))));
    by.shows(label(UNDEFER, Doers.REMOVER), "device_del(), " + DriverCore.CORE, List.of());
  }

  // References.

  private void put_device(Script by, KernelAct act, Doer doer, String where) {
    DriverCore.put_device(
        by,
        device,
        label(act, doer),
        where,
        () -> OfCore.lastPut(by, node, BUS.putsNode(), doer, BUS.nodePut() + "(), " + BUS.file()));
  }
}
