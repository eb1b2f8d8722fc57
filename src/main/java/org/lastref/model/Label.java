package org.lastref.model;

import java.util.Locale;

/**
 * How a step shows in a trace.
 *
 * @param act what is done
 * @param object the path of a node, or the name of a device or link
 * @param doer who does it
 */
public record Label(Act act, String object, Doer doer) {

  /** What a step does that can be seen in a trace. */
  public enum Act {
    /** The changeset's node leaves sysfs: {@code __of_detach_node_sysfs()}. */
    DETACH_NODE("detach_node"),
    /** A driver that probes takes a reference that it will keep. */
    DRIVER_GETS_NODE("of_node_get"),
    /** A driver that is unbound returns a reference. */
    DRIVER_PUTS_NODE("of_node_put"),
    /** The last user of a link went: {@code devlink_dev_release()}. */
    RELEASE_LINK("devlink_dev_release"),
    /** A link returns its reference to a device: {@code device_link_free()}. */
    LINK_PUTS_DEVICE("put_device"),
    /** The remover returns its last reference to a device: {@code platform_device_put()}. */
    REMOVER_PUTS_DEVICE("platform_device_put"),
    /** A device without references sleeps where that is forbidden: {@code might_sleep()}. */
    RELEASE_SLEEPS("might_sleep"),
    /** A device without references returns its node's: {@code platform_device_release()}. */
    DEVICE_PUTS_NODE("of_node_put"),
    /** An entry of the changeset returns its node's: {@code __of_changeset_entry_destroy()}. */
    CHANGESET_PUTS_NODE("of_node_put"),
    /** The kernel says that a node is still held: {@code __of_changeset_entry_destroy()}. */
    REPORT_NODE("report"),
    /** Somebody else looks a node up. */
    READER_GETS_NODE("of_node_get"),
    /** And returns it. */
    READER_PUTS_NODE("of_node_put"),
    /** A device is to become a parent of mediated devices. */
    REGISTER_PARENT("mdev_register_parent"),
    /** It is to be one no more. */
    UNREGISTER_PARENT("mdev_unregister_parent"),
    /** The types that a parent offers are in sysfs, or that failed. */
    CREATE_TYPES("parent_create_sysfs_files"),
    /** They are gone from there. */
    REMOVE_TYPES("parent_remove_sysfs_files"),
    /** A directory's name is taken: {@code sysfs_warn_dup()}. */
    FIND_NAME_TAKEN("sysfs_warn_dup"),
    /** The kernel warns of a mistake and does no more. */
    REFUSE("WARN"),
    /** What comes below the parent in sysfs takes a reference to it. */
    SYSFS_GETS_PARENT("kobject_add_internal"),
    /** And returns it. */
    SYSFS_PUTS_PARENT("kobject_del"),
    /** A type takes a reference to the parent: {@code mdev_type_add()}. */
    TYPE_GETS_PARENT("get_device"),
    /** And returns it: {@code mdev_type_release()}. */
    TYPE_PUTS_PARENT("put_device"),
    /** The core of mdev takes a reference of its own to the parent. */
    CORE_GETS_PARENT("get_device"),
    /** And returns it. */
    CORE_PUTS_PARENT("put_device"),
    /** A mediated device takes a reference to its parent. */
    CHILD_GETS_PARENT("device_add"),
    /** And returns it. */
    CHILD_PUTS_PARENT("device_del"),
    /** A mediated device has no reference left: {@code mdev_device_release()}. */
    RELEASE_CHILD("mdev_device_release"),
    /** The parent's class returns its reference. */
    CLASS_PUTS_PARENT("klist_class_dev_put"),
    /** Whoever made the parent returns the first of all references. */
    CALLER_PUTS_PARENT("device_unregister"),
    /** The parent has no reference left: {@code device_release()}. */
    RELEASE_PARENT("device_release"),
    /** User space is told of a change. */
    SEND_UEVENT("kobject_uevent_env"),
    /** User space was told, and looked for the types. */
    HEAR_UEVENT("uevent"),
    /** The SPI bus probes a device: {@code drivers/spi/spi.c}. */
    SPI_PROBES("spi_probe"),
    /** The I2C bus does: {@code drivers/i2c/i2c-core-base.c}. */
    I2C_PROBES("i2c_device_probe"),
    /** The platform bus does: {@code drivers/base/platform.c}. */
    PLATFORM_PROBES("platform_probe"),
    /** The SPI bus removes a device from its driver. */
    SPI_REMOVES("spi_remove"),
    /** The I2C bus does. */
    I2C_REMOVES("i2c_device_remove"),
    /** The platform bus does. */
    PLATFORM_REMOVES("platform_remove"),
    /** The bus attaches a device to its PM domain. */
    BUS_ATTACHES("dev_pm_domain_attach"),
    /** The bus detaches it. */
    BUS_DETACHES("dev_pm_domain_detach"),
    /** The driver's own probe, of {@code harness/modules/lastref-managed.c}. */
    DRIVER_PROBES("managed_probe"),
    /** The driver's own remove. */
    DRIVER_REMOVES("managed_remove"),
    /** A resource becomes a managed one. */
    ADDS_RESOURCE("devres_add"),
    /** A managed resource is released. */
    RELEASES_RESOURCE("release_nodes"),
    /** What is in the group is about to be released. */
    RELEASES_GROUP("devres_release_group"),
    /** Whatever is still managed is about to be released, once the bus is done. */
    RELEASES_ALL("devres_release_all"),
    /** The PM domain says that a device was used without it. */
    NOTICES_USE("dev_err"),
    /** A node of the changeset enters sysfs, which holds it: {@code __of_attach_node_sysfs()}. */
    ATTACH_NODE("attach_node"),
    /** A new device takes its node's reference: {@code of_device_alloc()}. */
    DEVICE_GETS_NODE("of_node_get"),
    /** The node that was reported went after all: {@code of_node_release()}. */
    REPORT_LATE("report, late"),
    /** A device comes into its bus's list of devices. */
    BUS_GETS_DEVICE("klist_devices_get"),
    /** And goes from there. */
    BUS_PUTS_DEVICE("klist_devices_put"),
    /** A device comes into its parent's list of children. */
    PARENT_GETS_DEVICE("klist_children_get"),
    /** And goes from there. */
    PARENT_PUTS_DEVICE("klist_children_put"),
    /** An attach that is put off holds its device. */
    ATTACH_GETS_DEVICE("get_device"),
    /** And returns it, its last act. */
    ATTACH_PUTS_DEVICE("put_device"),
    /** The remover finds a node's device: {@code of_find_device_by_node()}. */
    FINDER_GETS_DEVICE("bus_find_device"),
    /** A driver that goes takes a reference to a device that it is bound to. */
    DETACH_GETS_DEVICE("get_device"),
    /** And returns it. */
    DETACH_PUTS_DEVICE("put_device"),
    /** A driver that probes takes a reference to the device that it will keep. */
    DRIVER_GETS_DEVICE("get_device"),
    /** A driver that is unbound, or whose probe fails, returns it. */
    DRIVER_PUTS_DEVICE("put_device"),
    /** An attach begins that a new device put off. */
    BEGIN_DEVICE_ATTACH("__device_attach_async_helper"),
    /** An attach begins that a new driver put off. */
    BEGIN_DRIVER_ATTACH("__driver_attach_async_helper"),
    /** A driver probes. */
    BEGIN_PROBE("really_probe"),
    /** It did so with success. */
    PROBE_SUCCEEDS("really_probe: 0"),
    /** It wants to be asked again. */
    PROBE_DEFERS("really_probe: EPROBE_DEFER"),
    /** It has no such device. */
    PROBE_FAILS("really_probe: ENODEV"),
    /** A device is to be probed again later. */
    DEFER("driver_deferred_probe_add"),
    /** It is not. */
    UNDEFER("driver_deferred_probe_del"),
    /** A device goes: {@code device_del()}. */
    DELETE_DEVICE("device_del"),
    /** Nobody attaches the device any more, or nobody waits for that. */
    AWAIT_ATTACH("driver_async_attach_wait"),
    /** A driver's remove. */
    REMOVE_DRIVER("device_remove"),
    /** A driver goes. */
    UNREGISTER_DRIVER("driver_unregister"),
    /** The devices that it is bound to are about to be released. */
    DETACH_DRIVER("driver_detach"),
    /** Every asynchronous call is over. */
    SYNCHRONIZE("async_synchronize_full"),
    /** What was held back may go on. */
    LET_GO("set"),
    /** A device comes: {@code device_add()}. */
    ADD_DEVICE("device_add"),
    /** It holds the device meanwhile. */
    ADD_GETS_DEVICE("get_device"),
    /** And returns it. */
    ADD_PUTS_DEVICE("put_device"),
    /** The device came. */
    ADD_SUCCEEDS("device_add: 0"),
    /** It did not, for its name is taken. */
    ADD_FAILS("device_add: EEXIST"),
    /** Who creates a device takes a reference, for itself or for who registers it. */
    CREATOR_GETS_DEVICE("get_device"),
    /** Who created a device returns its own. */
    CREATOR_PUTS_DEVICE("put_device"),
    /** Who registers a device returns a reference. */
    REGISTRAR_PUTS_DEVICE("put_device"),
    /** A device that goes loses the reference that it was made with. */
    UNREGISTER_PUTS_DEVICE("device_unregister"),
    /** A device that nobody holds is freed. */
    RELEASE_DEVICE("device_release"),
    /** Who created a device writes to it. */
    USE_DEVICE("register_use"),
    /** The kernel says that memory was used after it was freed. */
    REPORT_USE("kasan_report");

    private final String call;

    Act(String call) {
      this.call = call;
    }

    /** In words: {@code device puts node}. */
    public String words() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /** Who does something, as far as a trace can tell. */
  public enum Doer {
    /** The task that applies the overlay. */
    APPLIER("the applier"),
    /** The task that removes the overlay. */
    REMOVER("the remover"),
    /** The task that writes a device's name to {@code unbind} before that. */
    UNBINDER("the unbinding task"),
    /** Who makes a parent of mediated devices, and registers it. */
    CALLER("the caller"),
    /** A listener to the kernel's events. */
    USER("user space"),
    /** A work item: of a device link, or an asynchronous call. */
    WORK("a work item"),
    /** An SRCU callback of a device link. */
    CALLBACK("an SRCU callback"),
    /** The task that loads a module. */
    LOADER("the loader"),
    /** The task that unloads it. */
    UNLOADER("the unloader"),
    /** Anybody else. */
    OTHER("another task");

    private final String words;

    Doer(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  /** As a call: {@code put_device(lr-osc)}. */
  public String call() {
    return act.call + "(" + object + ")";
  }

  /** With its doer: {@code device puts node: of_node_put(/lr-osc) by a work item}. */
  @Override
  public String toString() {
    return "%s: %s by %s".formatted(act.words(), call(), doer);
  }
}
