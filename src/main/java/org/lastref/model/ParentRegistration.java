package org.lastref.model;

import static org.lastref.model.Shown.called;
import static org.lastref.model.Shown.logged;
import static org.lastref.model.Shown.returned;
import static org.lastref.model.Shown.taken;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.lastref.machine.Assembly;
import org.lastref.machine.Condition;
import org.lastref.machine.Doer;
import org.lastref.machine.Effect;
import org.lastref.machine.Label;
import org.lastref.machine.Machine;
import org.lastref.machine.Script;
import org.lastref.machine.Variable;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Instruction;
import org.lastref.trace.Scenario;
import org.lastref.trace.Verb;

/**
 * A device becomes a parent of mediated devices, and ceases to be one, written down as a {@link
 * Machine} in the kernel's own terms: each method is a kernel function, named as there. The
 * functions are those of Linux 6.1.192 with the patches in {@code harness/kernel/6.1/patches}; what
 * the core may rely on is {@link Rules}.
 *
 * <p>One agent makes the parent and calls. The other is user space, which is told by uevents, one
 * after the other, and upon each looks for the types that the parent offers.
 */
@SuppressWarnings("MemberName") // the kernel's
public final class ParentRegistration {

  /** What the parent is called. */
  public static final String PARENT = "lastref-parent";

  /** And what it is called once it was released: {@code lastref_release()} of our module. */
  public static final String RELEASED = "lastref-released";

  /** The driver's module. */
  public static final String MODULE = "lastref-mdev";

  private static final String CORE = "drivers/vfio/mdev/mdev_core.c";
  private static final String SYSFS = "drivers/vfio/mdev/mdev_sysfs.c";

  /** Who makes a parent of mediated devices, and registers it. */
  static final Doer CALLER = new Doer("the caller");

  /** A listener to the kernel's events. */
  static final Doer USER = new Doer("user space");

  static final Acts ACTS = new Acts();

  /** A device is to become a parent of mediated devices. */
  static final KernelAct REGISTER_PARENT =
      ACTS.act("register parent", "mdev_register_parent", called("mdev_register"));

  /** It is to be one no more. */
  static final KernelAct UNREGISTER_PARENT =
      ACTS.act("unregister parent", "mdev_unregister_parent", called("mdev_unregister"));

  /** The types that a parent offers are in sysfs, or that failed. */
  static final KernelAct CREATE_TYPES =
      ACTS.act("create types", "parent_create_sysfs_files", called("mdev_types_created"));

  /** They are gone from there. */
  static final KernelAct REMOVE_TYPES =
      ACTS.act("remove types", "parent_remove_sysfs_files", called("mdev_types_removed"));

  /** A directory's name is taken: {@code sysfs_warn_dup()}, fs/sysfs/dir.c. */
  static final KernelAct FIND_NAME_TAKEN =
      ACTS.act(
          "find name taken",
          "sysfs_warn_dup",
          logged(Pattern.compile("^sysfs: cannot create duplicate filename '\\S*/(\\w+)'$")));

  /** The kernel warns of a mistake and does no more. */
  static final KernelAct REFUSE =
      ACTS.act(
          "refuse",
          "WARN",
          logged(
              Pattern.compile(
                  "^WARNING: CPU: .* at drivers/vfio/mdev/\\S+ (mdev_\\w+_parent)\\+.*")));

  /** What comes below the parent in sysfs takes a reference to it. */
  static final KernelAct SYSFS_GETS_PARENT =
      ACTS.act(
          "sysfs gets parent", "kobject_add_internal", taken(Kind.DEVICE, "kobject_add_internal"));

  /** And returns it. */
  static final KernelAct SYSFS_PUTS_PARENT =
      ACTS.act(
          "sysfs puts parent",
          "kobject_del",
          returned(Kind.DEVICE, "kobject_add_internal", "kobject_del"));

  /** A type takes a reference to the parent: {@code mdev_type_add()}. */
  static final KernelAct TYPE_GETS_PARENT =
      ACTS.act("type gets parent", "get_device", taken(Kind.DEVICE, Functions.ADD_MDEV_TYPE));

  /** And returns it. */
  static final KernelAct TYPE_PUTS_PARENT =
      ACTS.act("type puts parent", "put_device", returned(Kind.DEVICE, "mdev_type_release"));

  /** The core of mdev takes a reference of its own to the parent. */
  static final KernelAct CORE_GETS_PARENT =
      ACTS.act("core gets parent", "get_device", taken(Kind.DEVICE, "mdev_register_parent"));

  /** And returns it. */
  static final KernelAct CORE_PUTS_PARENT =
      ACTS.act("core puts parent", "put_device", returned(Kind.DEVICE, "mdev_unregister_parent"));

  /** A mediated device takes a reference to its parent. */
  static final KernelAct CHILD_GETS_PARENT =
      ACTS.act("child gets parent", "device_add", taken(Kind.DEVICE, "device_add"));

  /** And returns it. */
  static final KernelAct CHILD_PUTS_PARENT =
      ACTS.act("child puts parent", "device_del", returned(Kind.DEVICE, "device_del"));

  /** A mediated device has no reference left. */
  static final KernelAct RELEASE_CHILD =
      ACTS.act("release child", "mdev_device_release", called("mdev_child_release"));

  /** The parent's class returns its reference. */
  static final KernelAct CLASS_PUTS_PARENT =
      ACTS.act(
          "class puts parent", "klist_class_dev_put", returned(Kind.DEVICE, "klist_class_dev_put"));

  /** Whoever made the parent returns the first of all references. */
  static final KernelAct CALLER_PUTS_PARENT =
      ACTS.act(
          "caller puts parent", "device_unregister", returned(Kind.DEVICE, "device_unregister"));

  /** The parent has no reference left. */
  static final KernelAct RELEASE_PARENT =
      ACTS.act("release parent", "device_release", called("mdev_parent_release"));

  /** User space is told of a change. */
  static final KernelAct SEND_UEVENT =
      ACTS.act("send uevent", "kobject_uevent_env", called("mdev_uevent"));

  /** User space was told, and looked for the types. */
  static final KernelAct HEAR_UEVENT = ACTS.act("hear uevent", "uevent", called("heard"));

  private static final int TYPES = 2;

  /** What is done, step by step, once the device is there. */
  public enum Call {
    /** The device is registered as a parent of two types. */
    REGISTER,
    /** So it is with another {@code struct mdev_parent}, of no types. */
    REGISTER_OTHER,
    /** User space creates a mediated device. */
    CREATE,
    /** The parent is unregistered. */
    UNREGISTER,
    /** The other {@code struct mdev_parent} is. */
    UNREGISTER_OTHER,
    /** The device is unregistered, and with that the caller's reference is gone. */
    REMOVE,
    /** It is waited until user space heard of all that was sent. */
    HEAR
  }

  /** What a parent's life may be like. */
  public enum Life {
    /** The caller holds its reference until mdev is done with it. */
    KEPT(Call.REGISTER, Call.HEAR, Call.UNREGISTER, Call.HEAR, Call.REMOVE),
    /** The same, but user space may come too late to find the types. */
    HASTY(Call.REGISTER, Call.UNREGISTER, Call.HEAR, Call.REMOVE),
    /** There is a mediated device when its parent is unregistered. */
    CHILD(Call.REGISTER, Call.HEAR, Call.CREATE, Call.UNREGISTER, Call.HEAR, Call.REMOVE),
    /** The caller gives its reference up first, and unregisters later. */
    DROPPED(Call.REGISTER, Call.HEAR, Call.REMOVE, Call.UNREGISTER, Call.HEAR),
    /** The parent is registered twice. */
    TWICE(Call.REGISTER, Call.HEAR, Call.REGISTER, Call.UNREGISTER, Call.HEAR, Call.REMOVE),
    /** What could not be registered is unregistered. */
    STRAY(
        Call.REGISTER,
        Call.HEAR,
        Call.REGISTER_OTHER,
        Call.UNREGISTER_OTHER,
        Call.HEAR,
        Call.UNREGISTER,
        Call.HEAR,
        Call.REMOVE),
    /** The parent is unregistered twice; corrupts memory unless that is checked. */
    AGAIN(Call.REGISTER, Call.HEAR, Call.UNREGISTER, Call.UNREGISTER, Call.HEAR, Call.REMOVE);

    @SuppressWarnings("ImmutableEnumChecker") // List.of()
    private final List<Call> calls;

    Life(Call... calls) {
      this.calls = List.of(calls);
    }

    /** What is done, in order. */
    public List<Call> calls() {
      return calls;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What mdev does: the parameters of the kernel's patch.
   *
   * @param parentRef whether it holds a reference to the parent while it is registered
   * @param ueventBeforePut whether it tells user space before it returns that
   * @param checkParent whether it refuses a second registration and a stray unregistration
   */
  public record Rules(boolean parentRef, boolean ueventBeforePut, boolean checkParent) {}

  /** The promise that a device that uevents are sent of is there. */
  public static final String SENT_OF_RELEASED = "a uevent is sent of a parent that was released";

  /** The promise that what user space is told is true. */
  public static final String NOT_UNREGISTERED = "unregistered is heard while the types are there";

  /** The promise that nothing of a registration outlasts it. */
  public static final String LEAKED = "mdev_supported_types is leaked, and holds its parent";

  /** What user space may rely on, and no kernel may break. */
  public static final String NO_TYPES_YET = "registered is heard before the types are there";

  /** What creating the types is about if their folder is there already. */
  static final String FAILED = PARENT + ", failed";

  private final Rules rules;
  private final Assembly parts = new Assembly();
  private final List<Instruction> instructions = new ArrayList<>();
  private final Variable refs = parts.variable(Refcounts.of(PARENT), 2, 2 + TYPES + 4);
  private final Variable types = parts.variable("types in sysfs", 0, TYPES);
  private final Variable registered = parts.flag("registered");
  private final Variable sent;
  private final Variable heard;
  private final Variable sentOfReleased =
      parts.fact("sent of released", Machine.Kind.BREACH, SENT_OF_RELEASED);
  private final Variable notUnregistered =
      parts.fact("not unregistered", Machine.Kind.BREACH, NOT_UNREGISTERED);
  private final Variable leaked = parts.fact("leaked", Machine.Kind.BREACH, LEAKED);
  private final Variable noTypesYet = parts.fact("no types yet", Machine.Kind.WRONG, NO_TYPES_YET);

  /** Which uevents are sent, in order. */
  private final List<String> states = new ArrayList<>();

  private boolean listed;
  private boolean folderKnown;
  private boolean inSysfs = true;
  private boolean child;

  private ParentRegistration(Life life, Rules rules) {
    this.rules = rules;
    int most = life.calls().size();
    sent = parts.variable("uevents sent", 0, most);
    heard = parts.variable("uevents heard", 0, most);
  }

  /**
   * Every way in which such a life may go.
   *
   * @throws IllegalArgumentException if it corrupts memory, of which nothing can be said
   */
  public static Modelled of(Life life, Rules rules) {
    if (life == Life.AGAIN && !rules.checkParent()) {
      throw new IllegalArgumentException("a parent unregistered twice corrupts memory");
    }
    return new ParentRegistration(life, rules).modelled(life);
  }

  /** Written down together: what the caller is told to do, and what it does in the kernel. */
  private Modelled modelled(Life life) {
    parameter("parent_ref", rules.parentRef());
    parameter("uevent_before_put", rules.ueventBeforePut());
    parameter("check_parent", rules.checkParent());
    instructions.add(Instruction.to(Verb.LISTEN, "mdev"));
    instructions.add(Instruction.to(Verb.LOAD, MODULE));
    instructions.add(does("add"));
    Script caller = new Script();
    life.calls().forEach(call -> call(caller, call));
    instructions.add(Instruction.to(Verb.UNLOAD, MODULE.replace('-', '_')));
    instructions.add(Instruction.to(Verb.IGNORE, "mdev"));
    parts.agent("caller", caller.written());
    parts.agent("user space", userSpace().written());
    return new Modelled(
        new Scenario(instructions),
        parts.machine("a parent's life=" + life + " " + rules),
        events -> new ParentReading().over(events));
  }

  private void call(Script caller, Call call) {
    switch (call) {
      case REGISTER -> registers(caller, "register", TYPES);
      case REGISTER_OTHER -> registers(caller, "register-other", 0);
      case CREATE -> {
        instructions.add(Instruction.to(Verb.CHILD, PARENT + "/lastref_mdev-small"));
        mdev_device_create(caller);
      }
      case UNREGISTER -> {
        instructions.add(does("unregister"));
        mdev_unregister_parent(caller, TYPES);
      }
      case UNREGISTER_OTHER -> {
        instructions.add(does("unregister-other"));
        mdev_unregister_parent(caller, 0);
      }
      case REMOVE -> {
        instructions.add(does("remove"));
        device_unregister(caller);
      }
      case HEAR -> {
        instructions.add(Instruction.to(Verb.HEARD, "" + states.size()));
        caller.hidden(
            "waits until user space heard all",
            "the harness",
            List.of(heard.is(states.size()).as("all uevents are heard")));
      }
    }
  }

  private void registers(Script caller, String what, int count) {
    String error = mdev_register_parent(caller, count);
    instructions.add(error.isEmpty() ? does(what) : does(what).refused(error));
  }

  private void parameter(String name, boolean on) {
    instructions.add(Instruction.to(Verb.SET, "mdev/%s=%d".formatted(name, on ? 1 : 0)));
  }

  private static Instruction does(String what) {
    return Instruction.to(Verb.SET, "lastref_mdev/do=" + what);
  }

  // The caller.

  /**
   * drivers/vfio/mdev/mdev_core.c.
   *
   * @return its error, empty for none
   */
  private String mdev_register_parent(Script by, int count) {
    String where = "mdev_register_parent(), " + CORE;
    by.shows(step(REGISTER_PARENT), where, List.of());
    if (listed && rules.checkParent()) {
      by.shows(new Label(REFUSE, "mdev_register_parent", CALLER), where, List.of());
      return "File exists";
    }
    if (listed && count == TYPES) {
      folderKnown = false; // memset(parent, 0, sizeof(*parent))
    }
    if (!parent_create_sysfs_files(by)) {
      return "Cannot allocate memory";
    }
    listed = true;
    if (rules.parentRef()) {
      get(by, CORE_GETS_PARENT, where);
    }
    kobject_uevent_env(by, "registered");
    return "";
  }

  /** drivers/vfio/mdev/mdev_sysfs.c: there is one folder of this name. */
  private boolean parent_create_sysfs_files(Script by) {
    String where = "parent_create_sysfs_files(), " + SYSFS;
    get(by, SYSFS_GETS_PARENT, "kset_create_and_add(), lib/kobject.c");
    if (listed) {
      by.shows(
          new Label(FIND_NAME_TAKEN, "mdev_supported_types", CALLER),
          "sysfs_create_dir_ns(), fs/sysfs/dir.c",
          List.of());
      put(by, SYSFS_PUTS_PARENT, "kobject_add_internal(), lib/kobject.c");
      by.shows(new Label(CREATE_TYPES, FAILED, CALLER), where, List.of());
      return false;
    }
    folderKnown = true;
    for (int i = 0; i < TYPES; i++) {
      get(by, TYPE_GETS_PARENT, "mdev_type_add(), " + SYSFS);
      by.hidden("a type appears in sysfs", "mdev_type_add(), " + SYSFS, List.of(), types.plus(1));
    }
    by.shows(step(CREATE_TYPES), where, List.of(), registered.becomes(1));
    return true;
  }

  /** drivers/vfio/mdev/mdev_core.c: what {@code device_add()} does for it. */
  private void mdev_device_create(Script by) {
    get(by, CHILD_GETS_PARENT, "device_add(), " + DriverCore.CORE);
    get(by, SYSFS_GETS_PARENT, "kobject_add(), lib/kobject.c");
    child = true;
  }

  /** drivers/vfio/mdev/mdev_core.c. */
  private void mdev_unregister_parent(Script by, int count) {
    String where = "mdev_unregister_parent(), " + CORE;
    boolean known = listed && count == TYPES;
    Effect[] ends = known ? new Effect[] {registered.becomes(0)} : new Effect[0];
    by.shows(step(UNREGISTER_PARENT), where, List.of(), ends);
    if (!known && rules.checkParent()) {
      by.shows(new Label(REFUSE, "mdev_unregister_parent", CALLER), where, List.of());
      return;
    }
    if (child) {
      mdev_device_remove_common(by);
    }
    parent_remove_sysfs_files(by, count);
    listed = listed && !known;
    boolean ref = known && rules.parentRef();
    if (ref && !rules.ueventBeforePut()) {
      put(by, CORE_PUTS_PARENT, where);
    }
    kobject_uevent_env(by, "unregistered");
    if (ref && rules.ueventBeforePut()) {
      put(by, CORE_PUTS_PARENT, where);
    }
  }

  /** drivers/vfio/mdev/mdev_core.c: {@code device_del()}, and the last put. */
  private void mdev_device_remove_common(Script by) {
    put(by, SYSFS_PUTS_PARENT, "kobject_del(), lib/kobject.c");
    put(by, CHILD_PUTS_PARENT, "device_del(), " + DriverCore.CORE);
    by.shows(step(RELEASE_CHILD), "mdev_device_release(), " + CORE, List.of());
    child = false;
  }

  /** drivers/vfio/mdev/mdev_sysfs.c. */
  private void parent_remove_sysfs_files(Script by, int count) {
    for (int i = 0; i < count; i++) {
      if (inSysfs) {
        by.hidden("a type leaves sysfs", "mdev_type_remove(), " + SYSFS, List.of(), types.plus(-1));
      }
      put(by, TYPE_PUTS_PARENT, "mdev_type_release(), " + SYSFS);
    }
    if (count == TYPES && folderKnown) {
      put(by, SYSFS_PUTS_PARENT, "kset_unregister(), lib/kobject.c");
    } else if (count == TYPES) {
      by.hidden(
          "knows no folder to remove",
          "kset_unregister(), lib/kobject.c",
          List.of(),
          leaked.becomes(1));
    }
    by.shows(step(REMOVE_TYPES), "parent_remove_sysfs_files(), " + SYSFS, List.of());
  }

  /** drivers/base/core.c: {@code device_del()} first. */
  private void device_unregister(Script by) {
    put(by, CLASS_PUTS_PARENT, "device_del(), " + DriverCore.CORE);
    by.hidden(
        "the parent leaves sysfs, with all that is in it",
        "device_del(), " + DriverCore.CORE,
        List.of(),
        types.becomes(0));
    inSysfs = false;
    put(by, CALLER_PUTS_PARENT, "device_unregister(), " + DriverCore.CORE);
  }

  /** lib/kobject_uevent.c: delivered in the order in which they are sent. */
  private void kobject_uevent_env(Script by, String state) {
    String where = "kobject_uevent_env(), lib/kobject_uevent.c";
    states.add(state);
    by.either(
        () -> by.shows(sent(state, PARENT), where, List.of(refs.atLeast(1)), sent.plus(1)),
        () ->
            by.shows(
                sent(state, RELEASED),
                where,
                List.of(refs.is(0)),
                sent.plus(1),
                sentOfReleased.becomes(1)));
  }

  private void get(Script by, KernelAct act, String where) {
    by.shows(step(act), where, List.of(), refs.plus(1));
  }

  private void put(Script by, KernelAct act, String where) {
    DriverCore.put_device(
        by,
        refs,
        step(act),
        where,
        () -> by.shows(step(RELEASE_PARENT), "device_release(), " + DriverCore.CORE, List.of()));
  }

  /** How it shows that the caller does something with the parent. */
  static Label step(KernelAct act) {
    return new Label(act, PARENT, CALLER);
  }

  /**
   * How it shows that user space is told.
   *
   * @param state {@code registered} or {@code unregistered}
   * @param name what the parent is called by then
   */
  static Label sent(String state, String name) {
    return new Label(SEND_UEVENT, state + ", " + name, CALLER);
  }

  // User space.

  private Script userSpace() {
    Script by = new Script();
    for (int i = 0; i < states.size(); i++) {
      String state = states.get(i);
      Condition told = sent.atLeast(i + 1).as(state + " is sent");
      List<Runnable> ways = new ArrayList<>();
      for (int found = 0; found <= TYPES; found++) {
        Condition there = types.is(found);
        Label label = heard(state, found);
        if (state.equals("unregistered")) {
          Effect[] broken = found == 0 ? new Effect[0] : new Effect[] {notUnregistered.becomes(1)};
          ways.add(() -> look(by, List.of(told, there), label, broken));
        } else if (found == TYPES) {
          ways.add(() -> look(by, List.of(told, there), label));
        } else {
          ways.add(() -> look(by, List.of(told, there, registered.is(0)), label));
          ways.add(
              () -> look(by, List.of(told, there, registered.is(1)), label, noTypesYet.becomes(1)));
        }
      }
      by.either(ways.toArray(Runnable[]::new));
    }
    return by;
  }

  /** It looks, and only then says what it found. */
  private void look(Script by, List<Condition> when, Label label, Effect... broken) {
    by.hidden("ls mdev_supported_types", "user space", when, broken);
    by.shows(label, "user space", List.of(), heard.plus(1));
  }

  /**
   * How it shows that user space was told.
   *
   * @param state {@code registered} or {@code unregistered}
   * @param types how many types it found
   */
  static Label heard(String state, int types) {
    return new Label(HEAR_UEVENT, "%s, %d types".formatted(state, types), USER);
  }
}
