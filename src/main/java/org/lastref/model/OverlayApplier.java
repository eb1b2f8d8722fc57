package org.lastref.model;

import java.util.ArrayList;
import java.util.HashMap;
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
import org.lastref.model.AppliedOverlay.Change;
import org.lastref.model.AppliedOverlay.ChangedNode;
import org.lastref.model.AppliedOverlay.Device;
import org.lastref.model.AppliedOverlay.Kind;
import org.lastref.model.AppliedOverlay.Known;
import org.lastref.model.AppliedOverlay.Link;
import org.lastref.model.AppliedOverlay.NodeHold;
import org.lastref.model.AppliedOverlay.Wanting;

/**
 * Applies overlays to a tree as the kernel does, one on top of the other, and says what devices and
 * device links come of it. Follows {@code of_overlay_apply()} (drivers/of/overlay.c), {@code
 * of_platform_notify()} (drivers/of/platform.c), {@code of_i2c_notify()}
 * (drivers/i2c/i2c-core-of.c), {@code of_spi_notify()} (drivers/spi/spi.c) and firmware-node links
 * (drivers/base/core.c) of Linux 6.1.192. {@code of_gpio_notify()} (drivers/gpio/gpiolib-of.c)
 * makes no devices, nor do pins' groups. MDIO, w1 and MFD have no notifier: what their drivers make
 * of the nodes below theirs is not known.
 *
 * <p>Probing is taken to succeed for every driver that has a {@link DriverProfile}; deferred probes
 * are retried until nothing changes.
 */
public final class OverlayApplier {

  /** {@code of_default_bus_match_table}, drivers/of/platform.c. */
  private static final Set<String> DEFAULT_BUSES =
      Set.of("simple-bus", "simple-mfd", "isa", "arm,amba-bus");

  /** {@code of_skipped_node_table}, drivers/of/platform.c. */
  private static final String SKIPPED = "operating-points-v2";

  private static final long TEN_BITS = 1L << 31;
  private static final long OWN_ADDRESS = 1L << 30;

  private final Kernel kernel;
  private final Fdt base;
  private Fdt tree;
  private final Set<String> overlayNodes = new HashSet<>();
  private final Set<String> notDevices = new HashSet<>();

  /** Of those it is not known who supplies them. */
  private final Set<String> uncertain = new HashSet<>();

  /** Those of the base tree that the overlay which is applied switches on, and those below. */
  private final Set<String> coming = new HashSet<>();

  /** The nodes of which devices are made for the nodes below them, and on which bus. */
  private final Map<String, Bus> buses = new HashMap<>();

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
    this.base = base;
    tree = base;
    this.kernel = kernel;
    populated("/");
  }

  /**
   * {@code of_platform_default_populate_init()}, drivers/of/platform.c, and what drivers of the
   * base tree, which are taken to be bound, populate.
   */
  private void populated(String path) {
    buses.put(path, Bus.PLATFORM);
    for (String child : children(path)) {
      Node node = node(child);
      Optional<Bus> populates =
          compatible(node).stream().anyMatch(DEFAULT_BUSES::contains)
              ? Optional.of(Bus.PLATFORM)
              : kernel.driver(node).flatMap(DriverProfile::bus);
      populates.ifPresent(
          bus -> {
            if (bus == Bus.PLATFORM) {
              populated(child);
            } else {
              buses.put(child, bus);
            }
          });
    }
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
    tree = tree.apply(resolved);
    for (ChangedNode node : nodes) {
      if (node.added()) {
        overlayNodes.add(node.path());
        if (!kernel.has(Kernel.REAL_SUPPLIERS)) {
          notDevices.add(node.path());
        }
      } else if (node.change() == Change.SWITCHED_ON) {
        coming.addAll(below(node.path()));
      }
    }
    dropped.clear();
    for (ChangedNode node : nodes) {
      switch (node.change()) {
        case ADDED -> {
          if (available(node(node.path()))) {
            comes(node.path());
          }
        }
        case SWITCHED_ON -> comes(node.path());
        case SWITCHED_OFF -> goes(node.path());
        case PROPERTIES -> {}
      }
    }
    coming.clear();
    return applied(nodes, wanting(nodes).stream().map(this::suppliedAsKnown).toList());
  }

  /** The nodes for which a driver is wanted: of_platform_notify() and its like of other buses. */
  private List<Wanting> wanting(List<ChangedNode> nodes) {
    Map<String, Wanting> wanting = new LinkedHashMap<>();
    for (ChangedNode node : nodes) {
      if (node.added()) {
        wants(node.path()).ifPresent(each -> wanting.put(each.path(), each));
      } else if (node.change() == Change.SWITCHED_ON) {
        below(node.path())
            .forEach(path -> wants(path).ifPresent(each -> wanting.put(each.path(), each)));
      }
    }
    return List.copyOf(wanting.values());
  }

  private Optional<Wanting> wants(String path) {
    List<String> compatible = compatible(node(path));
    if (compatible.isEmpty() || !availableWithAncestors(path)) {
      return Optional.empty();
    }
    LiveDevice device = devices.get(path);
    return Optional.of(
        new Wanting(
            path,
            compatible,
            Optional.ofNullable(device)
                .flatMap(this::driver)
                .map(DriverProfile::known)
                .orElse(Known.NOT),
            Optional.ofNullable(device).map(each -> each.bus)));
  }

  /** Of what somebody needs who is below it, it is not known whose link there will be. */
  private Wanting suppliedAsKnown(Wanting wanting) {
    boolean known =
        uncertain.stream()
            .noneMatch(
                path -> path.equals(wanting.path()) || path.startsWith(wanting.path() + "/"));
    return known || wanting.known() != Known.READ
        ? wanting
        : new Wanting(wanting.path(), wanting.compatible(), Known.LEARNT, wanting.bus());
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
      Change change =
          added
              ? Change.ADDED
              : content
                  .property("status")
                  .map(status -> switches(live.get(), status))
                  .orElse(Change.PROPERTIES);
      nodes.add(new ChangedNode(path, entries, change));
    }
    for (Node child : content.children()) {
      changes(join(path, child.name()), child, nodes);
    }
  }

  /** {@code of_reconfig_get_state_change()}, drivers/of/dynamic.c. */
  private static Change switches(Node live, Property status) {
    boolean on = isOkay(status);
    if (available(live) == on) {
      return Change.PROPERTIES;
    }
    return on ? Change.SWITCHED_ON : Change.SWITCHED_OFF;
  }

  /** {@code add_changeset_property()}: what is left out for a node that is there already. */
  private static boolean changes(Property property, Node live) {
    return switch (property.name()) {
      case "name", "phandle", "linux,phandle" -> false;
      case "#address-cells", "#size-cells" -> live.property(property.name()).isEmpty();
      default -> true;
    };
  }

  /**
   * {@code of_platform_notify()}, {@code of_i2c_notify()} and {@code of_spi_notify()} of a node
   * that is attached or switched on.
   */
  private void comes(String path) {
    Bus bus = buses.get(parent(path));
    if (bus == null || devices.containsKey(path)) {
      return;
    }
    notDevices.remove(path);
    addDevice(bus, path);
    retryDeferred();
  }

  /** The same of one that is switched off, as far as the devices that stay are concerned. */
  private void goes(String path) {
    String within = path + "/";
    devices.keySet().removeIf(each -> each.equals(path) || each.startsWith(within));
    buses.keySet().removeIf(each -> each.equals(path) || each.startsWith(within));
    nodeLinks.removeIf(link -> link.consumer.equals(path) || link.consumer.startsWith(within));
    links.removeIf(
        link -> !devices.containsValue(link.supplier) || !devices.containsValue(link.consumer));
  }

  /**
   * A bus's driver probes: {@code of_platform_populate()}, drivers/of/platform.c, {@code
   * of_i2c_register_devices()}, drivers/i2c/i2c-core-of.c, {@code of_register_spi_devices()},
   * drivers/spi/spi.c.
   */
  private void populate(String path, Bus bus) {
    buses.put(path, bus);
    List<String> children = children(path);
    if (bus == Bus.I2C) {
      String within = join(path, "i2c-bus");
      children = tree.find(within).isPresent() ? children(within) : children;
    }
    for (String child : children) {
      List<String> compatible = compatible(node(child));
      boolean primecell = bus == Bus.PLATFORM && compatible.contains("arm,primecell");
      if (!devices.containsKey(child)
          && !compatible.isEmpty()
          && !(bus == Bus.PLATFORM && compatible.contains(SKIPPED))
          && (!primecell || isMapped(child))) {
        addDevice(primecell ? Bus.AMBA : bus, child);
      }
    }
  }

  /** {@code of_amba_device_create()}, drivers/of/platform.c, makes none of what has no address. */
  private boolean isMapped(String path) {
    return !cells(path, "reg").isEmpty() && node(parent(path)).property("ranges").isPresent();
  }

  /** {@code device_add()}, as far as links are concerned, and the first probe. */
  private void addDevice(Bus bus, String path) {
    LiveDevice device =
        new LiveDevice(bus, deviceName(bus, path), path, overlayNodes.contains(path), false);
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
    Optional<DriverProfile> driver = driver(device);
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
    driver.get().bus().ifPresent(bus -> populate(device.path, bus));
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
    notDevices.add(path);
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
    // Where its driver made a device of another bus for the node, that is the supplier.
    if (kernel.has(Kernel.REAL_SUPPLIERS) && notDevices.contains(supplierPath)) {
      uncertain.add(link.consumer);
    }
    LiveDevice supplier =
        notDevices.contains(supplierPath) ? ancestorDevice(supplierPath) : deviceAt(supplierPath);
    if (supplier == null && isOfBase(supplierPath)) {
      supplier = ancestorDevice(supplierPath);
    }
    if (supplier == null) {
      return isOfBase(supplierPath);
    }
    if (supplier != consumer) {
      addLink(consumer, supplier, Kind.INFERRED, syncStateOnly, link.cycle);
    }
    return true;
  }

  /**
   * Whether a node was there, and what is above it bound, when the board booted: {@code
   * __fw_devlink_pickup_dangling_consumers()} made it no device if none was made of it.
   */
  private boolean isOfBase(String path) {
    return !overlayNodes.contains(path) && !coming.contains(path);
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

  private AppliedOverlay applied(List<ChangedNode> nodes, List<Wanting> wanting) {
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
    return new AppliedOverlay(nodes, made, staying, List.copyOf(dropped), wanting);
  }

  private Optional<DriverProfile> driver(LiveDevice device) {
    return kernel.driver(node(device.path));
  }

  private String module(LiveDevice device) {
    return driver(device).map(DriverProfile::ours).orElse("");
  }

  private boolean sleeps(LiveDevice device) {
    Node node = node(device.path);
    return device.bound && driver(device).map(driver -> driver.sleepsAtRelease(node)).orElse(false);
  }

  private List<NodeHold> holds(LiveDevice device) {
    List<NodeHold> holds = new ArrayList<>();
    if (device.bound) {
      for (DriverProfile.Hold hold : driver(device).orElseThrow().taken()) {
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
    if (device != null || !isOfBase(path)) {
      return device;
    }
    List<String> compatible = tree.find(path).map(OverlayApplier::compatible).orElse(List.of());
    boolean exists =
        !path.equals("/")
            && !compatible.isEmpty()
            && !EarlyNodes.areDeclared(compatible, kernel)
            && availableWithAncestors(path);
    if (exists) {
      Bus bus = buses.getOrDefault(parent(path), Bus.PLATFORM);
      device = new LiveDevice(bus, deviceName(bus, path), path, false, true);
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

  /**
   * What a bus calls a device. That of an I2C or SPI device begins with its bus's number, which is
   * known before only of one that had an alias at boot ({@code of_alias_scan()},
   * drivers/of/base.c); else the path of its node stands for it.
   */
  private String deviceName(Bus bus, String path) {
    if (bus != Bus.I2C && bus != Bus.SPI) {
      return platformName(path);
    }
    List<Long> reg = cells(path, "reg");
    Optional<String> number = busNumber(bus, parent(path));
    if (number.isEmpty() || reg.isEmpty()) {
      return path;
    }
    return bus == Bus.I2C
        ? "%s-%04x".formatted(number.get(), encoded(reg.get(0)))
        : "spi%s.%d".formatted(number.get(), reg.get(0));
  }

  /** {@code i2c_encode_flags_to_addr()}, drivers/i2c/i2c-core-base.c. */
  private static long encoded(long reg) {
    return (reg & ~TEN_BITS & ~OWN_ADDRESS)
        | ((reg & TEN_BITS) != 0 ? 0xa000 : 0)
        | ((reg & OWN_ADDRESS) != 0 ? 0x1000 : 0);
  }

  /** {@code of_alias_get_id()}, drivers/of/base.c. */
  private Optional<String> busNumber(Bus bus, String adapter) {
    return base.find("/aliases").stream()
        .flatMap(aliases -> aliases.properties().stream())
        .filter(alias -> alias.asText().equals(Optional.of(adapter)))
        .map(Property::name)
        .filter(name -> name.matches(bus + "[0-9]{1,9}"))
        .map(name -> name.substring(bus.toString().length()))
        .findFirst()
        .filter(number -> base.find(adapter).isPresent());
  }

  /** {@code of_device_make_bus_id()}, drivers/of/platform.c. */
  private String platformName(String path) {
    String name = "";
    for (String at = path; !at.equals("/"); at = parent(at)) {
      String rest = name.isEmpty() ? "" : ":" + name;
      Optional<Long> address = translated(at);
      if (address.isPresent()) {
        return Long.toHexString(address.get()) + "." + node(at).baseName() + rest;
      }
      name = node(at).name() + rest;
    }
    return name;
  }

  /**
   * {@code of_translate_address()}, drivers/of/address.c, of what a node's {@code reg} begins with.
   */
  private Optional<Long> translated(String path) {
    String bus = parent(path);
    int cells = addressCells(bus);
    int sizes = sizeCells(bus);
    List<Long> reg = cells(path, "reg");
    if (reg.size() < cells || cells == 0 || sizes == 0) {
      return Optional.empty();
    }
    long address = number(reg, 0, cells);
    for (; !bus.equals("/"); bus = parent(bus)) {
      Optional<Property> ranges = node(bus).property("ranges");
      if (ranges.isEmpty()) {
        return Optional.empty();
      }
      List<Long> all = ranges.get().asCells();
      int above = addressCells(parent(bus));
      boolean found = all.isEmpty();
      for (int at = 0; !found && at + cells + above + sizes <= all.size(); ) {
        long offset = address - number(all, at, cells);
        found = Long.compareUnsigned(offset, number(all, at + cells + above, sizes)) < 0;
        address = found ? number(all, at + cells, above) + offset : address;
        at += cells + above + sizes;
      }
      if (!found) {
        return Optional.empty();
      }
      cells = above;
      sizes = sizeCells(parent(bus));
    }
    return Optional.of(address);
  }

  /** {@code of_read_number()}. */
  private static long number(List<Long> cells, int from, int count) {
    long number = 0;
    for (long cell : cells.subList(from, from + count)) {
      number = number << 32 | cell;
    }
    return number;
  }

  private int addressCells(String path) {
    return firstCell(path, "#address-cells", 2);
  }

  private int sizeCells(String path) {
    return firstCell(path, "#size-cells", 1);
  }

  private int firstCell(String path, String property, int otherwise) {
    List<Long> cells = cells(path, property);
    return cells.isEmpty() ? otherwise : cells.get(0).intValue();
  }

  private List<Long> cells(String path, String property) {
    return node(path).property(property).map(Property::asCells).orElse(List.of());
  }

  private static List<String> compatible(Node node) {
    return node.property("compatible").map(Property::asStrings).orElse(List.of());
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

  /** {@code __of_device_is_available()}, drivers/of/base.c. */
  static boolean available(Node node) {
    return node.property("status").map(OverlayApplier::isOkay).orElse(true);
  }

  private static boolean isOkay(Property status) {
    String text = status.asText().orElse("okay");
    return text.equals("okay") || text.equals("ok");
  }

  static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash <= 0 ? "/" : path.substring(0, slash);
  }

  private static String join(String path, String name) {
    return path.equals("/") ? "/" + name : path + "/" + name;
  }
}
