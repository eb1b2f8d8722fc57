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
    HEAR_UEVENT("uevent");

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
    /** The task that removes the overlay. */
    REMOVER("the remover"),
    /** The task that writes a device's name to {@code unbind} before that. */
    UNBINDER("the unbinding task"),
    /** A work item of a device link. */
    WORK("a work item"),
    /** An SRCU callback of a device link. */
    CALLBACK("an SRCU callback"),
    /** Who makes a parent of mediated devices, and registers it. */
    CALLER("the caller"),
    /** A listener to the kernel's events. */
    USER("user space"),
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
