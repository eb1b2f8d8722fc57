package org.lastref.verify;

import static java.util.Map.entry;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Which locks a task holds, of where it waits. A kernel that keeps no list of them does not say:
 * these are the functions that an overlay's way leads through and that call others with a lock
 * held, of Linux 6.1.192 and 6.12.117 alike.
 */
final class Locks {

  private static final String UNBOUND = "the lock of the device it unbinds";
  private static final String PROBED = "the lock of the device it probes";

  private static final Map<String, String> HELD =
      Map.ofEntries(
          // drivers/base/dd.c
          entry("device_release_driver_internal", UNBOUND),
          entry("__device_attach", PROBED),
          entry("__driver_attach", PROBED),
          entry("__device_attach_async_helper", PROBED),
          entry("__driver_attach_async_helper", PROBED),
          // drivers/of/overlay.c
          entry("of_overlay_remove", "of_mutex"),
          entry("of_overlay_fdt_apply", "of_mutex"),
          // kernel/notifier.c
          entry("blocking_notifier_call_chain", "that of the notifiers, for reading"),
          // net/core/dev.c
          entry("unregister_netdev", "rtnl_mutex"),
          // drivers/of/configfs.c of ours
          entry("overlay_item_remove", "the overlay's own"),
          // fs/namei.c; do_rmdir(), its caller, has that of the folder above
          entry("vfs_rmdir", "those of the folder and of the one above it"));

  /** They let go of theirs while notifiers run: drivers/of/dynamic.c. */
  private static final List<String> OVERLAYS = List.of("of_overlay_remove", "of_overlay_fdt_apply");

  private static final List<String> NOTIFIERS =
      List.of("__of_changeset_revert_notify", "__of_changeset_apply_notify");

  private Locks() {}

  /**
   * Those of functions that called another one, the innermost first: what such a function waits for
   * itself is its lock, and what waits for it is not among the functions of a stack.
   */
  static List<String> held(List<String> functions) {
    boolean notifies = functions.stream().anyMatch(NOTIFIERS::contains);
    return functions.stream()
        .skip(1)
        .filter(function -> !(notifies && OVERLAYS.contains(function)))
        .flatMap(function -> Stream.ofNullable(HELD.get(function)))
        .distinct()
        .toList();
  }
}
