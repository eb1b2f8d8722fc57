package org.lastref.suite;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lastref.model.Label;
import org.lastref.model.Label.Act;
import org.lastref.model.Label.Doer;
import org.lastref.model.ParentRegistration;
import org.lastref.trace.Event;
import org.lastref.trace.Event.At;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Trace;
import org.lastref.verify.Observed;
import org.lastref.verify.Reading;

/** Which events are steps of {@link ParentRegistration}. */
final class MdevReading implements Reading {

  /** A warning of mdev's core. */
  private static final Pattern WARNING =
      Pattern.compile("WARNING: CPU: .* at drivers/vfio/mdev/\\S+ (mdev_\\w+_parent)\\+.*");

  /** {@code sysfs_warn_dup()}, fs/sysfs/dir.c. */
  private static final Pattern TAKEN =
      Pattern.compile("sysfs: cannot create duplicate filename '\\S*/(\\w+)'");

  private static final Map<String, Act> GETS =
      Map.of(
          "kobject_add_internal", Act.SYSFS_GETS_PARENT,
          "parent_create_sysfs_files", Act.TYPE_GETS_PARENT,
          "mdev_type_add", Act.TYPE_GETS_PARENT,
          "mdev_register_parent", Act.CORE_GETS_PARENT,
          "device_add", Act.CHILD_GETS_PARENT);

  private static final Map<String, Act> PUTS =
      Map.of(
          "kobject_add_internal", Act.SYSFS_PUTS_PARENT,
          "kobject_del", Act.SYSFS_PUTS_PARENT,
          "mdev_type_release", Act.TYPE_PUTS_PARENT,
          "mdev_unregister_parent", Act.CORE_PUTS_PARENT,
          "device_del", Act.CHILD_PUTS_PARENT,
          "klist_class_dev_put", Act.CLASS_PUTS_PARENT,
          "device_unregister", Act.CALLER_PUTS_PARENT);

  @Override
  public List<Observed> of(Trace trace) {
    List<Observed> observed = new ArrayList<>();
    long seqnum = -1;
    for (Event event : trace.events()) {
      Optional<Label> label = label(event);
      if (event instanceof Event.Called called && called.event().equals("heard")) {
        long next = Long.parseLong(called.argument("seqnum"));
        label = Optional.of(heard(called, next > seqnum));
        seqnum = next;
      }
      At at = event.at();
      // What makes the device comes before.
      label
          .filter(each -> !observed.isEmpty() || each.act() == Act.REGISTER_PARENT)
          .ifPresent(each -> observed.add(new Observed(each, at)));
    }
    return observed;
  }

  private static Label heard(Event.Called called, boolean inOrder) {
    Label label =
        ParentRegistration.heard(
            called.argument("state"), Integer.parseInt(called.argument("types")));
    return inOrder
        ? label
        : new Label(label.act(), label.object() + ", after a later one", label.doer());
  }

  private static Optional<Label> label(Event event) {
    if (event instanceof Event.Reference reference) {
      Map<String, Act> acts = reference.direction() == Direction.GET ? GETS : PUTS;
      return reference.name().equals(ParentRegistration.PARENT)
          ? Optional.ofNullable(acts.get(reference.holder())).map(ParentRegistration::step)
          : Optional.empty();
    }
    if (event instanceof Event.Logged logged) {
      return log(logged.text());
    }
    return event instanceof Event.Called called ? call(called) : Optional.empty();
  }

  private static Optional<Label> log(String text) {
    Matcher warning = WARNING.matcher(text);
    if (warning.matches()) {
      return Optional.of(new Label(Act.REFUSE, warning.group(1), Doer.CALLER));
    }
    Matcher taken = TAKEN.matcher(text);
    return taken.matches()
        ? Optional.of(new Label(Act.FIND_NAME_TAKEN, taken.group(1), Doer.CALLER))
        : Optional.empty();
  }

  private static Optional<Label> call(Event.Called called) {
    return Optional.ofNullable(
        switch (called.event()) {
          case "mdev_register" -> ParentRegistration.step(Act.REGISTER_PARENT);
          case "mdev_unregister" -> ParentRegistration.step(Act.UNREGISTER_PARENT);
          case "mdev_types_created" ->
              called.argument("ret").equals("0")
                  ? ParentRegistration.step(Act.CREATE_TYPES)
                  : ParentRegistration.CREATE_FAILED;
          case "mdev_types_removed" -> ParentRegistration.step(Act.REMOVE_TYPES);
          case "mdev_child_release" -> ParentRegistration.step(Act.RELEASE_CHILD);
          case "mdev_parent_release" -> ParentRegistration.step(Act.RELEASE_PARENT);
          case "mdev_uevent" ->
              ParentRegistration.sent(
                  called.argument("state").replace("MDEV_STATE=", ""), called.argument("name"));
          default -> null;
        });
  }
}
