package org.lastref.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.Node;
import org.lastref.fdt.Overlay;
import org.lastref.fdt.Property;
import org.lastref.fdt.ResolvedOverlay;
import org.lastref.model.AppliedOverlay.ChangedNode;
import org.lastref.model.AppliedOverlay.Device;
import org.lastref.model.AppliedOverlay.Kind;
import org.lastref.model.AppliedOverlay.Link;
import org.lastref.model.AppliedOverlay.NodeHold;
import org.lastref.model.AppliedOverlay.Wanting;

/**
 * Applies overlays to a tree as the kernel does, one on top of the other, and says what devices and
 * device links come of it. Follows {@code of_overlay_apply()} (drivers/of/overlay.c), {@code
 * of_platform_notify()} (drivers/of/platform.c) and firmware-node links (drivers/base/core.c).
 *
 * <p>Probing is taken to succeed for every driver that has a {@link DriverProfile}; deferred probes
 * are retried until nothing changes. A node with a {@code reg} is taken to be named by the
 * untranslated address in it.
 */
public final class OverlayApplier {

  private final Kernel kernel;
  private Fdt tree;
  private final Set<String> overlayNodes = new HashSet<>();
  private final Set<String> notDevices = new HashSet<>();
  private final Set<String> buses = new HashSet<>(Set.of("/"));
  private final Map<String, LiveDevice> devices = new LinkedHashMap<>();
  private final List<NodeLink> nodeLinks = new ArrayList<>();
  private final List<LiveLink> links = new ArrayList<>();
  private final List<Link> dropped = new ArrayList<>();

  /** A device; {@code ofOverlay} is false for one of the base tree. */
  private static final class LiveDevice {
    final Bus bus;
    final String name;
    final String path;
    final boolean ofOverlay;
    boolean bound;

    LiveDevice(Bus bus, String name, String path, boolean ofOverlay, boolean bound) {
      this.bus = bus;
      this.name = name;
      this.path = path;
      this.ofOverlay = ofOverlay;
      this.bound = bound;
    }
  }

  /** {@code struct fwnode_link}. */
  private static final class NodeLink {
    final String consumer;
    String supplier;
    boolean cycle;

    NodeLink(String consumer, String supplier) {
      this.consumer = consumer;
      this.supplier = supplier;
    }
  }

  /** {@code struct device_link}; {@code syncStateOnly} as DL_FLAG_SYNC_STATE_ONLY. */
  private static final class LiveLink {
    final LiveDevice supplier;
    final LiveDevice consumer;
    final Kind kind;
    boolean syncStateOnly;
    boolean cycle;

    LiveLink(LiveDevice supplier, LiveDevice consumer, Kind kind, boolean syncStateOnly) {
      this.supplier = supplier;
      this.consumer = consumer;
      this.kind = kind;
      this.syncStateOnly = syncStateOnly;
    }

    Link data() {
      return new Link(supplier.bus, supplier.name, consumer.bus, consumer.name, kind);
    }
  }

  /**
   * Starts from a base tree.
   *
   * @param base the tree that the board booted with
   * @param kernel that applies them
   */
  public OverlayApplier(Fdt base, Kernel kernel) {
    tree = base;
    this.kernel = kernel;
  }

  /**
   * What overlays put into the kernel, each on top of those before it.
   *
   * @param layers by name, in the order in which they are applied
   * @throws org.lastref.fault.InputFault if one cannot be applied
   */
  public static Map<String, AppliedOverlay> apply(
      Fdt base, Kernel kernel, Map<String, Overlay> layers) {
    OverlayApplier applier = new OverlayApplier(base, kernel);
    Map<String, AppliedOverlay> applied = new LinkedHashMap<>();
    layers.forEach((name, overlay) -> applied.put(name, applier.apply(overlay)));
    return applied;
  }

  /**
   * Applies one more overlay.
   *
   * @throws org.lastref.fault.InputFault if the overlay cannot be applied to this tree
   */
  public AppliedOverlay apply(Overlay overlay) {
    ResolvedOverlay resolved = overlay.resolve(tree);
    List<ChangedNode> nodes = new ArrayList<>();
    for (ResolvedOverlay.ResolvedFragment fragment : resolved.fragments()) {
      changes(fragment.targetPath(), fragment.content(), nodes);
    }
    Fdt before = tree;
    tree = tree.apply(resolved);
    List<String> switched = new ArrayList<>();
    for (ChangedNode node : nodes) {
      if (!node.added() && available(before, node.path()) != available(tree, node.path())) {
        switched.add(node.path());
      }
      if (node.added()) {
        overlayNodes.add(node.path());
        notDevices.add(node.path());
      }
    }
    dropped.clear();
    for (ChangedNode node : nodes) {
      if (node.added()) {
        attached(node.path());
      }
    }
    return applied(nodes, wanting(nodes, switched), switched);
  }

  /** The nodes for which a driver is wanted: of_platform_notify() and its like of other buses. */
  private List<Wanting> wanting(List<ChangedNode> nodes, List<String> switched) {
    Map<String, Wanting> wanting = new LinkedHashMap<>();
    for (ChangedNode node : nodes) {
      if (node.added()) {
        wants(node.path()).ifPresent(each -> wanting.put(each.path(), each));
      } else if (switched.contains(node.path())) {
        below(node.path())
            .forEach(path -> wants(path).ifPresent(each -> wanting.put(each.path(), each)));
      }
    }
    return List.copyOf(wanting.values());
  }

  private Optional<Wanting> wants(String path) {
    List<String> compatible =
        node(path).property("compatible").map(Property::asStrings).orElse(List.of());
    if (compatible.isEmpty() || !availableWithAncestors(path)) {
      return Optional.empty();
    }
    boolean modelled = devices.containsKey(path) && kernel.drivers().of(node(path)).isPresent();
    return Optional.of(new Wanting(path, compatible, modelled));
  }

  /** A node and those below it. */
  private List<String> below(String path) {
    List<String> paths = new ArrayList<>(List.of(path));
    children(path).forEach(child -> paths.addAll(below(child)));
    return paths;
  }

  /** {@code build_changeset_next_level()}: what of the changeset is about which node. */
  private void changes(String path, Node content, List<ChangedNode> nodes) {
    Optional<Node> live = tree.find(path);
    boolean added = live.isEmpty();
    int entries = added ? 1 : 0;
    for (Property property : content.properties()) {
      if (added || changes(property, live.get())) {
        entries++;
      }
    }
    // Unflattening gives each node a property "name" where it has none.
    if (added && content.property("name").isEmpty()) {
      entries++;
    }
    if (entries > 0) {
      nodes.add(new ChangedNode(path, entries, added));
    }
    for (Node child : content.children()) {
      changes(join(path, child.name()), child, nodes);
    }
  }

  /** {@code add_changeset_property()}: what is left out for a node that is there already. */
  private static boolean changes(Property property, Node live) {
    return switch (property.name()) {
      case "name", "phandle", "linux,phandle" -> false;
      case "#address-cells", "#size-cells" -> live.property(property.name()).isEmpty();
      default -> true;
    };
  }

  /** {@code of_platform_notify()} of an attached node. */
  private void attached(String path) {
    Node node = node(path);
    if (!available(node) || !buses.contains(parent(path)) || devices.containsKey(path)) {
      return;
    }
    notDevices.remove(path);
    addDevice(path);
    retryDeferred();
  }

  /** {@code device_add()}, as far as links are concerned, and the first probe. */
  private void addDevice(String path) {
    LiveDevice device = new LiveDevice(Bus.PLATFORM, deviceName(path), path, true, false);
    devices.put(path, device);
    parseTree(path);
    linkToConsumers(device);
    linkToSuppliers(device, path);
    probe(device);
  }

  private void retryDeferred() {
    boolean changed = true;
    while (changed) {
      changed = false;
      for (LiveDevice device : List.copyOf(devices.values())) {
        changed |= !device.bound && probe(device);
      }
    }
  }

  /** {@code device_links_check_suppliers()} and, if none is missing, the driver's probe. */
  private boolean probe(LiveDevice device) {
    Optional<DriverProfile> driver = kernel.drivers().of(node(device.path));
    boolean waits =
        nodeLinks.stream().anyMatch(link -> link.consumer.equals(device.path) && !link.cycle)
            || links.stream()
                .anyMatch(
                    link -> link.consumer == device && !link.syncStateOnly && !link.supplier.bound);
    if (driver.isEmpty() || waits) {
      return false;
    }
    List<LiveDevice> own = new ArrayList<>();
    for (String path : driver.get().supplierPaths(node(device.path))) {
      LiveDevice supplier = notDevices.contains(path) ? null : deviceAt(path);
      if (supplier == null || !supplier.bound) {
        return false;
      }
      own.add(supplier);
    }
    own.forEach(supplier -> addLink(device, supplier, Kind.AUTOREMOVE, false, false));
    if (driver.get().populatesChildren()) {
      buses.add(device.path);
      for (String child : children(device.path)) {
        if (node(child).property("compatible").isPresent()) {
          addDevice(child);
        }
      }
    }
    device.bound = true;
    driverBound(device);
    return true;
  }

  /** {@code device_links_driver_bound()}. */
  private void driverBound(LiveDevice device) {
    nodeLinks.removeIf(link -> link.consumer.equals(device.path));
    for (String child : children(device.path)) {
      pickUpDangling(child, device.path);
    }
    linkToConsumers(device);
    for (LiveLink link : List.copyOf(links)) {
      if (link.consumer == device && link.syncStateOnly) {
        links.remove(link);
        dropped.add(link.data());
      }
    }
  }

  /** {@code __fw_devlink_pickup_dangling_consumers()}. */
  private void pickUpDangling(String path, String newSupplier) {
    if (devices.containsKey(path)) {
      return;
    }
    for (NodeLink link : nodeLinks) {
      if (link.supplier.equals(path)) {
        link.supplier = newSupplier;
      }
    }
    for (String child : children(path)) {
      pickUpDangling(child, newSupplier);
    }
  }

  /** {@code fw_devlink_parse_fwtree()}; {@code of_link_to_phandle()} leaves disabled ones out. */
  private void parseTree(String path) {
    for (Suppliers.Need need : Suppliers.of(path, tree, kernel)) {
      boolean known =
          nodeLinks.stream()
              .anyMatch(
                  link ->
                      link.consumer.equals(need.consumer())
                          && link.supplier.equals(need.supplier()));
      if (!known && availableWithAncestors(need.supplier())) {
        // __fwnode_link_add() puts it at the head of both lists.
        nodeLinks.add(0, new NodeLink(need.consumer(), need.supplier()));
      }
    }
    for (String child : children(path)) {
      parseTree(child);
    }
  }

  /** {@code __fw_devlink_link_to_consumers()}. */
  private void linkToConsumers(LiveDevice supplier) {
    for (NodeLink link : List.copyOf(nodeLinks)) {
      if (!link.supplier.equals(supplier.path)) {
        continue;
      }
      LiveDevice consumer = devices.get(link.consumer);
      boolean own = consumer != null;
      if (consumer == null) {
        consumer = ancestorDevice(link.consumer);
        if (consumer == null || supplier.path.startsWith(consumer.path + "/")) {
          continue;
        }
      }
      if (makeLink(consumer, supplier.path, link) && own) {
        nodeLinks.remove(link);
      }
    }
  }

  /** {@code __fw_devlink_link_to_suppliers()}, for the device and in proxy for nodes below it. */
  private void linkToSuppliers(LiveDevice consumer, String path) {
    for (NodeLink link : List.copyOf(nodeLinks)) {
      if (link.consumer.equals(path)
          && makeLink(consumer, link.supplier, link)
          && path.equals(consumer.path)) {
        nodeLinks.remove(link);
      }
    }
    for (String child : children(path)) {
      linkToSuppliers(consumer, child);
    }
  }

  /**
   * {@code fw_devlink_create_devlink()}.
   *
   * @return whether the matter is settled, false if the supplier may still come
   */
  private boolean makeLink(LiveDevice consumer, String supplierPath, NodeLink link) {
    link.cycle |= relaxCycles(link.consumer, supplierPath, new HashSet<>());
    boolean syncStateOnly = link.cycle || !consumer.path.equals(link.consumer);
    LiveDevice supplier =
        notDevices.contains(supplierPath) ? ancestorDevice(supplierPath) : deviceAt(supplierPath);
    if (supplier == null) {
      return !overlayNodes.contains(supplierPath);
    }
    if (supplier != consumer) {
      addLink(consumer, supplier, Kind.INFERRED, syncStateOnly, link.cycle);
    }
    return true;
  }

  /** {@code device_link_add()}. */
  private void addLink(
      LiveDevice consumer, LiveDevice supplier, Kind kind, boolean syncOnly, boolean cycle) {
    if (syncOnly && consumer.bound) {
      return;
    }
    for (LiveLink link : links) {
      if (link.supplier == supplier && link.consumer == consumer) {
        link.syncStateOnly &= syncOnly;
        return;
      }
    }
    LiveLink link = new LiveLink(supplier, consumer, kind, syncOnly);
    link.cycle = cycle;
    links.add(link);
  }

  /** {@code __fw_devlink_relax_cycles()}. */
  private boolean relaxCycles(String consumer, String supplier, Set<String> visited) {
    if (!visited.add(supplier)) {
      return false;
    }
    if (supplier.equals(consumer)) {
      visited.remove(supplier);
      return true;
    }
    boolean found = false;
    LiveDevice supplierDevice = deviceAt(supplier);
    LiveDevice consumerDevice = deviceAt(consumer);
    boolean cannotDepend =
        supplierDevice != null
            && supplierDevice.bound
            && consumerDevice != null
            && !consumerDevice.bound;
    if (!cannotDepend) {
      for (NodeLink link : nodeLinks) {
        if (link.consumer.equals(supplier) && relaxCycles(consumer, link.supplier, visited)) {
          link.cycle = true;
          found = true;
        }
      }
      LiveDevice parent = ancestorDevice(supplier);
      found |= parent != null && relaxCycles(consumer, parent.path, visited);
      for (LiveLink link : links) {
        if (link.consumer == supplierDevice
            && (!link.syncStateOnly || link.cycle)
            && relaxCycles(consumer, link.supplier.path, visited)) {
          link.syncStateOnly = true;
          link.cycle = true;
          found = true;
        }
      }
    }
    visited.remove(supplier);
    return found;
  }

  private AppliedOverlay applied(
      List<ChangedNode> nodes, List<Wanting> wanting, List<String> switched) {
    Set<String> paths = new HashSet<>();
    nodes.forEach(node -> paths.add(node.path()));
    List<Device> made = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (LiveDevice device : devices.values()) {
      if (device.ofOverlay && paths.contains(device.path)) {
        made.add(
            new Device(
                device.bus,
                device.name,
                device.path,
                device.bound,
                module(device),
                sleeps(device),
                holds(device)));
        names.add(device.name);
      }
    }
    List<Link> staying =
        links.stream()
            .map(LiveLink::data)
            .filter(l -> names.contains(l.supplier()) || names.contains(l.consumer()))
            .toList();
    return new AppliedOverlay(nodes, made, staying, List.copyOf(dropped), wanting, switched);
  }

  private String module(LiveDevice device) {
    return kernel.drivers().of(node(device.path)).map(DriverProfile::ours).orElse("");
  }

  private boolean sleeps(LiveDevice device) {
    Node node = node(device.path);
    return device.bound
        && kernel.drivers().of(node).map(driver -> driver.sleepsAtRelease(node)).orElse(false);
  }

  private List<NodeHold> holds(LiveDevice device) {
    List<NodeHold> holds = new ArrayList<>();
    if (device.bound) {
      for (DriverProfile.Hold hold : kernel.drivers().of(node(device.path)).orElseThrow().taken()) {
        List<String> held =
            hold.on() == DriverProfile.On.OWN_NODE ? List.of(device.path) : children(device.path);
        held.forEach(path -> holds.add(hold.of(path)));
      }
    }
    return holds;
  }

  /** A device of an overlay, or one that the base tree is taken to have. */
  private @Nullable LiveDevice deviceAt(String path) {
    LiveDevice device = devices.get(path);
    if (device != null || overlayNodes.contains(path)) {
      return device;
    }
    Optional<Node> node = tree.find(path);
    List<String> compatible =
        node.flatMap(n -> n.property("compatible")).map(Property::asStrings).orElse(List.of());
    boolean exists =
        !path.equals("/")
            && !compatible.isEmpty()
            && !EarlyNodes.areDeclared(compatible, kernel)
            && availableWithAncestors(path);
    if (exists) {
      device = new LiveDevice(Bus.PLATFORM, deviceName(path), path, false, true);
      devices.put(path, device);
    }
    return device;
  }

  private @Nullable LiveDevice ancestorDevice(String path) {
    for (String at = parent(path); !at.equals("/"); at = parent(at)) {
      LiveDevice device = deviceAt(at);
      if (device != null) {
        return device;
      }
    }
    return null;
  }

  /** {@code of_device_make_bus_id()}. */
  private String deviceName(String path) {
    String name = "";
    for (String at = path; !at.equals("/"); at = parent(at)) {
      List<Long> reg = node(at).property("reg").map(Property::asCells).orElse(List.of());
      String rest = name.isEmpty() ? "" : ":" + name;
      if (!reg.isEmpty()) {
        int cells = addressCells(parent(at));
        long address = 0;
        for (int i = 0; i < Math.min(cells, reg.size()); i++) {
          address = address << 32 | reg.get(i);
        }
        return Long.toHexString(address) + "." + node(at).baseName() + rest;
      }
      name = node(at).name() + rest;
    }
    return name;
  }

  private int addressCells(String path) {
    return node(path)
        .property("#address-cells")
        .map(Property::asCells)
        .filter(cells -> !cells.isEmpty())
        .map(cells -> cells.get(0).intValue())
        .orElse(2);
  }

  private Node node(String path) {
    return tree.find(path).orElseThrow(() -> new IllegalStateException("no node " + path));
  }

  /** The available children, in the order of the kernel's list. */
  private List<String> children(String path) {
    return node(path).children().stream()
        .filter(OverlayApplier::available)
        .map(child -> join(path, child.name()))
        .toList();
  }

  private boolean availableWithAncestors(String path) {
    for (String at = path; !at.equals("/"); at = parent(at)) {
      if (!available(node(at))) {
        return false;
      }
    }
    return true;
  }

  private static boolean available(Fdt tree, String path) {
    return tree.find(path).map(OverlayApplier::available).orElse(true);
  }

  /** {@code __of_device_is_available()}, drivers/of/base.c. */
  private static boolean available(Node node) {
    String status = node.property("status").flatMap(Property::asText).orElse("okay");
    return status.equals("okay") || status.equals("ok");
  }

  static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash <= 0 ? "/" : path.substring(0, slash);
  }

  private static String join(String path, String name) {
    return path.equals("/") ? "/" + name : path + "/" + name;
  }
}
