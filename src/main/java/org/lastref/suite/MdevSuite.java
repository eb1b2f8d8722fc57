package org.lastref.suite;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.lastref.image.KernelBuild;
import org.lastref.model.ParentRegistration;
import org.lastref.model.ParentRegistration.Call;
import org.lastref.model.ParentRegistration.Life;
import org.lastref.model.ParentRegistration.Rules;
import org.lastref.suite.ExerciseTrial.Kit;
import org.lastref.target.Probe;
import org.lastref.verify.Exercise;
import org.lastref.verify.Scenario.ExpectedStep;

/**
 * "mdev: Send uevents around parent device registration", July 2019: may the uevent of an
 * unregistration come after the last reference that mdev holds, and what of those who register
 * twice, or unregister what is not registered? Each life of a parent is lived under the rules that
 * differ for it.
 */
final class MdevSuite {

  private static final String NAME = "mdev";
  private static final String MODULE = "lastref-mdev";

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

  private MdevSuite() {}

  /** Every life under the rules that matter to it. */
  static List<Exercise> exercises() {
    List<Exercise> exercises = new ArrayList<>();
    for (Life life : Life.values()) {
      List<String> variants =
          switch (life) {
            case KEPT, CHILD, DROPPED -> List.of(NO_REF, AFTER_PUT, BEFORE_PUT);
            case HASTY -> List.of(NO_REF);
            case TWICE, STRAY -> List.of(NO_REF, CHECKED);
            case AGAIN -> List.of(CHECKED);
          };
      for (String variant : variants) {
        exercises.add(exercise(life, variant));
      }
    }
    return exercises;
  }

  private static Exercise exercise(Life life, String variant) {
    Rules rules = RULES.getOrDefault(variant, new Rules(false, false, false));
    return new Exercise(
        NAME,
        life.toString(),
        variant,
        steps(life, rules),
        ParentRegistration.of(life, rules),
        new MdevReading());
  }

  private static List<ExpectedStep> steps(Life life, Rules rules) {
    List<ExpectedStep> steps = new ArrayList<>();
    steps.add(parameter("parent_ref", rules.parentRef()));
    steps.add(parameter("uevent_before_put", rules.ueventBeforePut()));
    steps.add(parameter("check_parent", rules.checkParent()));
    steps.add(new ExpectedStep("listen=mdev", "listening"));
    steps.add(new ExpectedStep("load=" + MODULE, "loaded"));
    steps.add(does("add", "set"));
    boolean registered = false;
    int uevents = 0;
    String refused = rules.checkParent() ? "refused File exists" : "refused Cannot allocate memory";
    for (Call call : life.calls()) {
      switch (call) {
        case REGISTER -> {
          steps.add(does("register", registered ? refused : "set"));
          uevents += registered ? 0 : 1;
          registered = true;
        }
        case REGISTER_OTHER -> steps.add(does("register-other", refused));
        case CREATE ->
            steps.add(
                new ExpectedStep(
                    "child=" + ParentRegistration.PARENT + "/lastref_mdev-small", "created"));
        case UNREGISTER -> {
          steps.add(does("unregister", "set"));
          uevents += registered ? 1 : 0;
          registered = false;
        }
        case UNREGISTER_OTHER -> {
          steps.add(does("unregister-other", "set"));
          uevents += rules.checkParent() ? 0 : 1;
        }
        case REMOVE -> steps.add(does("remove", "set"));
        case HEAR -> steps.add(new ExpectedStep("heard=" + uevents, "heard"));
      }
    }
    steps.add(new ExpectedStep("unload=lastref_mdev", "unloaded"));
    steps.add(new ExpectedStep("ignore=mdev", "ignoring"));
    return steps;
  }

  private static ExpectedStep parameter(String name, boolean on) {
    return new ExpectedStep("set=mdev/%s=%d".formatted(name, on ? 1 : 0), "set");
  }

  private static ExpectedStep does(String what, String result) {
    return new ExpectedStep("set=lastref_mdev/do=" + what, result);
  }

  /** The trials, on the plain kernel. */
  static List<Trial> trials() {
    Kit kit = new Kit(List.of(MODULE), List.of(), probes(), List.of(ParentRegistration.PARENT));
    return exercises().stream()
        .<Trial>map(each -> new ExerciseTrial(each, KernelBuild.PLAIN, kit))
        .toList();
  }

  /**
   * The name is the first member of {@code struct kobject}, as that is of {@code struct device}.
   */
  private static List<Probe> probes() {
    String name = "name=+0(+0(%x0)):string";
    return List.of(
        Probe.entry("mdev_register", "mdev_register_parent", ""),
        Probe.entry("mdev_unregister", "mdev_unregister_parent", ""),
        Probe.exit("mdev_types_created", "parent_create_sysfs_files"),
        Probe.exit("mdev_types_removed", "parent_remove_sysfs_files"),
        Probe.entry("mdev_child_release", "mdev_device_release", name),
        Probe.entry("mdev_parent_release", "device_release", name)
            .where("name == \"" + ParentRegistration.PARENT + "\""),
        Probe.entry("mdev_uevent", "kobject_uevent_env", name + " state=+0(+0(%x2)):string")
            .where("state ~ \"MDEV_STATE=*\""));
  }
}
