package org.lastref.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lastref.machine.Assembly;
import org.lastref.machine.Condition;
import org.lastref.machine.Doer;
import org.lastref.machine.Label;
import org.lastref.machine.Machine;
import org.lastref.machine.Script;
import org.lastref.machine.Variable;
import org.lastref.trace.Event;
import org.lastref.trace.Instruction;
import org.lastref.trace.Scenario;
import org.lastref.trace.Verb;

/**
 * A device bound to its driver and unbound again, with the resources that the driver takes in probe
 * and leaves to the driver core to release, {@code devm_*()}. Each method is a kernel function of
 * Linux 6.1.192 with the patches in {@code harness/kernel/6.1/patches}, named as there.
 *
 * <p>The promise: what a driver took is released after its own remove and before the bus detaches
 * the device from its PM domain, for "past this point we can no longer guarantee that we can access
 * the chip" (Dmitry Torokhov, thread 002). The driver core releases it only after the bus's remove
 * is over, so a bus that detaches there has to see to it.
 */
@SuppressWarnings("MemberName") // the kernel's
public final class ManagedRelease {

  private static final String DEVRES = "drivers/base/devres.c";
  private static final String DRIVER = "harness/modules/lastref-managed.c";

  /** The driver's module. */
  public static final String MODULE = "lastref-managed";

  private static final String ACTION = "devm_action_release";

  /** What a resource that is an action is called as of Linux 6.5: drivers/base/devres.c. */
  private static final Set<String> ACTIONS = Set.of("managed_disable", "spi_pm_domain_detach");

  /** What opens a group, as {@code devres_open_group()} names it. */
  private static final String GROUP = "grp<";

  static final Acts ACTS =
      new Acts()
          .with(Bus.ALL.stream().map(Bus::probes).toArray(KernelAct[]::new))
          .with(Bus.ALL.stream().map(Bus::removes).toArray(KernelAct[]::new));

  private static final SortedSet<String> FUNCTIONS =
      Bus.ALL.stream()
          .flatMap(bus -> Stream.of(bus.probes(), bus.removes()))
          .map(KernelAct::call)
          .collect(Collectors.toCollection(TreeSet::new));

  /** The bus attaches a device to its PM domain. */
  static final KernelAct BUS_ATTACHES = entry("bus attaches", "dev_pm_domain_attach");

  /** The bus detaches it. */
  static final KernelAct BUS_DETACHES = entry("bus detaches", "dev_pm_domain_detach");

  /** The driver's own probe. */
  static final KernelAct DRIVER_PROBES = entry("driver probes", "managed_probe");

  /** The driver's own remove. */
  static final KernelAct DRIVER_REMOVES = entry("driver removes", "managed_remove");

  /** What is in the group is about to be released. */
  static final KernelAct RELEASES_GROUP = entry("releases group", "devres_release_group");

  /** Whatever is still managed is about to be released, once the bus is done. */
  static final KernelAct RELEASES_ALL = entry("releases all", "devres_release_all");

  /** A resource becomes a managed one. */
  static final KernelAct ADDS_RESOURCE = ACTS.act("adds resource", "devres_add");

  /** A managed resource is released. */
  static final KernelAct RELEASES_RESOURCE = ACTS.act("releases resource", "release_nodes");

  /** The PM domain says that a device was used without it: {@code managed_use()} of the driver. */
  static final KernelAct NOTICES_USE =
      ACTS.act(
          "notices use",
          "dev_err",
          Shown.logged(Pattern.compile("(\\S+): used after its PM domain was detached")));

  /** What a kernel calls a resource as all do. */
  static String resource(String name) {
    return ACTIONS.contains(name) ? ACTION : name;
  }

  private static KernelAct entry(String words, String function) {
    FUNCTIONS.add(function);
    return ACTS.act(words, function, Shown.called(function));
  }

  /** The functions whose entries show it; each records the device as {@code name}. */
  public static List<String> functions() {
    return List.copyOf(FUNCTIONS);
  }

  /** How a bus sees to it that a driver's resources are released before it detaches. */
  public enum Order {
    /** It does not. */
    NONE("none"),
    /** A devres group is opened before the driver's probe and released after its remove. */
    GROUP("group"),
    /** Detaching is itself a managed resource, added before the driver's. */
    ACTION("action");

    private final String word;

    Order(String word) {
      this.word = word;
    }

    @Override
    public String toString() {
      return word;
    }
  }

  /** What a driver can take. */
  public enum Resource {
    MEMORY,
    /** A descriptor, and the request of its interrupt. */
    IRQ,
    CLK,
    REGULATOR,
    /** The chip, which is disabled when it is released; that takes power. */
    ACCESS;

    /** What {@code dev:devres_log} calls what is added for it, in that order. */
    List<String> names() {
      return switch (this) {
        case MEMORY -> List.of("devm_kzalloc_release");
        case IRQ -> List.of("devm_irq_desc_release", "devm_irq_release");
        case CLK -> List.of("devm_clk_release");
        case REGULATOR -> List.of("devm_regulator_release");
        case ACCESS -> List.of(ACTION);
      };
    }

    /** As in the devicetree property {@code lastref,managed}. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How a device gets away from its driver. */
  public enum Way {
    /** With its overlay. */
    REMOVE,
    /** By hand. */
    UNBIND,
    /** Its probe fails. */
    FAIL;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A device.
   *
   * @param name as its bus names it
   * @param resources in the order in which its driver takes them
   * @param order what its bus does
   * @param way how it loses its driver; a probe fails once it took the resources
   */
  public record Client(Bus bus, String name, List<Resource> resources, Order order, Way way) {
    public Client {
      resources = List.copyOf(resources);
    }

    /** The overlay that has it. */
    public String overlay() {
      return "managed-" + bus + (way == Way.FAIL ? "-fails" : "");
    }
  }

  /** A managed resource while the machine is written down. */
  private record Added(Entry entry, String label, Variable held, Variable late) {}

  private enum Entry {
    /** What a group begins with. */
    GROUP,
    /** What the driver took. */
    RESOURCE,
    /** What the driver took and what uses the chip when it is released. */
    CHIP,
    /** The bus's own, which detaches. */
    DETACHES
  }

  private final Client client;
  private final Order order;
  private final Assembly parts = new Assembly();
  private final Variable attached;
  private final Variable used;
  private final List<Added> added = new ArrayList<>();
  private final Map<String, Integer> names = new HashMap<>();
  private boolean bound;

  private ManagedRelease(Client client) {
    this.client = client;
    order = client.order();
    attached = parts.flag("attached");
    used =
        parts.fact(
            "used while detached",
            Machine.Kind.BREACH,
            client.name() + " is used after its PM domain was detached");
  }

  /** What happens to a device from its probe to the release of the last of its resources. */
  public static Modelled of(Client client, Kernel kernel) {
    Scenario scenario = scenario(client, kernel);
    return new Modelled(
        scenario,
        new ManagedRelease(client).machine(scenario),
        new Reading() {
          @Override
          public List<Observed> of(List<Event> events) {
            return times(events).stream().flatMap(List::stream).toList();
          }

          @Override
          public List<List<Observed>> times(List<Event> events) {
            return new ManagedReading(client.name()).times(events);
          }
        });
  }

  private static Scenario scenario(Client client, Kernel kernel) {
    List<Instruction> all = new ArrayList<>();
    all.add(Instruction.to(Verb.LOAD, MODULE));
    if (client.bus() == Bus.SPI) {
      all.add(Instruction.to(Verb.SET, "spi/devres=" + client.order()));
    }
    all.add(Instruction.to(Verb.APPLY, client.overlay()));
    // Where suppliers are real ones, their consumers are put off.
    if (kernel.has(Kernel.REAL_SUPPLIERS)) {
      all.add(Instruction.to(Verb.PROBED, "devices"));
    }
    if (client.way() == Way.UNBIND) {
      all.add(Instruction.to(Verb.UNBIND, client.bus().inSysfs(client.name())));
    }
    all.add(Instruction.to(Verb.REMOVE, client.overlay()));
    all.add(Instruction.to(Verb.UNLOAD, MODULE));
    return new Scenario(all);
  }

  /**
   * What a resource is called in labels: by its release function's name, and a number from the
   * second of that name on.
   *
   * @param nth which one of that name the device has, from 1
   */
  public static String label(String device, String name, int nth) {
    return device + " " + name + (nth == 1 ? "" : " #" + nth);
  }

  private Machine machine(Scenario scenario) {
    Script by = new Script();
    for (Instruction instruction : scenario.instructions()) {
      switch (instruction.verb()) {
        case APPLY -> really_probe(by);
        case UNBIND -> device_release_driver(by, Doers.UNBINDER);
        case REMOVE -> device_release_driver(by, Doers.REMOVER);
        default -> {}
      }
    }
    parts.agent("driver core", by.written());
    return parts.machine("bus=%s order=%s %s".formatted(client.bus(), order, client.way()));
  }

  /** drivers/base/dd.c. */
  private void really_probe(Script by) {
    Doer doer = Doers.APPLIER;
    shows(by, client.bus().probes(), doer, client.bus().file());
    dev_pm_domain_attach(by, doer);
    if (order == Order.GROUP) {
      devres_add(by, doer, "devres_open_group(), " + client.bus().file(), GROUP, Entry.GROUP);
    } else if (order == Order.ACTION) {
      devres_add(by, doer, client.bus().file(), ACTION, Entry.DETACHES);
    }
    managed_probe(by, doer);
    bound = client.way() != Way.FAIL;
    if (!bound) {
      releaseDriverResources(by, doer);
      device_unbind_cleanup(by, doer);
    }
  }

  /** drivers/base/dd.c. */
  private void device_release_driver(Script by, Doer doer) {
    if (bound) {
      bound = false;
      DriverCore.__device_release_driver(
          new DriverCore.Unbinding(
              DriverCore.NOTHING,
              () -> device_remove(by, doer),
              () -> device_unbind_cleanup(by, doer),
              DriverCore.NOTHING));
    }
  }

  private void device_remove(Script by, Doer doer) {
    shows(by, client.bus().removes(), doer, client.bus().file());
    shows(by, DRIVER_REMOVES, doer, DRIVER);
    releaseDriverResources(by, doer);
  }

  /** The bus's code, after the driver's remove or failed probe. */
  private void releaseDriverResources(Script by, Doer doer) {
    if (order == Order.GROUP) {
      shows(by, RELEASES_GROUP, doer, client.bus().file());
      release_nodes(by, doer);
    }
    if (order != Order.ACTION) {
      dev_pm_domain_detach(by, doer);
    }
  }

  /** drivers/base/dd.c. */
  private void device_unbind_cleanup(Script by, Doer doer) {
    shows(by, RELEASES_ALL, doer, "device_unbind_cleanup(), " + DriverCore.DD);
    release_nodes(by, doer);
  }

  /** drivers/base/power/common.c. */
  private void dev_pm_domain_attach(Script by, Doer doer) {
    by.shows(
        new Label(BUS_ATTACHES, client.name(), doer),
        client.bus().file(),
        List.of(),
        attached.becomes(1));
  }

  /** drivers/base/power/common.c. */
  private void dev_pm_domain_detach(Script by, Doer doer) {
    by.shows(
        new Label(BUS_DETACHES, client.name(), doer),
        client.bus().file(),
        List.of(),
        attached.becomes(0));
  }

  /** The driver's. */
  private void managed_probe(Script by, Doer doer) {
    shows(by, DRIVER_PROBES, doer, DRIVER);
    for (Resource resource : client.resources()) {
      for (String name : resource.names()) {
        Entry entry = resource == Resource.ACCESS ? Entry.CHIP : Entry.RESOURCE;
        devres_add(by, doer, DRIVER, name, entry);
      }
    }
  }

  private void devres_add(Script by, Doer doer, String where, String name, Entry entry) {
    String label = label(client.name(), name, names.merge(name, 1, Integer::sum));
    Variable held = parts.flag("held(" + label + ")");
    Variable late =
        parts.fact(
            "late(" + label + ")",
            Machine.Kind.BREACH,
            label + " is released after dev_pm_domain_detach()");
    added.add(new Added(entry, label, held, late));
    by.shows(new Label(ADDS_RESOURCE, label, doer), where, List.of(), held.becomes(1));
  }

  /** drivers/base/devres.c: {@code remove_nodes()} puts a group first, then the last added. */
  private void release_nodes(Script by, Doer doer) {
    List<Added> todo = new ArrayList<>(added);
    Collections.reverse(todo);
    todo.sort(Comparator.comparing(each -> each.entry() != Entry.GROUP));
    added.clear();
    todo.forEach(each -> release(by, doer, each));
  }

  private void release(Script by, Doer doer, Added one) {
    Label label = new Label(RELEASES_RESOURCE, one.label(), doer);
    Variable held = one.held();
    by.either(
        () -> by.shows(label, DEVRES, List.of(held.is(1), attached.is(1)), held.becomes(0)),
        () -> {
          List<Condition> detached = List.of(held.is(1), attached.is(0));
          by.shows(label, DEVRES, detached, held.becomes(0), one.late().becomes(1));
          if (one.entry() == Entry.CHIP) {
            by.shows(
                new Label(NOTICES_USE, client.name(), doer),
                "managed_use(), " + DRIVER,
                List.of(),
                used.becomes(1));
          }
        });
    if (one.entry() == Entry.DETACHES) {
      dev_pm_domain_detach(by, doer);
    }
  }

  private void shows(Script by, KernelAct act, Doer doer, String where) {
    by.shows(new Label(act, client.name(), doer), where, List.of());
  }
}
