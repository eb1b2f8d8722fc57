package org.lastref.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.lastref.model.Label.Act;
import org.lastref.model.Label.Doer;

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

  private static final String MODULE = "harness/modules/lastref-register.c";
  private static final String CORE = "drivers/base/core.c";

  /** What the creator keeps. */
  public enum Pattern {
    /** A pointer. */
    BARE,
    /** A reference; it waits for the registration, and asks whether it succeeded. */
    REFERENCE
  }

  private final Pattern pattern;
  private final boolean fails;
  private final boolean kasan;
  private final Assembly parts = new Assembly();
  private final Variable refs = parts.variable("refs(" + DEVICE + ")", 1, 5);
  private final Variable used = parts.fact(Machine.Kind.BREACH, USED_LATE);
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
  public static Machine of(Pattern pattern, boolean fails, boolean kasan) {
    return new Registration(pattern, fails, kasan).machine();
  }

  private Machine machine() {
    agent("creator", this::creator);
    agent("registration", this::register_async);
    return parts.machine("pattern=%s fails=%s kasan=%s".formatted(pattern, fails, kasan));
  }

  private void agent(String name, Consumer<Script> body) {
    Script script = new Script();
    body.accept(script);
    parts.agent(name, script);
  }

  private static Label label(Act act, Doer doer) {
    return new Label(act, DEVICE, doer);
  }

  /** What is done on the board: the device is created, used, and at last unregistered. */
  private void creator(Script by) {
    register_create(by);
    by.hidden("until register_async() is over", "the board", List.of(call.is(2)));
    register_go_on(by);
    by.either(
        () -> device_unregister(by),
        () ->
            by.hidden("nothing to unregister", "register_exit(), " + MODULE, List.of(added.is(0))));
  }

  private void register_create(Script by) {
    if (pattern == Pattern.REFERENCE) {
      by.shows(
          label(Act.CREATOR_GETS_DEVICE, Doer.OTHER),
          "register_create(), " + MODULE,
          List.of(),
          refs.plus(1));
    }
    by.shows(
        label(Act.CREATOR_GETS_DEVICE, Doer.OTHER),
        "register_schedule(), " + MODULE,
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
        () -> by.hidden("-ENODEV", "register_go_on(), " + MODULE, List.of(added.is(0))));
    put_device(by, Act.CREATOR_PUTS_DEVICE, Doer.OTHER, "register_go_on(), " + MODULE);
  }

  /** What is written to may be there no more. */
  private void register_use(Script by, List<Condition> guard) {
    String where = "register_use(), " + MODULE;
    Label label = label(Act.USE_DEVICE, Doer.OTHER);
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
                label(Act.REPORT_USE, Doer.OTHER), "kasan_report(), mm/kasan/report.c", List.of());
          }
        });
  }

  /** drivers/base/core.c: {@code device_del()}, and what {@code device_register()} began with. */
  private void device_unregister(Script by) {
    by.shows(
        label(Act.DELETE_DEVICE, Doer.UNLOADER), "device_del(), " + CORE, List.of(added.is(1)));
    put_device(by, Act.UNREGISTER_PUTS_DEVICE, Doer.UNLOADER, "device_unregister(), " + CORE);
    put_device(by, Act.PARENT_PUTS_DEVICE, Doer.UNLOADER, "device_for_each_child(), " + CORE);
  }

  /** As {@code nd_async_device_register()}, drivers/nvdimm/bus.c. */
  private void register_async(Script by) {
    String where = "register_async(), " + MODULE;
    by.shows(
        label(Act.ADD_DEVICE, Doer.WORK),
        "device_add(), " + CORE,
        List.of(call.is(1).as("it is queued")));
    device_add(by);
    if (fails) {
      put_device(by, Act.REGISTRAR_PUTS_DEVICE, Doer.WORK, where);
    }
    put_device(by, Act.REGISTRAR_PUTS_DEVICE, Doer.WORK, where);
    by.hidden(
        "the call is over", "async_run_entry_fn(), kernel/async.c", List.of(), call.becomes(2));
  }

  /** drivers/base/core.c. */
  private void device_add(Script by) {
    String where = "device_add(), " + CORE;
    by.shows(label(Act.ADD_GETS_DEVICE, Doer.WORK), where, List.of(), refs.plus(1));
    if (!fails) {
      by.shows(label(Act.PARENT_GETS_DEVICE, Doer.WORK), where, List.of(), refs.plus(1));
    }
    by.shows(label(Act.ADD_PUTS_DEVICE, Doer.WORK), where, List.of(), refs.plus(-1));
    by.shows(
        label(fails ? Act.ADD_FAILS : Act.ADD_SUCCEEDS, Doer.WORK),
        where,
        List.of(),
        added.becomes(fails ? 0 : 1));
  }

  /** The last one is followed by the device's release. */
  private void put_device(Script by, Act act, Doer doer, String where) {
    by.either(
        () -> by.shows(label(act, doer), where, List.of(refs.atLeast(2)), refs.plus(-1)),
        () -> {
          by.shows(label(act, doer), where, List.of(refs.is(1)), refs.becomes(0));
          by.shows(label(Act.RELEASE_DEVICE, doer), "device_release(), " + CORE, List.of());
        });
  }
}
