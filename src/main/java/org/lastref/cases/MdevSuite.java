package org.lastref.cases;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.lastref.model.Kernel;
import org.lastref.model.ParentRegistration;
import org.lastref.model.ParentRegistration.Life;
import org.lastref.model.ParentRegistration.Rules;
import org.lastref.offline.Catalogue;
import org.lastref.runner.Kit;
import org.lastref.runner.TestCase;
import org.lastref.target.Argument;
import org.lastref.target.Probe;

/**
 * "mdev: Send uevents around parent device registration", July 2019: may the uevent of an
 * unregistration come after the last reference that mdev holds, and what of those who register
 * twice, or unregister what is not registered? Each life of a parent is lived under the rules that
 * differ for it.
 */
final class MdevSuite implements Suite {

  /** Linux 6.1: the caller's reference has to do. */
  private static final String NO_REF = "no-ref";

  /** Linux 5.3, and what the author of the patch wanted. */
  private static final String AFTER_PUT = "after-put";

  /** What its reviewer wanted. */
  private static final String BEFORE_PUT = "before-put";

  /** What he had on his list. */
  private static final String CHECKED = "checked";

  private static final Map<String, Rules> RULES =
      Map.of(
          NO_REF, new Rules(false, false, false),
          AFTER_PUT, new Rules(true, false, false),
          BEFORE_PUT, new Rules(true, true, false),
          CHECKED, new Rules(false, false, true));

  @Override
  public String name() {
    return "mdev";
  }

  /** Every life under the rules that matter to it. */
  @Override
  public List<Catalogue.Entry> exercises(Kernel kernel) {
    List<Catalogue.Entry> exercises = new ArrayList<>();
    for (Life life : Life.values()) {
      List<String> variants =
          switch (life) {
            case KEPT, CHILD, DROPPED -> List.of(NO_REF, AFTER_PUT, BEFORE_PUT);
            case HASTY -> List.of(NO_REF);
            case TWICE, STRAY -> List.of(NO_REF, CHECKED);
            case AGAIN -> List.of(CHECKED);
          };
      for (String variant : variants) {
        Rules rules = Objects.requireNonNull(RULES.get(variant), variant);
        exercises.add(
            new Catalogue.Entry(
                name(), life.toString(), variant, ParentRegistration.of(life, rules)));
      }
    }
    return exercises;
  }

  @Override
  public List<TestCase> cases(Path project) {
    Kit kit = new Kit(List.of(), probes(), List.of(ParentRegistration.PARENT));
    return ExerciseCase.plain(Suites.CATALOGUE.of(name(), Kernel.LINUX_6_1), each -> kit);
  }

  private static List<Probe> probes() {
    Argument name = Argument.name("name", 0);
    return List.of(
        Probe.entry("mdev_register", "mdev_register_parent"),
        Probe.entry("mdev_unregister", "mdev_unregister_parent"),
        Probe.exit("mdev_types_created", "parent_create_sysfs_files"),
        Probe.exit("mdev_types_removed", "parent_remove_sysfs_files"),
        Probe.entry("mdev_child_release", "mdev_device_release", name),
        Probe.entry("mdev_parent_release", "device_release", name).where(ParentRegistration.PARENT),
        Probe.entry("mdev_uevent", "kobject_uevent_env", name, Argument.name("state", 2))
            .with(new Probe.Filter.Begins(1, "MDEV_STATE=")));
  }
}
