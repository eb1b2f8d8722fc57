package org.lastref.model;

import java.util.List;
import java.util.Set;
import org.lastref.trace.Chain;

/**
 * Functions of the kernel that go by several names: because a kernel split, joined or renamed them,
 * or a compiler inlined one into its caller. The one place for such names; who looks for one in a
 * trace takes any of them.
 */
final class Functions {

  /** Creates the changeset's nodes: drivers/of/overlay.c. */
  static final Set<String> CREATE_NODE = Set.of("build_changeset_next_level", "add_changeset_node");

  /** Destroys the changeset's entries: drivers/of/dynamic.c. */
  static final Set<String> DESTROY_ENTRY =
      Set.of("of_changeset_destroy", "__of_changeset_entry_destroy");

  /** Lets go of the devices of a link: drivers/base/core.c, 5.8 on. */
  static final Set<String> FREE_LINK =
      Set.of(
          "device_link_free",
          "device_link_release_fn",
          "__device_link_free_srcu",
          "devlink_dev_release");

  /** Makes the types of a parent of mediated devices: drivers/vfio/mdev/mdev_sysfs.c. */
  static final Set<String> ADD_MDEV_TYPE = Set.of("parent_create_sysfs_files", "mdev_type_add");

  /**
   * Holders that no model has: what one of these took or returned is never its caller's.
   * lib/kobject.c, lib/klist.c, drivers/base and drivers/of.
   */
  private static final Set<String> FOR_THEMSELVES =
      Set.of(
          "kobject_add_internal",
          "kobject_del",
          "__kobject_del",
          "kobject_cleanup",
          "klist_children_get",
          "klist_children_put",
          "klist_devices_get",
          "klist_devices_put",
          "klist_class_dev_get",
          "klist_class_dev_put",
          "device_add",
          "device_del");

  private Functions() {}

  /** Whether what was taken or returned is nobody's but the core's own. */
  static boolean isForItself(Chain chain) {
    List<String> callers = chain.callers();
    return !callers.isEmpty() && FOR_THEMSELVES.contains(callers.get(0));
  }

  /**
   * The functions on whose behalf an operation may have been done: its holder, and, as a kernel may
   * have wrapped what is known in a function of its own, that one's caller.
   */
  static List<String> behalves(Chain chain) {
    List<String> callers = chain.callers();
    boolean wrapped = callers.size() > 1 && !isForItself(chain);
    return callers.subList(0, Math.min(callers.size(), wrapped ? 2 : 1));
  }
}
