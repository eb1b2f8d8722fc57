package org.lastref.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.lastref.model.Label.Act;
import org.lastref.model.Label.Doer;

/**
 * A device becomes a parent of mediated devices, and ceases to be one, written down as a {@link
 * Machine} in the kernel's own terms: each method is a kernel function, named as there. The
 * functions are those of Linux 6.1.192 with the patches in {@code harness/kernel/patches}; what the
 * core may rely on is {@link Rules}.
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

  private static final String CORE = "drivers/vfio/mdev/mdev_core.c";
  private static final String SYSFS = "drivers/vfio/mdev/mdev_sysfs.c";
  private static final String DEVICES = "drivers/base/core.c";
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

  /** How a registration shows that is refused for the folder of the types is there. */
  public static final Label CREATE_FAILED =
      new Label(Act.CREATE_TYPES, PARENT + ", failed", Doer.CALLER);

  private final Rules rules;
  private final List<Variable> variables = new ArrayList<>();
  private final List<Agent> agents = new ArrayList<>();
  private final List<Machine.Fact> facts = new ArrayList<>();

  private final Variable refs = variable("refs(" + PARENT + ")", 2, 2 + TYPES + 4);
  private final Variable types = variable("types in sysfs", 0, TYPES);
  private final Variable registered = variable("registered", 0, 1);
  private final Variable sent;
  private final Variable heard;
  private final Variable sentOfReleased =
      fact("sent of released", Machine.Kind.BREACH, SENT_OF_RELEASED);
  private final Variable notUnregistered =
      fact("not unregistered", Machine.Kind.BREACH, NOT_UNREGISTERED);
  private final Variable leaked = fact("leaked", Machine.Kind.BREACH, LEAKED);
  private final Variable noTypesYet = fact("no types yet", Machine.Kind.WRONG, NO_TYPES_YET);

  /** Which uevents are sent, in order. */
  private final List<String> states = new ArrayList<>();

  private boolean listed;
  private boolean folderKnown;
  private boolean inSysfs = true;
  private boolean child;

  private ParentRegistration(Life life, Rules rules) {
    this.rules = rules;
    int most = life.calls().size();
    sent = variable("uevents sent", 0, most);
    heard = variable("uevents heard", 0, most);
  }

  /**
   * Every way in which such a life may go.
   *
   * @throws IllegalArgumentException if it corrupts memory, of which nothing can be said
   */
  public static Machine of(Life life, Rules rules) {
    if (life == Life.AGAIN && !rules.checkParent()) {
      throw new IllegalArgumentException("a parent unregistered twice corrupts memory");
    }
    return new ParentRegistration(life, rules).machine(life);
  }

  private Machine machine(Life life) {
    Script caller = new Script();
    for (Call call : life.calls()) {
      switch (call) {
        case REGISTER -> mdev_register_parent(caller, TYPES);
        case REGISTER_OTHER -> mdev_register_parent(caller, 0);
        case CREATE -> mdev_device_create(caller);
        case UNREGISTER -> mdev_unregister_parent(caller, TYPES);
        case UNREGISTER_OTHER -> mdev_unregister_parent(caller, 0);
        case REMOVE -> device_unregister(caller);
        case HEAR ->
            caller.hidden(
                "waits until user space heard all",
                "the harness",
                List.of(heard.is(states.size()).as("all uevents are heard")));
      }
    }
    agent("caller", caller.written());
    agent("user space", userSpace().written());
    return new Machine("a parent's life=" + life + " " + rules, variables, agents, facts);
  }

  // The caller.

  /** drivers/vfio/mdev/mdev_core.c. */
  private void mdev_register_parent(Script by, int count) {
    String where = "mdev_register_parent(), " + CORE;
    by.shows(step(Act.REGISTER_PARENT), where, List.of());
    if (listed && rules.checkParent()) {
      by.shows(new Label(Act.REFUSE, "mdev_register_parent", Doer.CALLER), where, List.of());
      return;
    }
    if (listed && count == TYPES) {
      folderKnown = false; // memset(parent, 0, sizeof(*parent))
    }
    if (!parent_create_sysfs_files(by)) {
      return;
    }
    listed = true;
    if (rules.parentRef()) {
      get(by, Act.CORE_GETS_PARENT, where);
    }
    kobject_uevent_env(by, "registered");
  }

  /** drivers/vfio/mdev/mdev_sysfs.c: there is one folder of this name. */
  private boolean parent_create_sysfs_files(Script by) {
    String where = "parent_create_sysfs_files(), " + SYSFS;
    get(by, Act.SYSFS_GETS_PARENT, "kset_create_and_add(), lib/kobject.c");
    if (listed) {
      by.shows(
          new Label(Act.FIND_NAME_TAKEN, "mdev_supported_types", Doer.CALLER),
          "sysfs_create_dir_ns(), fs/sysfs/dir.c",
          List.of());
      put(by, Act.SYSFS_PUTS_PARENT, "kobject_add_internal(), lib/kobject.c");
      by.shows(new Label(Act.CREATE_TYPES, PARENT + ", failed", Doer.CALLER), where, List.of());
      return false;
    }
    folderKnown = true;
    for (int i = 0; i < TYPES; i++) {
      get(by, Act.TYPE_GETS_PARENT, "mdev_type_add(), " + SYSFS);
      by.hidden("a type appears in sysfs", "mdev_type_add(), " + SYSFS, List.of(), types.plus(1));
    }
    by.shows(step(Act.CREATE_TYPES), where, List.of(), registered.becomes(1));
    return true;
  }

  /** drivers/vfio/mdev/mdev_core.c: what {@code device_add()} does for it. */
  private void mdev_device_create(Script by) {
    get(by, Act.CHILD_GETS_PARENT, "device_add(), " + DEVICES);
    get(by, Act.SYSFS_GETS_PARENT, "kobject_add(), lib/kobject.c");
    child = true;
  }

  /** drivers/vfio/mdev/mdev_core.c. */
  private void mdev_unregister_parent(Script by, int count) {
    String where = "mdev_unregister_parent(), " + CORE;
    boolean known = listed && count == TYPES;
    Effect[] ends = known ? new Effect[] {registered.becomes(0)} : new Effect[0];
    by.shows(step(Act.UNREGISTER_PARENT), where, List.of(), ends);
    if (!known && rules.checkParent()) {
      by.shows(new Label(Act.REFUSE, "mdev_unregister_parent", Doer.CALLER), where, List.of());
      return;
    }
    if (child) {
      mdev_device_remove_common(by);
    }
    parent_remove_sysfs_files(by, count);
    listed = listed && !known;
    boolean ref = known && rules.parentRef();
    if (ref && !rules.ueventBeforePut()) {
      put(by, Act.CORE_PUTS_PARENT, where);
    }
    kobject_uevent_env(by, "unregistered");
    if (ref && rules.ueventBeforePut()) {
      put(by, Act.CORE_PUTS_PARENT, where);
    }
  }

  /** drivers/vfio/mdev/mdev_core.c: {@code device_del()}, and the last put. */
  private void mdev_device_remove_common(Script by) {
    put(by, Act.SYSFS_PUTS_PARENT, "kobject_del(), lib/kobject.c");
    put(by, Act.CHILD_PUTS_PARENT, "device_del(), " + DEVICES);
    by.shows(step(Act.RELEASE_CHILD), "mdev_device_release(), " + CORE, List.of());
    child = false;
  }

  /** drivers/vfio/mdev/mdev_sysfs.c. */
  private void parent_remove_sysfs_files(Script by, int count) {
    for (int i = 0; i < count; i++) {
      if (inSysfs) {
        by.hidden("a type leaves sysfs", "mdev_type_remove(), " + SYSFS, List.of(), types.plus(-1));
      }
      put(by, Act.TYPE_PUTS_PARENT, "mdev_type_release(), " + SYSFS);
    }
    if (count == TYPES && folderKnown) {
      put(by, Act.SYSFS_PUTS_PARENT, "kset_unregister(), lib/kobject.c");
    } else if (count == TYPES) {
      by.hidden(
          "knows no folder to remove",
          "kset_unregister(), lib/kobject.c",
          List.of(),
          leaked.becomes(1));
    }
    by.shows(step(Act.REMOVE_TYPES), "parent_remove_sysfs_files(), " + SYSFS, List.of());
  }

  /** drivers/base/core.c: {@code device_del()} first. */
  private void device_unregister(Script by) {
    put(by, Act.CLASS_PUTS_PARENT, "device_del(), " + DEVICES);
    by.hidden(
        "the parent leaves sysfs, with all that is in it",
        "device_del(), " + DEVICES,
        List.of(),
        types.becomes(0));
    inSysfs = false;
    put(by, Act.CALLER_PUTS_PARENT, "device_unregister(), " + DEVICES);
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

  private void get(Script by, Act act, String where) {
    by.shows(step(act), where, List.of(), refs.plus(1));
  }

  /** The last put is followed by the release. */
  private void put(Script by, Act act, String where) {
    by.either(
        () -> {
          by.shows(step(act), where, List.of(refs.is(1)), refs.becomes(0));
          by.shows(step(Act.RELEASE_PARENT), "device_release(), " + DEVICES, List.of());
        },
        () -> by.shows(step(act), where, List.of(refs.atLeast(2)), refs.plus(-1)));
  }

  /** How it shows that the caller does something with the parent. */
  public static Label step(Act act) {
    return new Label(act, PARENT, Doer.CALLER);
  }

  /**
   * How it shows that user space is told.
   *
   * @param state {@code registered} or {@code unregistered}
   * @param name what the parent is called by then
   */
  public static Label sent(String state, String name) {
    return new Label(Act.SEND_UEVENT, state + ", " + name, Doer.CALLER);
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
  public static Label heard(String state, int types) {
    return new Label(Act.HEAR_UEVENT, "%s, %d types".formatted(state, types), Doer.USER);
  }

  // The small things.

  private Variable variable(String name, int initial, int max) {
    Variable variable = new Variable(variables.size(), name, initial, max);
    variables.add(variable);
    return variable;
  }

  private Variable fact(String name, Machine.Kind kind, String what) {
    Variable flag = variable(name, 0, 1);
    facts.add(new Machine.Fact(flag, kind, what));
    return flag;
  }

  private void agent(String name, Script.Written written) {
    int last = written.steps().stream().mapToInt(Step::to).max().orElse(0);
    Variable position = variable(name + " at", 0, last);
    agents.add(new Agent(name, position, written.steps(), Set.of(written.end())));
  }
}
