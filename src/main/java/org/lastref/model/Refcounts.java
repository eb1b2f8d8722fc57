package org.lastref.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.lastref.machine.Machine;
import org.lastref.machine.Variable;
import org.lastref.model.AppliedOverlay.ChangedNode;
import org.lastref.model.AppliedOverlay.NodeHold;
import org.lastref.trace.Chain;

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
  public record Hold(String holder, String getBy, Set<String> putBy) {
    /** Whether an operation took it. */
    public boolean isTakenBy(Chain chain) {
      return Functions.behalves(chain).contains(getBy);
    }

    /** Whether an operation returned it. */
    public boolean isReturnedBy(Chain chain) {
      return Functions.behalves(chain).stream().anyMatch(putBy::contains);
    }
  }

  /** The one each node is created with, returned once it is in the changeset. */
  public static final Hold CREATION = new Hold("its creation", "", Functions.CREATE_NODE);

  /** One an entry of the changeset: {@code of_changeset_action()}, drivers/of/dynamic.c. */
  public static final Hold ENTRY =
      new Hold("an entry of the changeset", "of_changeset_action", Functions.DESTROY_ENTRY);

  /** The node's directory in sysfs: drivers/of/kobj.c. */
  public static final Hold SYSFS =
      new Hold("sysfs", "__of_attach_node_sysfs", Set.of("__of_detach_node_sysfs"));

  /** The device made for the node. */
  public static Hold device(Bus bus) {
    return new Hold("its device", bus.nodeGet(), Set.of(bus.nodePut()));
  }

  /** Of a device, by a device link: drivers/base/core.c. */
  public static final Hold LINK = new Hold("a device link", "device_link_add", Functions.FREE_LINK);

  private Refcounts() {}

  /**
   * The name of the variable that counts the references to an object.
   *
   * @param object a node's path, or a device's name
   */
  public static String of(String object) {
    return "refs(" + object + ")";
  }

  /** What counts the references to an object in a machine, if it has that. */
  public static Optional<Variable> in(Machine machine, String object) {
    return machine.variables().stream().filter(each -> each.name().equals(of(object))).findFirst();
  }

  /** Whether the driver core, or another core, took or returned it for itself. */
  public static boolean isCores(Chain chain) {
    return Functions.isForItself(chain);
  }

  /** Whether it is a device link for which a function takes or returns references. */
  public static boolean isLinks(String function) {
    return function.equals(LINK.getBy()) || LINK.putBy().contains(function);
  }

  /**
   * The holds on a node, in the order in which they are taken.
   *
   * @param node a node of the applied
   */
  public static List<Hold> of(ChangedNode node, AppliedOverlay applied) {
    List<Hold> holds = new ArrayList<>();
    for (int i = 0; i < node.entries(); i++) {
      holds.add(ENTRY);
    }
    if (node.added()) {
      holds.add(SYSFS);
    }
    applied.deviceOf(node.path()).ifPresent(device -> holds.add(device(device.bus())));
    for (AppliedOverlay.Device device : applied.devices()) {
      for (NodeHold hold : device.holds()) {
        if (hold.path().equals(node.path())) {
          holds.add(new Hold("driver of " + device.name(), hold.getBy(), Set.of(hold.putBy())));
        }
      }
    }
    return holds;
  }
}
