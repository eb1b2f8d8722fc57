package org.lastref.target;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;
import org.lastref.image.KernelBuild;

/**
 * The kprobe events that show every reference taken and dropped, with offsets of the very build.
 * Syntax: Documentation/trace/kprobetrace.rst and events.rst of Linux 6.1.
 *
 * <p>{@code kobject_get} and {@code kobject_put} are what every get and put of a node or device
 * comes down to, inlined or not. At their entry x30 is the caller, and x29 points to the frame
 * record that holds the caller's caller.
 */
final class Probes {

  /** OF_OVERLAY of include/linux/of.h as a bit of {@code device_node._flags}. */
  private static final int OVERLAY_FLAG = 1 << 5;

  /** What a devicetree node's name may consist of; nothing of it means anything in a filter. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9,._+@:-]{1,200}");

  /** True of no kobject, and of no call that is made without one. */
  private static final String NONE = "obj == 1";

  /** How links let go in ours. A kernel of the user's own that has it not does it otherwise. */
  private static final Set<String> OWN_MAY_LACK =
      Set.of(
          "devlink_dev_release",
          "device_link_release_fn",
          "__device_link_free_srcu",
          "device_link_wait_removal");

  private final KernelBuild kernel;

  Probes(KernelBuild kernel) {
    this.kernel = kernel;
  }

  /**
   * The lines for the agent: event, filter, definition; a tab between, - for none.
   *
   * @throws LabFault if the kernel lacks a function without which it cannot be watched
   */
  String lines() {
    StringJoiner lines = new StringJoiner("\n", "", "\n");
    long kref = kernel.offset("kobject.kref");
    long ktype = kernel.offset("kobject.ktype");
    long node = kernel.offset("device_node.kobj");
    String common =
        " ktype=+%d(%%x0):x64 obj=%%x0:x64 ref=+%d(%%x0):u32 caller=%%x30:symbol outer=+8(%%x29):symbol"
            .formatted(ktype, kref);
    String ofNode =
        common
            + " flags=%s:x64 name=+0(%s):string"
                .formatted(
                    at(kernel.offset("device_node._flags") - node, "%x0"),
                    at(kernel.offset("device_node.full_name") - node, "%x0"));
    String ofDevice =
        common + " name=+0(+%d(%%x0)):string".formatted(kernel.offset("kobject.name"));
    for (String operation : new String[] {"get", "put"}) {
      add(lines, "node_" + operation, nodeFilter(List.of()), "p", "kobject_" + operation, ofNode);
      add(lines, "device_" + operation, NONE, "p", "kobject_" + operation, ofDevice);
    }
    String ret = " ret=$retval:s32";
    add(lines, "apply", "-", "p", "of_overlay_fdt_apply", "");
    add(lines, "applied", "-", "r", "of_overlay_fdt_apply", ret);
    add(lines, "remove", "-", "p", "of_overlay_remove", "");
    add(lines, "removed", "-", "r", "of_overlay_remove", ret);
    add(lines, "destroy", "-", "p", "of_changeset_destroy", "");
    add(lines, "destroyed", "-", "r", "of_changeset_destroy", "");
    add(
        lines,
        "node_release",
        "-",
        "p",
        "of_node_release",
        " name=+0(%s):string".formatted(at(kernel.offset("device_node.full_name") - node, "%x0")));
    String name = " name=+0(+%d(%%x0)):string".formatted(kernel.offset("kobject.name"));
    add(lines, "device_release", "-", "p", "platform_device_release", name);
    add(lines, "link_release", "-", "p", "devlink_dev_release", name);
    add(lines, "work", "-", "p", "device_link_release_fn", "");
    add(lines, "work_end", "-", "r", "device_link_release_fn", "");
    add(lines, "callback", "-", "p", "__device_link_free_srcu", "");
    add(lines, "callback_end", "-", "r", "__device_link_free_srcu", "");
    String links = "ssp == " + kernel.address("device_links_srcu");
    add(lines, "grace", links, "p", "synchronize_srcu", " ssp=%x0:x64");
    add(lines, "call_srcu", links, "p", "call_srcu", " ssp=%x0:x64");
    add(lines, "barrier", links, "p", "srcu_barrier", " ssp=%x0:x64");
    add(lines, "wait", "-", "p", "device_link_wait_removal", "");
    add(lines, "wait_end", "-", "r", "device_link_wait_removal", "");
    if (kernel.delaysReleases()) {
      delayed(lines);
    }
    lines.add("printk/console\t-\t-");
    return lines.toString();
  }

  /**
   * What lib/kobject.c does where it puts releases off: {@code kobject_release} does so, which is
   * only counted, for the kernel's log tells of it, and {@code kobject_cleanup} is the release.
   */
  private void delayed(StringJoiner lines) {
    add(lines, "kobject_release", "kref == 0", "p", "kobject_release", " kref=%x0:x64");
    String args =
        " ktype=+%d(%%x0):x64 obj=%%x0:x64 name=+0(+%d(%%x0)):string"
            .formatted(kernel.offset("kobject.ktype"), kernel.offset("kobject.name"));
    // A character device has no name, and what cannot be read makes a trace worthless.
    String named =
        "ktype == %s || ktype == %s"
            .formatted(kernel.address("of_node_ktype"), kernel.address("device_ktype"));
    add(lines, "kobject_cleanup", named, "p", "kobject_cleanup", args);
    // Those that wait for a grace period meanwhile are at it together.
    add(lines, "kobject_cleanup_end", "-", "r64", "kobject_cleanup", "");
  }

  /**
   * Adds an event.
   *
   * @throws LabFault if the kernel lacks the function and may not
   */
  private void add(
      StringJoiner lines, String event, String filter, String type, String function, String args) {
    if (!kernel.has(function)) {
      if (kernel.provenance().own() && OWN_MAY_LACK.contains(function)) {
        return;
      }
      throw new LabFault(
          "the kernel in %s has no function %s, whose calls are watched"
              .formatted(kernel.folder(), function));
    }
    lines.add(
        "lastref/%s\t%s\t%s:lastref/%s %s%s".formatted(event, filter, type, event, function, args));
  }

  private static String at(long offset, String register) {
    return (offset < 0 ? "-" : "+") + Math.abs(offset) + "(" + register + ")";
  }

  /** Every node of an overlay, and nodes of these names. */
  String nodeFilter(Collection<String> baseNodes) {
    StringJoiner which = new StringJoiner(" || ", " && (", ")");
    which.add("flags & " + OVERLAY_FLAG);
    baseNodes.forEach(name -> which.add("name == \"" + checked(name) + "\""));
    return "obj != 0 && ktype == " + kernel.address("of_node_ktype") + which;
  }

  /** Devices of these names; none for no name. */
  String deviceFilter(Collection<String> devices) {
    if (devices.isEmpty()) {
      return NONE;
    }
    StringJoiner which = new StringJoiner(" || ", " && (", ")");
    devices.forEach(name -> which.add("name == \"" + checked(name) + "\""));
    String filter = "obj != 0 && ktype == " + kernel.address("device_ktype") + which;
    if (filter.length() > 4000) {
      throw new InputFault(
          "the overlay has %d devices: more names than a trace filter takes"
              .formatted(devices.size()));
    }
    return filter;
  }

  private static String checked(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new InputFault(
          "the name \"%s\" has a character that no devicetree node may have"
              .formatted(name.replaceAll("[^\\x20-\\x7e]", "?")));
    }
    return name;
  }
}
