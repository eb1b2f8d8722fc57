package org.lastref.model;

import java.util.Set;

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

  private Functions() {}
}
