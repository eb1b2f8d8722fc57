package org.lastref.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

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
 * @param switched the nodes of the base tree whose status it changes; what becomes of their devices
 *     and of those below them is not modelled
 */
public record AppliedOverlay(
    List<ChangedNode> nodes,
    List<Device> devices,
    List<Link> links,
    List<Link> dropped,
    List<Wanting> wanting,
    List<String> switched) {

  /**
   * A node in the changeset.
   *
   * @param path its path in the live tree
   * @param entries how many entries of the changeset are about it; each holds one reference
   * @param added whether the overlay adds it; if not, it only changes properties of it
   */
  public record ChangedNode(String path, int entries, boolean added) {
    /** The last part of the path: {@code device_node.full_name}. */
    public String name() {
      return path.substring(path.lastIndexOf('/') + 1);
    }
  }

  /**
   * A node for which a driver is wanted: it says what it is compatible with, and is not disabled.
   *
   * @param modelled whether the model knows the driver, and how its device comes to be
   */
  public record Wanting(String path, List<String> compatible, boolean modelled) {
    public Wanting {
      compatible = List.copyOf(compatible);
    }

    /** What users may call it: its path, its last part, and what it is compatible with. */
    public Set<String> names() {
      Set<String> names = new TreeSet<>(compatible);
      names.add(path);
      names.add(path.substring(path.lastIndexOf('/') + 1));
      return names;
    }
  }

  /**
   * A device made for a node of the overlay.
   *
   * @param bus the bus that it is on
   * @param name its name there
   * @param path its node
   * @param bound whether a driver that Lastref knows binds to it
   * @param module which of {@code harness/modules} that driver is in, empty if in none
   * @param sleeps whether it sleeps when it is released
   * @param holds what that driver holds, with the nodes it holds
   */
  public record Device(
      Bus bus,
      String name,
      String path,
      boolean bound,
      String module,
      boolean sleeps,
      List<NodeHold> holds) {

    public Device {
      holds = List.copyOf(holds);
    }
  }

  /**
   * A driver's reference to one node.
   *
   * @param onRelease whether it is returned when some device of a class is released, and not by the
   *     driver
   */
  public record NodeHold(String path, String getBy, String putBy, boolean onRelease) {}

  /** How long a link stays. */
  public enum Kind {
    /** Until one of its devices goes: {@code DL_FLAG_INFERRED}, made by the driver core. */
    INFERRED,
    /** Until its consumer is unbound: {@code DL_FLAG_AUTOREMOVE_CONSUMER}, made by a driver. */
    AUTOREMOVE
  }

  /** A device link, by the names of its devices; either may be outside of the overlay. */
  public record Link(
      Bus supplierBus, String supplier, Bus consumerBus, String consumer, Kind kind) {

    /** One between platform devices. */
    public Link(String supplier, String consumer, Kind kind) {
      this(Bus.PLATFORM, supplier, Bus.PLATFORM, consumer, kind);
    }

    /** One of these that was inferred from the devicetree. */
    public Link(String supplier, String consumer) {
      this(supplier, consumer, Kind.INFERRED);
    }

    /** As {@code device_link_add()} names it. */
    public String name() {
      return supplierBus.inLinks(supplier) + "--" + consumerBus.inLinks(consumer);
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
    switched = List.copyOf(switched);
  }

  /** Whether the model knows each driver that may come, and how. */
  public boolean isModelled() {
    return switched.isEmpty() && wanting.stream().allMatch(Wanting::modelled);
  }

  /** The nodes of the base tree to watch: the root is everybody's. */
  public Set<String> watchedNodes() {
    Set<String> paths = new TreeSet<>(switched);
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

  /** The names of its devices and of those that its links reach outside of it. */
  public Set<String> watchedDevices() {
    Set<String> names = new TreeSet<>();
    devices.forEach(device -> names.add(device.name()));
    for (Link link : links) {
      names.add(link.supplier());
      names.add(link.consumer());
    }
    return names;
  }
}
