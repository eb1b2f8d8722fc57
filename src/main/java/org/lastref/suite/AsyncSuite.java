package org.lastref.suite;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.lastref.image.KernelBuild;
import org.lastref.model.AsyncProbe;
import org.lastref.model.AsyncProbe.Change;
import org.lastref.model.AsyncProbe.Course;
import org.lastref.model.AsyncProbe.End;
import org.lastref.model.AsyncProbe.Hold;
import org.lastref.model.AsyncProbe.Keeps;
import org.lastref.model.AsyncProbe.Later;
import org.lastref.model.Registration;
import org.lastref.model.Registration.Pattern;
import org.lastref.suite.ExerciseTrial.Kit;
import org.lastref.target.Probe;
import org.lastref.verify.AsyncProbeReading;
import org.lastref.verify.Exercise;
import org.lastref.verify.RegistrationReading;
import org.lastref.verify.Scenario.ExpectedStep;

/**
 * Seed 003, Torokhov, Williams and Rodriguez in 2015: drivers that probe asynchronously while the
 * overlay or the driver goes, and a device that is registered asynchronously, in vain.
 */
final class AsyncSuite {

  private static final String SUITE = "async";
  private static final String KASAN = "kasan";
  private static final String OVERLAY = "slow";

  /** struct device begins with its kobject, a kobject and a struct device_driver with a name. */
  private static final String NAME = "name=+0(+0(%x0)):string";

  private static final Probe LOADS = Probe.entry("load_module", "do_init_module", "");
  private static final Probe UNLOADS =
      Probe.entry("unload_module", "__arm64_sys_delete_module", "");

  /** What is done, by name. */
  private record Deed(String scenario, Course course) {}

  private static final List<Deed> DEEDS =
      List.of(
          deed("remove-before-probe", Later.DEVICE, Hold.QUEUE, End.SUCCEEDS, Change.REMOVE),
          deed("remove-while-probing", Later.DEVICE, Hold.PROBE, End.SUCCEEDS, Change.REMOVE),
          deed("remove-while-deferring", Later.DEVICE, Hold.PROBE, End.DEFERS, Change.REMOVE),
          deed("remove-while-failing", Later.DEVICE, Hold.PROBE, End.FAILS, Change.REMOVE),
          deed("remove-after-probe", Later.DEVICE, Hold.NOTHING, End.SUCCEEDS, Change.REMOVE),
          deed("remove-deferred", Later.DEVICE, Hold.NOTHING, End.DEFERS, Change.REMOVE),
          deed("remove-failed", Later.DEVICE, Hold.NOTHING, End.FAILS, Change.REMOVE),
          deed("remove-before-load-probes", Later.DRIVER, Hold.QUEUE, End.SUCCEEDS, Change.REMOVE),
          deed("remove-while-load-probes", Later.DRIVER, Hold.PROBE, End.SUCCEEDS, Change.REMOVE),
          deed("unload-before-probe", Later.DEVICE, Hold.QUEUE, End.SUCCEEDS, Change.UNLOAD),
          deed("unload-while-probing", Later.DEVICE, Hold.PROBE, End.SUCCEEDS, Change.UNLOAD),
          deed(
              "unload-before-driver-probes",
              Later.ASYNC_DRIVER,
              Hold.QUEUE,
              End.SUCCEEDS,
              Change.UNLOAD),
          deed(
              "unload-while-driver-probes",
              Later.ASYNC_DRIVER,
              Hold.PROBE,
              End.SUCCEEDS,
              Change.UNLOAD),
          deed(
              "unload-while-driver-fails",
              Later.ASYNC_DRIVER,
              Hold.PROBE,
              End.FAILS,
              Change.UNLOAD));

  private static Deed deed(String scenario, Later later, Hold hold, End end, Change first) {
    return new Deed(scenario, new Course(later, hold, end, first));
  }

  private AsyncSuite() {}

  /** Its exercises. */
  static List<Exercise> exercises() {
    List<Exercise> exercises = new ArrayList<>();
    for (Deed deed : DEEDS) {
      exercises.add(probe(deed, "as-is", Keeps.NOTHING, false));
      exercises.add(probe(deed, "waits", Keeps.NOTHING, true));
      boolean probes = deed.course().hold() != Hold.QUEUE;
      if (probes) {
        exercises.add(probe(deed, "driver-keeps-node", Keeps.NODE, false));
        exercises.add(probe(deed, "driver-keeps-device", Keeps.DEVICE, false));
      }
    }
    for (boolean kasan : List.of(false, true)) {
      for (boolean fails : List.of(true, false)) {
        for (Pattern pattern : Pattern.values()) {
          exercises.add(register(pattern, fails, kasan));
        }
      }
    }
    return exercises;
  }

  /** Each on the kernel that it needs. */
  static List<Trial> trials(Path project) {
    Shape slow = Shape.of(project.resolve("overlays").resolve(SUITE).resolve(OVERLAY + ".dtso"));
    Kit probe =
        new Kit(List.of("lastref-slow"), List.of(slow), probeEvents(), List.of(AsyncProbe.DEVICE));
    Kit register =
        new Kit(
            List.of("lastref-register"), List.of(), registerEvents(), List.of(Registration.DEVICE));
    return exercises().stream()
        .<Trial>map(
            each ->
                new ExerciseTrial(
                    each,
                    each.variant().endsWith(KASAN) ? KASAN : KernelBuild.PLAIN,
                    each.scenario().startsWith("register") ? register : probe))
        .toList();
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  // The driver that probes asynchronously.

  private static Exercise probe(Deed deed, String variant, Keeps keeps, boolean waits) {
    Course course = deed.course();
    return new Exercise(
        SUITE,
        deed.scenario(),
        variant,
        steps(course, keeps, waits),
        AsyncProbe.of(course, keeps, waits),
        new AsyncProbeReading());
  }

  private static List<ExpectedStep> steps(Course course, Keeps keeps, boolean waits) {
    List<ExpectedStep> steps = new ArrayList<>();
    String hold = course.hold() == Hold.NOTHING ? "" : "hold_" + word(course.hold());
    String load = "load=" + AsyncProbe.DRIVER + parameters(course, keeps, hold);
    ExpectedStep apply = new ExpectedStep("apply=" + OVERLAY, "applied");
    steps.add(new ExpectedStep("set=async_attach/wait=" + (waits ? "Y" : "N"), "set"));
    switch (course.later()) {
      case DEVICE -> steps.addAll(List.of(new ExpectedStep(load, "loaded"), apply));
      case DRIVER -> steps.addAll(List.of(apply, new ExpectedStep("start=" + load, "started")));
      case ASYNC_DRIVER -> steps.addAll(List.of(apply, new ExpectedStep(load, "loaded")));
    }
    String attach = course.later() == Later.DEVICE ? "device_attach" : "driver_attach";
    switch (course.hold()) {
      case NOTHING -> steps.add(until(attach + "_end"));
      case QUEUE -> {
        if (course.later() == Later.DRIVER) {
          steps.add(until("synchronize"));
        }
      }
      case PROBE -> steps.add(until("probe"));
    }
    boolean removes = course.first() == Change.REMOVE;
    ExpectedStep remove = new ExpectedStep("remove=" + OVERLAY, "removed");
    ExpectedStep unload = new ExpectedStep("unload=lastref_slow", "unloaded");
    ExpectedStep first = removes ? remove : unload;
    ExpectedStep second = removes ? unload : remove;
    if (hold.isEmpty()) {
      steps.add(first);
    } else {
      ExpectedStep letGo = new ExpectedStep("set=lastref_slow/" + hold + "=N", "set");
      boolean blocked = course.hold() == Hold.PROBE || !removes || waits;
      if (blocked) {
        steps.add(new ExpectedStep("start=" + first.step(), "started"));
        steps.add(until(blockedAt(course)));
        steps.add(letGo);
        steps.add(new ExpectedStep("finish=" + first.step(), first.result()));
      } else {
        steps.addAll(List.of(first, letGo));
      }
      steps.add(until(attach + "_end"));
    }
    if (course.later() == Later.DRIVER) {
      steps.add(new ExpectedStep("finish=" + load, "loaded"));
    }
    steps.add(second);
    return steps;
  }

  /** The function in which the change waits until what is held is let go. */
  private static String blockedAt(Course course) {
    if (course.first() == Change.REMOVE) {
      return course.hold() == Hold.PROBE ? "device_del" : "attach_wait";
    }
    boolean iterated = course.hold() == Hold.PROBE && course.later() == Later.DEVICE;
    return iterated ? "driver_unregister" : "driver_detach";
  }

  private static String parameters(Course course, Keeps keeps, String hold) {
    StringBuilder parameters = new StringBuilder();
    if (course.later() == Later.ASYNC_DRIVER) {
      parameters.append(",async_probe=Y");
    }
    if (course.end() != End.SUCCEEDS) {
      parameters.append(course.end() == End.DEFERS ? ",probe=defer" : ",probe=fail");
    }
    if (keeps != Keeps.NOTHING) {
      parameters.append(",keeps=").append(word(keeps));
    }
    if (!hold.isEmpty()) {
      parameters.append(',').append(hold).append("=Y");
    }
    return parameters.toString();
  }

  private static ExpectedStep until(String event) {
    return new ExpectedStep("until=" + event, "seen");
  }

  private static List<Probe> probeEvents() {
    String device = "name == \"" + AsyncProbe.DEVICE + "\"";
    String driver = "name == \"" + AsyncProbe.DRIVER + "\"";
    return List.of(
        Probe.entry("device_attach", "__device_attach_async_helper", NAME).where(device),
        Probe.exit("device_attach_end", "__device_attach_async_helper"),
        Probe.entry("driver_attach", "__driver_attach_async_helper", NAME).where(device),
        Probe.exit("driver_attach_end", "__driver_attach_async_helper"),
        // Of every device, as its end does not say which it is of.
        Probe.entry("probe", "really_probe", NAME),
        Probe.exit("probe_end", "really_probe"),
        Probe.entry("defer", "driver_deferred_probe_add", NAME).where(device),
        Probe.entry("undefer", "driver_deferred_probe_del", NAME).where(device),
        Probe.entry("device_del", "device_del", NAME).where(device),
        Probe.entry("attach_wait", "driver_async_attach_wait", NAME).where(device),
        Probe.exit("attach_wait_end", "driver_async_attach_wait"),
        Probe.entry("device_remove", "device_remove", NAME).where(device),
        Probe.entry("driver_unregister", "driver_unregister", NAME).where(driver),
        Probe.entry("driver_detach", "driver_detach", NAME).where(driver),
        Probe.entry("synchronize", "async_synchronize_full", ""),
        Probe.exit("synchronized", "async_synchronize_full"),
        LOADS,
        UNLOADS);
  }

  // The device that is registered asynchronously.

  private static Exercise register(Pattern pattern, boolean fails, boolean kasan) {
    String load =
        "load=lastref-register,pattern=%s%s".formatted(word(pattern), fails ? ",taken=Y" : "");
    boolean refused = fails && pattern == Pattern.REFERENCE;
    return new Exercise(
        SUITE,
        fails ? "register-fails" : "register-succeeds",
        word(pattern) + (kasan ? "-" + KASAN : ""),
        List.of(
            new ExpectedStep(load, "loaded"),
            new ExpectedStep("set=lastref_register/create=1", "set"),
            until("register_end"),
            new ExpectedStep("set=lastref_register/use=1", refused ? "refused" : "set"),
            new ExpectedStep("unload=lastref_register", "unloaded")),
        Registration.of(pattern, fails, kasan),
        new RegistrationReading());
  }

  private static List<Probe> registerEvents() {
    String device = "name == \"" + Registration.DEVICE + "\"";
    return List.of(
        Probe.entry("register", "lastref_register:register_async", "object=%x0:x64"),
        Probe.exit("register_end", "lastref_register:register_async"),
        Probe.entry("use", "lastref_register:register_use", "object=%x0:x64"),
        Probe.entry("device_add", "device_add", NAME).where(device),
        Probe.exit("device_added", "device_add"),
        Probe.entry("device_del", "device_del", NAME).where(device),
        Probe.entry("freed", "device_release", NAME).where(device),
        LOADS,
        UNLOADS);
  }
}
