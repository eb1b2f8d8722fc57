package org.lastref.model;

import static org.lastref.model.KernelAct.act;

import java.util.List;
import org.lastref.machine.Label;
import org.lastref.machine.Script;
import org.lastref.machine.Variable;
import org.lastref.trace.Event.Kind;

/**
 * The functions of drivers/base that several models need, each written down once. Linux 6.1.192.
 */
@SuppressWarnings("MemberName") // the kernel's
final class DriverCore {

  static final String CORE = "drivers/base/core.c";
  static final String DD = "drivers/base/dd.c";
  static final String BUS = "drivers/base/bus.c";

  /** A device comes into its parent's list of children. */
  static final KernelAct PARENT_GETS_DEVICE =
      act(
          "parent gets device",
          "klist_children_get",
          Shown.taken(Kind.DEVICE, "klist_children_get"));

  /** And goes from there. */
  static final KernelAct PARENT_PUTS_DEVICE =
      act(
          "parent puts device",
          "klist_children_put",
          Shown.returned(Kind.DEVICE, "klist_children_put"));

  /** A device goes: {@code device_del()}. */
  static final KernelAct DELETE_DEVICE =
      act("delete device", "device_del", Shown.called("device_del"));

  /** Where there is nothing to do. */
  static final Runnable NOTHING = () -> {};

  private DriverCore() {}

  /** drivers/base/core.c and lib/kobject.c: the last put is followed by the release. */
  static void put_device(Script by, Variable refs, Label label, String where, Runnable release) {
    by.either(
        () -> {
          by.shows(label, where, List.of(refs.is(1)), refs.becomes(0));
          release.run();
        },
        () -> by.shows(label, where, List.of(refs.atLeast(2)), refs.plus(-1)));
  }

  /**
   * What becomes of a device that loses its driver.
   *
   * @param consumers those who depend on it lose theirs first
   * @param remove the bus has the driver let go of it
   * @param cleanup what is left of what the driver core manages for the driver is released
   * @param links the links that last only as long as a driver is bound are dropped
   */
  record Unbinding(Runnable consumers, Runnable remove, Runnable cleanup, Runnable links) {}

  /** drivers/base/dd.c, with the device's lock held. */
  static void __device_release_driver(Unbinding unbinding) {
    unbinding.consumers().run();
    unbinding.remove().run();
    unbinding.cleanup().run();
    unbinding.links().run();
  }
}
