package org.lastref.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.lastref.model.Label.Act;
import org.lastref.model.Label.Doer;

/**
 * A device bound to its driver and unbound again, with the resources that the driver takes in probe
 * and leaves to the driver core to release, {@code devm_*()}. Each method is a kernel function of
 * Linux 6.1.192 with the patches in {@code harness/kernel/patches}, named as there.
 *
 * <p>The promise: what a driver took is released after its own remove and before the bus detaches
 * the device from its PM domain, for "past this point we can no longer guarantee that we can access
 * the chip" (Dmitry Torokhov, thread 002). The driver core releases it only after the bus's remove
 * is over, so a bus that detaches there has to see to it.
 */
@SuppressWarnings("MemberName") // the kernel's
public final class ManagedRelease {

  private static final String DEVRES = "drivers/base/devres.c";
  private static final String DD = "drivers/base/dd.c";
  private static final String DRIVER = "harness/modules/lastref-managed.c";
  private static final String ACTION = "devm_action_release";

  /** What opens a group, as {@code devres_open_group()} names it. */
  private static final String GROUP = "grp<";

  /** The bus that a device is on. */
  public enum Bus {
    /** Its remove detaches, and that is all. */
    PLATFORM(Act.PLATFORM_PROBES, Act.PLATFORM_REMOVES, "drivers/base/platform.c"),
    /** The same; {@link Order} is what {@code spi.devres=} of the patched kernel says. */
    SPI(Act.SPI_PROBES, Act.SPI_REMOVES, "drivers/spi/spi.c"),
    /** Opens a group in each probe. */
    I2C(Act.I2C_PROBES, Act.I2C_REMOVES, "drivers/i2c/i2c-core-base.c");

    private final Act probe;
    private final Act remove;
    private final String file;

    Bus(Act probe, Act remove, String file) {
      this.probe = probe;
      this.remove = remove;
      this.file = file;
    }

    /** As in {@code /sys/bus}. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
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

  /**
   * A device.
   *
   * @param name as its bus names it
   * @param resources in the order in which its driver takes them
   * @param probeFails whether the driver's probe fails once it took them
   */
  public record Client(Bus bus, String name, List<Resource> resources, boolean probeFails) {
    public Client {
      resources = List.copyOf(resources);
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
  private final Doer unbinder;
  private final List<Variable> variables = new ArrayList<>();
  private final List<Machine.Fact> facts = new ArrayList<>();
  private final Variable attached;
  private final Variable used;
  private final List<Added> added = new ArrayList<>();
  private final Map<String, Integer> names = new HashMap<>();

  private ManagedRelease(Client client, Order order, Doer unbinder) {
    this.client = client;
    this.order = order;
    this.unbinder = unbinder;
    attached = variable("attached", 1);
    used = variable("used while detached", 1);
    facts.add(
        new Machine.Fact(
            used,
            Machine.Kind.BREACH,
            client.name() + " is used after its PM domain was detached"));
  }

  /**
   * What happens to a device from its probe to the release of the last of its resources.
   *
   * @param order what its bus does
   * @param unbinder who unbinds it, if its probe does not fail
   */
  public static Machine of(Client client, Order order, Doer unbinder) {
    return new ManagedRelease(client, order, unbinder).machine();
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

  private Machine machine() {
    Script by = new Script();
    if (really_probe(by)) {
      device_release_driver(by);
    }
    Script.Written written = by.written();
    Variable position =
        new Variable(
            variables.size(),
            "driver core at",
            0,
            written.steps().stream().mapToInt(Step::to).max().orElse(0));
    variables.add(position);
    Agent agent = new Agent("driver core", position, written.steps(), Set.of(written.end()));
    return new Machine(
        "bus=%s order=%s %s"
            .formatted(client.bus(), order, client.probeFails() ? "probe fails" : unbinder),
        variables,
        List.of(agent),
        facts);
  }

  /** drivers/base/dd.c. Whether the device is bound then. */
  private boolean really_probe(Script by) {
    Doer doer = Doer.APPLIER;
    shows(by, client.bus().probe, client.name(), doer, client.bus().file);
    dev_pm_domain_attach(by, doer);
    if (order == Order.GROUP) {
      devres_add(by, doer, "devres_open_group(), " + client.bus().file, GROUP, Entry.GROUP);
    } else if (order == Order.ACTION) {
      devres_add(by, doer, client.bus().file, ACTION, Entry.DETACHES);
    }
    managed_probe(by, doer);
    if (client.probeFails()) {
      releaseDriverResources(by, doer);
      device_unbind_cleanup(by, doer);
    }
    return !client.probeFails();
  }

  /** drivers/base/dd.c. */
  private void device_release_driver(Script by) {
    shows(by, client.bus().remove, client.name(), unbinder, client.bus().file);
    shows(by, Act.DRIVER_REMOVES, client.name(), unbinder, DRIVER);
    releaseDriverResources(by, unbinder);
    device_unbind_cleanup(by, unbinder);
  }

  /** The bus's code, after the driver's remove or failed probe. */
  private void releaseDriverResources(Script by, Doer doer) {
    if (order == Order.GROUP) {
      shows(by, Act.RELEASES_GROUP, client.name(), doer, client.bus().file);
      release_nodes(by, doer);
    }
    if (order != Order.ACTION) {
      dev_pm_domain_detach(by, doer);
    }
  }

  /** drivers/base/dd.c. */
  private void device_unbind_cleanup(Script by, Doer doer) {
    shows(by, Act.RELEASES_ALL, client.name(), doer, "device_unbind_cleanup(), " + DD);
    release_nodes(by, doer);
  }

  /** drivers/base/power/common.c. */
  private void dev_pm_domain_attach(Script by, Doer doer) {
    by.shows(
        new Label(Act.BUS_ATTACHES, client.name(), doer),
        client.bus().file,
        List.of(),
        attached.becomes(1));
  }

  /** drivers/base/power/common.c. */
  private void dev_pm_domain_detach(Script by, Doer doer) {
    by.shows(
        new Label(Act.BUS_DETACHES, client.name(), doer),
        client.bus().file,
        List.of(),
        attached.becomes(0));
  }

  /** The driver's. */
  private void managed_probe(Script by, Doer doer) {
    shows(by, Act.DRIVER_PROBES, client.name(), doer, DRIVER);
    for (Resource resource : client.resources()) {
      for (String name : resource.names()) {
        Entry entry = resource == Resource.ACCESS ? Entry.CHIP : Entry.RESOURCE;
        devres_add(by, doer, DRIVER, name, entry);
      }
    }
  }

  private void devres_add(Script by, Doer doer, String where, String name, Entry entry) {
    String label = label(client.name(), name, names.merge(name, 1, Integer::sum));
    Variable held = variable("held(" + label + ")", 1);
    Variable late = variable("late(" + label + ")", 1);
    added.add(new Added(entry, label, held, late));
    facts.add(
        new Machine.Fact(
            late, Machine.Kind.BREACH, label + " is released after dev_pm_domain_detach()"));
    by.shows(new Label(Act.ADDS_RESOURCE, label, doer), where, List.of(), held.becomes(1));
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
    Label label = new Label(Act.RELEASES_RESOURCE, one.label(), doer);
    Variable held = one.held();
    by.either(
        () -> by.shows(label, DEVRES, List.of(held.is(1), attached.is(1)), held.becomes(0)),
        () -> {
          List<Condition> detached = List.of(held.is(1), attached.is(0));
          by.shows(label, DEVRES, detached, held.becomes(0), one.late().becomes(1));
          if (one.entry() == Entry.CHIP) {
            by.shows(
                new Label(Act.NOTICES_USE, client.name(), doer),
                "managed_use(), " + DRIVER,
                List.of(),
                used.becomes(1));
          }
        });
    if (one.entry() == Entry.DETACHES) {
      dev_pm_domain_detach(by, doer);
    }
  }

  private static void shows(Script by, Act act, String object, Doer doer, String where) {
    by.shows(new Label(act, object, doer), where, List.of());
  }

  private Variable variable(String name, int max) {
    Variable variable = new Variable(variables.size(), name, 0, max);
    variables.add(variable);
    return variable;
  }
}
