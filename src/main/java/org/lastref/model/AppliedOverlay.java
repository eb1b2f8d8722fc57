package org.lastref.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an applied overlay put into the kernel.
 *
 * @param nodes the nodes it added or changed, in the order of its changeset
 * @param devices the devices made for them, in the order of their creation
 * @param links the device links that stay once every driver that can has bound, in the order of
 *     their creation
 * @param dropped the links made on the way and gone by then: a cycle's, or a parent's in proxy for
 *     its children
 * @param wanting the nodes for which a driver is wanted, those of the base tree included that the
 *     overlay switches on, the first in its changeset first
 */
public record AppliedOverlay(
    List<ChangedNode> nodes,
    List<Device> devices,
    List<Link> links,
    List<Link> dropped,
    List<Wanting> wanting) {

  /**
   * A node in the changeset.
   *
   * @param path its path in the live tree
   * @param entries how many entries of the changeset are about it; each holds one reference
   */
  public record ChangedNode(String path, int entries, Change change) {
    /** Whether the overlay adds it; if not, it only changes properties of it. */
    public boolean added() {
      return change == Change.ADDED;
    }

    /** Whether the buses are told of it, so that a device may come of it and go with it. */
    public boolean isNotified() {
      return added() || change == Change.SWITCHED_ON;
    }

    /** The last part of the path: {@code device_node.full_name}. */
    public String name() {
      return nameOf(path);
    }
  }

  /** What an overlay does to a node. */
  public enum Change {
    /** Adds it. */
    ADDED,
    /** Changes the {@code status} of one of the base tree, so that a device may be made of it. */
    SWITCHED_ON,
    /** The same, so that its device goes. */
    SWITCHED_OFF,
    /** Changes other properties of it. */
    PROPERTIES
  }

  /**
   * A node for which a driver is wanted: it says what it is compatible with, and is not disabled.
   *
   * @param known how the model knows the driver, and how its device comes to be
   * @param bus the one on which a device is expected to be made of it; empty if none is, or if who
   *     makes it is not known
   */
  public record Wanting(String path, List<String> compatible, Known known, Optional<Bus> bus) {
    public Wanting {
      compatible = List.copyOf(compatible);
    }

    /** Whether the model knows all that the driver does. */
    public boolean modelled() {
      return known == Known.READ;
    }

    /** The last part of the path. */
    public String name() {
      return nameOf(path);
    }

    /** What users may call it: its path, its last part, and what it is compatible with. */
    public Set<String> names() {
      Set<String> names = new TreeSet<>(compatible);
      names.add(path);
      names.add(name());
      return names;
    }
  }

  /** How a driver is known. */
  public enum Known {
    /** Not at all. */
    NOT,
    /** Some cycles showed what it holds. */
    LEARNT,
    /** Its source was read. */
    READ
  }

  /**
   * A device made for a node of the overlay.
   *
   * @param bus the bus that it is on
   * @param name its name there; where that is not known before, the path of its node
   * @param path its node
   * @param bound whether a driver that Lastref knows binds to it
   * @param module which of {@code harness/modules} that driver is in, empty if in none
   * @param sleeps whether it sleeps when it is released
   * @param holds what that driver holds, with the nodes it holds
   * @param ordered whether it is known that the driver returns what it holds in the reverse order
   */
  public record Device(
      Bus bus,
      String name,
      String path,
      boolean bound,
      String module,
      boolean sleeps,
      List<NodeHold> holds,
      boolean ordered) {

    public Device {
      holds = List.copyOf(holds);
    }

    /** Whether its name is known before it is made. */
    boolean isNamed() {
      return !isPath(name);
    }

    /** One whose driver is known. */
    public Device(
        Bus bus,
        String name,
        String path,
        boolean bound,
        String module,
        boolean sleeps,
        List<NodeHold> holds) {
      this(bus, name, path, bound, module, sleeps, holds, true);
    }
  }

  /**
   * A driver's reference to one node.
   *
   * @param onRelease whether it is returned when some device of a class is released, and not by the
   *     driver
   * @param device the name of that device if links hold it too, else empty
   */
  public record NodeHold(
      String path, String getBy, String putBy, boolean onRelease, String device) {
    /** One that links do not hold. */
    public NodeHold(String path, String getBy, String putBy, boolean onRelease) {
      this(path, getBy, putBy, onRelease, "");
    }

    /** The same where links hold the device that returns it. */
    public NodeHold by(String held) {
      return new NodeHold(path, getBy, putBy, onRelease, held);
    }
  }

  /** How long a link stays. */
  public enum Kind {
    /** Until one of its devices goes: {@code DL_FLAG_INFERRED}, made by the driver core. */
    INFERRED,
    /** Until its consumer is unbound: {@code DL_FLAG_AUTOREMOVE_CONSUMER}, made by a driver. */
    AUTOREMOVE,
    /** Until its consumer's driver lets go of it, some time while it is unbound. */
    DRIVERS
  }

  /**
   * A device link, by the names of its devices; either may be outside of the overlay.
   *
   * @param supplierBus the bus or class that the supplier is of
   * @param consumerBus the same of the consumer
   * @param unwatched those of the two whose references nobody watches
   * @param ofBase whether neither of the two has a node that an overlay added
   */
  public record Link(
      String supplierBus,
      String supplier,
      String consumerBus,
      String consumer,
      Kind kind,
      Set<String> unwatched,
      boolean ofBase) {

    private static final Pattern NAME = Pattern.compile("([^:]+):(.+?)--([^:]+):(.+)");

    public Link {
      unwatched = Set.copyOf(unwatched);
    }

    /** One whose devices are both watched. */
    public Link(Bus supplierBus, String supplier, Bus consumerBus, String consumer, Kind kind) {
      this(
          supplierBus.toString(),
          supplier,
          consumerBus.toString(),
          consumer,
          kind,
          Set.of(),
          false);
    }

    /** One between platform devices. */
    public Link(String supplier, String consumer, Kind kind) {
      this(Bus.PLATFORM, supplier, Bus.PLATFORM, consumer, kind);
    }

    /** One of these that was inferred from the devicetree. */
    public Link(String supplier, String consumer) {
      this(supplier, consumer, Kind.INFERRED);
    }

    /** The one of a name; empty if it is no link's name. */
    public static Optional<Link> named(String name, Kind kind) {
      Matcher parts = NAME.matcher(name);
      return parts.matches()
          ? Optional.of(
              new Link(
                  parts.group(1),
                  parts.group(2),
                  parts.group(3),
                  parts.group(4),
                  kind,
                  Set.of(),
                  false))
          : Optional.empty();
    }

    /** The same with the names of devices of which only the path was known, by that. */
    public Link named(Map<String, String> names) {
      return new Link(
          supplierBus,
          names.getOrDefault(supplier, supplier),
          consumerBus,
          names.getOrDefault(consumer, consumer),
          kind,
          unwatched,
          ofBase);
    }

    /** The same where of the two only those devices are watched that are among these. */
    public Link seen(Set<String> watched) {
      Set<String> others = new TreeSet<>(List.of(supplier, consumer));
      others.removeAll(watched);
      return new Link(supplierBus, supplier, consumerBus, consumer, kind, others, ofBase);
    }

    /** The same where only those devices have nodes that an overlay added that are among these. */
    public Link of(Set<String> overlays) {
      boolean others = !overlays.contains(supplier) && !overlays.contains(consumer);
      return new Link(supplierBus, supplier, consumerBus, consumer, kind, unwatched, others);
    }

    /** The same that a driver lets go of by itself. */
    public Link byDriver() {
      return new Link(
          supplierBus, supplier, consumerBus, consumer, Kind.DRIVERS, unwatched, ofBase);
    }

    /** As {@code device_link_add()} names it. */
    public String name() {
      return supplierBus + ":" + supplier + "--" + consumerBus + ":" + consumer;
    }

    /** Without the buses. */
    String shortName() {
      return supplier + "--" + consumer;
    }

    /** Whether it holds the device. */
    public boolean touches(String device) {
      return supplier.equals(device) || consumer.equals(device);
    }
  }

  public AppliedOverlay {
    nodes = List.copyOf(nodes);
    devices = List.copyOf(devices);
    links = List.copyOf(links);
    dropped = List.copyOf(dropped);
    wanting = List.copyOf(wanting);
  }

  private static String nameOf(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Whether what stands for a device's name is the path of its node. */
  private static boolean isPath(String name) {
    return name.startsWith("/");
  }

  /**
   * Whether the model knows each driver that may come, and how: of those that come to the base tree
   * it only sees.
   */
  public boolean isModelled() {
    return !does(Change.SWITCHED_ON)
        && !does(Change.SWITCHED_OFF)
        && wanting.stream().allMatch(Wanting::modelled);
  }

  /** Whether there is a node to which it does that. */
  public boolean does(Change change) {
    return nodes.stream().anyMatch(node -> node.change() == change);
  }

  /**
   * The nodes of which devices may come with it: what it adds, what it switches on, what is below.
   */
  public Set<String> ownNodes() {
    Set<String> paths = new TreeSet<>();
    nodes.stream().filter(ChangedNode::isNotified).forEach(node -> paths.add(node.path()));
    wanting.forEach(each -> paths.add(each.path()));
    return paths;
  }

  /** The nodes of the base tree to watch: the root is everybody's. */
  public Set<String> watchedNodes() {
    Set<String> paths = new TreeSet<>();
    wanting.forEach(each -> paths.add(each.path()));
    nodes.forEach(node -> paths.add(node.path()));
    nodes.stream().filter(ChangedNode::added).map(ChangedNode::path).forEach(paths::remove);
    paths.remove("/");
    return paths;
  }

  /** The device made for a node. */
  public Optional<Device> deviceOf(String path) {
    return devices.stream().filter(device -> device.path().equals(path)).findFirst();
  }

  /**
   * The devices that have to be unbound for all to be, the last first: unbinding one unbinds its
   * consumers first, {@code device_links_unbind_consumers()}.
   */
  public List<Device> unbinding() {
    List<Device> order = new ArrayList<>();
    Set<String> unbound = new HashSet<>();
    for (int i = devices.size() - 1; i >= 0; i--) {
      Device device = devices.get(i);
      if (device.bound() && !unbound.contains(device.name())) {
        order.add(device);
        unbind(device.name(), unbound);
      }
    }
    return order;
  }

  private void unbind(String device, Set<String> unbound) {
    if (unbound.add(device)) {
      for (Link link : links) {
        if (link.supplier().equals(device)) {
          unbind(link.consumer(), unbound);
        }
      }
    }
  }

  /** What of {@code harness/modules} its drivers are in. */
  public Set<String> modules() {
    Set<String> modules = new TreeSet<>();
    devices.forEach(device -> modules.add(device.module()));
    modules.remove("");
    return modules;
  }

  /** The names, where they are known, of its devices and of those that its links reach. */
  public Set<String> watchedDevices() {
    Set<String> names = new TreeSet<>();
    devices.forEach(device -> names.add(device.name()));
    for (Link link : links) {
      names.add(link.supplier());
      names.add(link.consumer());
    }
    names.removeIf(AppliedOverlay::isPath);
    return names;
  }
}
