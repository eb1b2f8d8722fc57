package org.lastref.target;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.lastref.fault.LabFault;
import org.lastref.image.KernelBuild;
import org.lastref.target.Argument.Value;
import org.lastref.target.Probe.Filter;

/**
 * The events beside those of references by which every trace is read: the points of an overlay's
 * way, with offsets of the very build, and what devices and drivers do meanwhile.
 */
final class Probes {
  /** How links let go in ours. A kernel of the user's own that has it not does it otherwise. */
  private static final Set<String> OWN_MAY_LACK =
      Set.of(
          "devlink_dev_release",
          "device_link_release_fn",
          "__device_link_free_srcu",
          "device_link_wait_removal");

  private final KernelBuild kernel;
  private final List<Probe> probes = new ArrayList<>();

  private Probes(KernelBuild kernel) {
    this.kernel = kernel;
  }

  /**
   * Those of a kernel.
   *
   * @throws LabFault if the kernel lacks a function without which it cannot be watched
   */
  static List<Probe> of(KernelBuild kernel) {
    Probes probes = new Probes(kernel);
    probes.points();
    probes.doings();
    probes.probes.add(Probe.console());
    return List.copyOf(probes.probes);
  }

  private void points() {
    entry("apply", "of_overlay_fdt_apply");
    exit("applied", "of_overlay_fdt_apply");
    entry("remove", "of_overlay_remove");
    exit("removed", "of_overlay_remove");
    entry("destroy", "of_changeset_destroy");
    exit("destroyed", "of_changeset_destroy");
    long name = kernel.offset("device_node.full_name") - kernel.offset("device_node.kobj");
    entry("node_release", "of_node_release", string("name", (int) name));
    entry("device_release", "platform_device_release", kobjectName());
    entry("link_release", "devlink_dev_release", kobjectName());
    entry("work", "device_link_release_fn");
    exit("work_end", "device_link_release_fn");
    entry("callback", "__device_link_free_srcu");
    exit("callback_end", "__device_link_free_srcu");
    ofLinks("grace", "synchronize_srcu");
    ofLinks("call_srcu", "call_srcu");
    ofLinks("barrier", "srcu_barrier");
    entry("wait", "device_link_wait_removal");
    exit("wait_end", "device_link_wait_removal");
    if (kernel.delaysReleases()) {
      delayed();
    }
  }

  /**
   * What lib/kobject.c does where it puts releases off: {@code kobject_release} does so, which is
   * only counted, for the kernel's log tells of it, and {@code kobject_cleanup} is the release.
   */
  private void delayed() {
    add(
        Probe.entry("kobject_release", "kobject_release", Argument.address("kref", 0))
            .with(new Filter.Is(0, 0)));
    int type = (int) kernel.offset("kobject.ktype");
    add(
        Probe.entry(
            "kobject_cleanup",
            "kobject_cleanup",
            kobjectName(),
            new Argument("ktype", 0, Value.X64, List.of(type))));
    // Those that wait for a grace period meanwhile are at it together.
    exit("kobject_cleanup_end", "kobject_cleanup");
  }

  /** On whose behalf references are taken and returned: of devices that are watched. */
  private void doings() {
    Argument name = Argument.name("name", 0);
    Argument driver = Argument.name("driver", 1);
    Argument supplier = Argument.name("supplier", 1);
    doing(Probe.entry("adding", "device_add", name));
    doing(Probe.entry("probing", "really_probe", name, driver));
    doing(Probe.entry("bound", "driver_bound", name));
    doing(Probe.entry("deferring", "driver_deferred_probe_add", name));
    doing(Probe.entry("linking", "device_link_add", name, supplier, Argument.address("flags", 2)));
    doing(Probe.entry("unbinding", "device_release_driver_internal", name));
    doing(Probe.entry("deleting", "device_del", name));
  }

  private void doing(Probe probe) {
    if (kernel.has(probe.function())) {
      probes.add(probe.with(new Filter.Matters(0)));
    }
  }

  private void entry(String event, String function, Argument... arguments) {
    add(Probe.entry(event, function, arguments));
  }

  private void exit(String event, String function) {
    add(Probe.exit(event, function));
  }

  /** Of the SRCU domain of device links only. */
  private void ofLinks(String event, String function) {
    String links = "device_links_srcu";
    add(
        Probe.entry(event, function, Argument.address("ssp", 0))
            .with(new Filter.IsSymbol(0, links, kernel.address(links))));
  }

  private Argument kobjectName() {
    return string("name", (int) kernel.offset("kobject.name"));
  }

  private static Argument string(String name, int offset) {
    return new Argument(name, 0, Value.STRING, List.of(offset, 0));
  }

  /**
   * Adds an event.
   *
   * @throws LabFault if the kernel lacks the function and may not
   */
  private void add(Probe probe) {
    if (kernel.has(probe.function())) {
      probes.add(probe);
    } else if (!kernel.provenance().own() || !OWN_MAY_LACK.contains(probe.function())) {
      throw new LabFault(
          "the kernel in %s has no function %s, whose calls are watched"
              .formatted(kernel.folder(), probe.function()));
    }
  }
}
