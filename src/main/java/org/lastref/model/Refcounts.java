package org.lastref.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lastref.model.Label.Act;
import org.lastref.model.Population.ChangedNode;
import org.lastref.model.Population.NodeHold;

/**
 * The references that are held on a node while an overlay is applied, in the order in which they
 * are taken, each with the kernel functions that take and return it. What a child's directory in
 * sysfs holds on its parent's ({@code kobject_add_internal()}) is left to the ledger, as a lookup.
 */
public final class Refcounts {

  /**
   * A reference that somebody holds.
   *
   * @param holder who, as a person would say it
   * @param getBy the function that takes it, empty for the one that a node is created with
   * @param putBy the functions that may return it
   */
  public record Hold(String holder, String getBy, Set<String> putBy) {}

  /** The one each node is created with, returned once it is in the changeset. */
  public static final Hold CREATION =
      new Hold("its creation", "", Set.of("build_changeset_next_level", "add_changeset_node"));

  /** One an entry of the changeset: {@code of_changeset_action()}, drivers/of/dynamic.c. */
  public static final Hold ENTRY =
      new Hold(
          "an entry of the changeset",
          "of_changeset_action",
          Set.of("of_changeset_destroy", "__of_changeset_entry_destroy"));

  /** The node's directory in sysfs: drivers/of/kobj.c. */
  public static final Hold SYSFS =
      new Hold("sysfs", "__of_attach_node_sysfs", Set.of("__of_detach_node_sysfs"));

  /** The device made for the node: drivers/of/platform.c, drivers/base/platform.c. */
  public static final Hold DEVICE =
      new Hold("its device", "of_device_alloc", Set.of("platform_device_release"));

  /** Of a device, by a device link: drivers/base/core.c. */
  public static final Hold LINK =
      new Hold(
          "a device link",
          "device_link_add",
          Set.of(
              "device_link_free",
              "device_link_release_fn",
              "__device_link_free_srcu",
              "devlink_dev_release"));

  private Refcounts() {}

  /**
   * The holds on a node, in the order in which they are taken.
   *
   * @param node a node of the population
   */
  public static List<Hold> of(ChangedNode node, Population population) {
    List<Hold> holds = new ArrayList<>();
    for (int i = 0; i < node.entries(); i++) {
      holds.add(ENTRY);
    }
    if (node.added()) {
      holds.add(SYSFS);
    }
    if (population.deviceOf(node.path()).isPresent()) {
      holds.add(DEVICE);
    }
    for (Population.Device device : population.devices()) {
      for (NodeHold hold : device.holds()) {
        if (hold.path().equals(node.path())) {
          holds.add(new Hold("driver of " + device.name(), hold.getBy(), Set.of(hold.putBy())));
        }
      }
    }
    return holds;
  }

  /** How an act of a removal on a device or node shows: the functions that do it. */
  public static final Map<Act, Set<String>> ACTS =
      Map.of(
          Act.DETACH_NODE, SYSFS.putBy(),
          Act.LINK_PUTS_DEVICE, LINK.putBy(),
          Act.REMOVER_PUTS_DEVICE, Set.of("platform_device_put"),
          Act.DRIVER_PUTS_NODE, DriverProfile.putBy(),
          Act.DEVICE_PUTS_NODE, DEVICE.putBy(),
          Act.CHANGESET_PUTS_NODE, ENTRY.putBy());
}
