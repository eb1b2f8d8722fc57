package org.lastref.model;

import static org.lastref.model.Shown.called;
import static org.lastref.model.Shown.logged;
import static org.lastref.model.Shown.returned;
import static org.lastref.model.Shown.taken;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.lastref.machine.Assembly;
import org.lastref.machine.Condition;
import org.lastref.machine.Doer;
import org.lastref.machine.Label;
import org.lastref.machine.Machine;
import org.lastref.machine.Script;
import org.lastref.machine.Variable;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Instruction;
import org.lastref.trace.Scenario;
import org.lastref.trace.Verb;

/**
 * A device that is registered asynchronously, and its creator, who goes on to use it: the pattern
 * of {@code nd_btt_probe()} and {@code __nd_device_register()}, drivers/nvdimm, of which Dmitry
 * Torokhov says in thread 003 that "the async code will drop 2 references to the device,
 * effectively freeing it. In the mean time nd_btt_probe() stores the device pointer". The creator
 * is {@code harness/modules/lastref-register.c}, the kernel Linux 6.1.192.
 */
@SuppressWarnings("MemberName") // the kernel's
public final class Registration {

  /** The device's name. */
  public static final String DEVICE = "lr-register";

  /** What is broken when a device is used that was freed. */
  public static final String USED_LATE =
      DEVICE + " is used after its last reference was given back";

  /** The creator's module. */
  public static final String MODULE = "lastref-register";

  private static final String SOURCE = "harness/modules/lastref-register.c";

  /** The event with which the registration is over. */
  public static final String OVER = "register_end";

  static final Acts ACTS =
      new Acts()
          .with(
              DriverCore.DELETE_DEVICE,
              DriverCore.PARENT_GETS_DEVICE,
              DriverCore.PARENT_PUTS_DEVICE);

  /** A device comes. */
  static final KernelAct ADD_DEVICE = ACTS.act("add device", "device_add", called("device_add"));

  /** It holds the device meanwhile. */
  static final KernelAct ADD_GETS_DEVICE =
      ACTS.act("add gets device", "get_device", taken(Kind.DEVICE, "device_add"));

  /** And returns it. */
  static final KernelAct ADD_PUTS_DEVICE =
      ACTS.act("add puts device", "put_device", returned(Kind.DEVICE, "device_add"));

  /** The device came. */
  static final KernelAct ADD_SUCCEEDS =
      ACTS.act("add succeeds", "device_add: 0", called("device_added", "ret", "0"));

  /** It did not, for its name is taken. */
  static final KernelAct ADD_FAILS =
      ACTS.act("add fails", "device_add: EEXIST", called("device_added"));

  /** Who creates a device takes a reference, for itself or for who registers it. */
  static final KernelAct CREATOR_GETS_DEVICE = ACTS.act("creator gets device", "get_device");

  /** Who created a device returns its own. */
  static final KernelAct CREATOR_PUTS_DEVICE = ACTS.act("creator puts device", "put_device");

  /** Who registers a device returns a reference. */
  static final KernelAct REGISTRAR_PUTS_DEVICE = ACTS.act("registrar puts device", "put_device");

  /** A device that goes loses the reference that it was made with. */
  static final KernelAct UNREGISTER_PUTS_DEVICE =
      ACTS.act(
          "unregister puts device",
          "device_unregister",
          returned(Kind.DEVICE, "device_unregister"));

  /** A device that nobody holds is freed. */
  static final KernelAct RELEASE_DEVICE =
      ACTS.act("release device", "device_release", called("freed"));

  /** Who created a device writes to it. */
  static final KernelAct USE_DEVICE = ACTS.act("use device", "register_use", called("use"));

  /** The kernel says that memory was used after it was freed: mm/kasan/report.c of Linux 6.1. */
  static final KernelAct REPORT_USE =
      ACTS.act(
          "report use",
          "kasan_report",
          logged(
              java.util.regex.Pattern.compile("BUG: KASAN: (?:slab-)?use-after-free in (\\w+)")));

  /** What the creator keeps. */
  public enum Pattern {
    /** A pointer. */
    BARE,
    /** A reference; it waits for the registration, and asks whether it succeeded. */
    REFERENCE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final String CREATE = "lastref_register/create=1";
  private static final String USE = "lastref_register/use=1";

  private final Pattern pattern;
  private final boolean fails;
  private final boolean kasan;
  private final Assembly parts = new Assembly();
  private final Variable refs = parts.variable(Refcounts.of(DEVICE), 1, 5);
  private final Variable used = parts.fact(USED_LATE, Machine.Kind.BREACH, USED_LATE);
  private final Variable added = parts.flag("registered(" + DEVICE + ")");

  /** The asynchronous call: 0 before it is queued, 1 until it is over, then 2. */
  private final Variable call = parts.variable("asynchronous call", 0, 2);

  private Registration(Pattern pattern, boolean fails, boolean kasan) {
    this.pattern = pattern;
    this.fails = fails;
    this.kasan = kasan;
  }

  /**
   * Every way that it may go.
   *
   * @param fails whether the device's name is taken
   * @param kasan whether the kernel notices that freed memory is used
   */
  public static Modelled of(Pattern pattern, boolean fails, boolean kasan) {
    Registration registration = new Registration(pattern, fails, kasan);
    Scenario scenario = registration.scenario();
    return new Modelled(
        scenario,
        registration.machine(scenario),
        events -> new RegistrationReading(events).over(events));
  }

  private Scenario scenario() {
    Instruction use = Instruction.to(Verb.SET, USE);
    boolean refused = fails && pattern == Pattern.REFERENCE;
    return new Scenario(
        List.of(
            Instruction.to(
                Verb.LOAD, "%s,pattern=%s%s".formatted(MODULE, pattern, fails ? ",taken=Y" : "")),
            Instruction.to(Verb.SET, CREATE),
            Instruction.to(Verb.UNTIL, OVER),
            refused ? use.refused("") : use,
            Instruction.to(Verb.UNLOAD, MODULE.replace('-', '_'))));
  }

  private Machine machine(Scenario scenario) {
    Script creator = new Script();
    scenario.instructions().forEach(each -> creator(creator, each));
    parts.agent("creator", creator.written());
    Script registrar = new Script();
    register_async(registrar);
    parts.agent("registration", registrar.written());
    return parts.machine("pattern=%s fails=%s kasan=%s".formatted(pattern, fails, kasan));
  }

  /** What is done on the board: the device is created, used, and at last unregistered. */
  private void creator(Script by, Instruction instruction) {
    switch (instruction.verb()) {
      case SET -> {
        if (instruction.argument().equals(CREATE)) {
          register_create(by);
        } else {
          register_go_on(by);
        }
      }
      case UNTIL -> by.hidden("until register_async() is over", "the board", List.of(call.is(2)));
      case UNLOAD ->
          by.either(
              () -> device_unregister(by),
              () ->
                  by.hidden(
                      "nothing to unregister", "register_exit(), " + SOURCE, List.of(added.is(0))));
      default -> {}
    }
  }

  private static Label label(KernelAct act, Doer doer) {
    return new Label(act, DEVICE, doer);
  }

  private void register_create(Script by) {
    if (pattern == Pattern.REFERENCE) {
      by.shows(
          label(CREATOR_GETS_DEVICE, Doers.OTHER),
          "register_create(), " + SOURCE,
          List.of(),
          refs.plus(1));
    }
    by.shows(
        label(CREATOR_GETS_DEVICE, Doers.OTHER),
        "register_schedule(), " + SOURCE,
        List.of(),
        refs.plus(1),
        call.becomes(1));
  }

  private void register_go_on(Script by) {
    if (pattern == Pattern.BARE) {
      register_use(by, List.of());
      return;
    }
    by.either(
        () -> register_use(by, List.of(added.is(1))),
        () -> by.hidden("-ENODEV", "register_go_on(), " + SOURCE, List.of(added.is(0))));
    put_device(by, CREATOR_PUTS_DEVICE, Doers.OTHER, "register_go_on(), " + SOURCE);
  }

  /** What is written to may be there no more. */
  private void register_use(Script by, List<Condition> guard) {
    String where = "register_use(), " + SOURCE;
    Label label = label(USE_DEVICE, Doers.OTHER);
    List<Condition> there = new ArrayList<>(guard);
    there.add(refs.atLeast(1));
    List<Condition> gone = new ArrayList<>(guard);
    gone.add(refs.is(0));
    by.either(
        () -> by.shows(label, where, there),
        () -> {
          by.shows(label, where, gone, used.becomes(1));
          if (kasan) {
            by.shows(
                label(REPORT_USE, Doers.OTHER), "kasan_report(), mm/kasan/report.c", List.of());
          }
        });
  }

  /** drivers/base/core.c: {@code device_del()}, and what {@code device_register()} began with. */
  private void device_unregister(Script by) {
    by.shows(
        label(DriverCore.DELETE_DEVICE, Doers.UNLOADER),
        "device_del(), " + DriverCore.CORE,
        List.of(added.is(1)));
    put_device(
        by, UNREGISTER_PUTS_DEVICE, Doers.UNLOADER, "device_unregister(), " + DriverCore.CORE);
    put_device(
        by,
        DriverCore.PARENT_PUTS_DEVICE,
        Doers.UNLOADER,
        "device_for_each_child(), " + DriverCore.CORE);
  }

  /** As {@code nd_async_device_register()}, drivers/nvdimm/bus.c. */
  private void register_async(Script by) {
    String where = "register_async(), " + SOURCE;
    by.shows(
        label(ADD_DEVICE, Doers.WORK),
        "device_add(), " + DriverCore.CORE,
        List.of(call.is(1).as("it is queued")));
    device_add(by);
    if (fails) {
      put_device(by, REGISTRAR_PUTS_DEVICE, Doers.WORK, where);
    }
    put_device(by, REGISTRAR_PUTS_DEVICE, Doers.WORK, where);
    by.hidden(
        "the call is over", "async_run_entry_fn(), kernel/async.c", List.of(), call.becomes(2));
  }

  /** drivers/base/core.c. */
  private void device_add(Script by) {
    String where = "device_add(), " + DriverCore.CORE;
    by.shows(label(ADD_GETS_DEVICE, Doers.WORK), where, List.of(), refs.plus(1));
    if (!fails) {
      by.shows(label(DriverCore.PARENT_GETS_DEVICE, Doers.WORK), where, List.of(), refs.plus(1));
    }
    by.shows(label(ADD_PUTS_DEVICE, Doers.WORK), where, List.of(), refs.plus(-1));
    by.shows(
        label(fails ? ADD_FAILS : ADD_SUCCEEDS, Doers.WORK),
        where,
        List.of(),
        added.becomes(fails ? 0 : 1));
  }

  private void put_device(Script by, KernelAct act, Doer doer, String where) {
    DriverCore.put_device(
        by,
        refs,
        label(act, doer),
        where,
        () ->
            by.shows(
                label(RELEASE_DEVICE, doer), "device_release(), " + DriverCore.CORE, List.of()));
  }
}
