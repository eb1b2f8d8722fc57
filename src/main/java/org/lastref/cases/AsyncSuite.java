package org.lastref.cases;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lastref.fdt.OverlaySource;
import org.lastref.image.KernelBuild;
import org.lastref.model.AsyncProbe;
import org.lastref.model.AsyncProbe.Change;
import org.lastref.model.AsyncProbe.Course;
import org.lastref.model.AsyncProbe.End;
import org.lastref.model.AsyncProbe.Hold;
import org.lastref.model.AsyncProbe.Keeps;
import org.lastref.model.AsyncProbe.Later;
import org.lastref.model.Kernel;
import org.lastref.model.ModuleTasks;
import org.lastref.model.Registration;
import org.lastref.model.Registration.Pattern;
import org.lastref.offline.Catalogue;
import org.lastref.runner.Kit;
import org.lastref.runner.TestCase;
import org.lastref.target.Argument;
import org.lastref.target.Probe;

/**
 * Seed 003, Torokhov, Williams and Rodriguez in 2015: drivers that probe asynchronously while the
 * overlay or the driver goes, and a device that is registered asynchronously, in vain.
 */
final class AsyncSuite implements Suite {

  private static final String KASAN = "kasan";

  /** struct device begins with its kobject, a kobject and a struct device_driver with a name. */
  private static final Argument NAME = Argument.name("name", 0);

  private static final Argument OBJECT = Argument.address("object", 0);

  private static final Probe LOADS = Probe.entry(ModuleTasks.LOADS, "do_init_module");
  private static final Probe UNLOADS =
      Probe.entry(ModuleTasks.UNLOADS, "__arm64_sys_delete_module");

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

  @Override
  public String name() {
    return "async";
  }

  @Override
  public List<Catalogue.Entry> exercises(Kernel kernel) {
    List<Catalogue.Entry> exercises = new ArrayList<>();
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

  private Catalogue.Entry probe(Deed deed, String variant, Keeps keeps, boolean waits) {
    return new Catalogue.Entry(
        name(), deed.scenario(), variant, AsyncProbe.of(deed.course(), keeps, waits));
  }

  private Catalogue.Entry register(Pattern pattern, boolean fails, boolean kasan) {
    return new Catalogue.Entry(
        name(),
        fails ? "register-fails" : "register-succeeds",
        pattern + (kasan ? "-" + KASAN : ""),
        Registration.of(pattern, fails, kasan));
  }

  /** Each on the kernel that it needs. */
  @Override
  public List<TestCase> cases(Path project) {
    OverlaySource slow =
        OverlaySource.of(
            project.resolve("overlays/%s/%s.dtso".formatted(name(), AsyncProbe.OVERLAY)));
    Kit probe = new Kit(List.of(slow), probeEvents(), List.of(AsyncProbe.DEVICE));
    Kit register = new Kit(List.of(), registerEvents(), List.of(Registration.DEVICE));
    return Suites.CATALOGUE.of(name(), Kernel.LINUX_6_1).stream()
        .<TestCase>map(
            each ->
                new ExerciseCase(
                    each,
                    each.variant().endsWith(KASAN) ? KASAN : KernelBuild.PLAIN,
                    each.scenario().startsWith("register") ? register : probe))
        .toList();
  }

  private static List<Probe> probeEvents() {
    return List.of(
        Probe.entry("device_attach", "__device_attach_async_helper", NAME).where(AsyncProbe.DEVICE),
        Probe.exit("device_attach_end", "__device_attach_async_helper"),
        Probe.entry("driver_attach", "__driver_attach_async_helper", NAME).where(AsyncProbe.DEVICE),
        Probe.exit("driver_attach_end", "__driver_attach_async_helper"),
        // Of every device, as its end does not say which it is of.
        Probe.entry("probe", "really_probe", NAME),
        Probe.exit("probe_end", "really_probe"),
        Probe.entry("defer", "driver_deferred_probe_add", NAME).where(AsyncProbe.DEVICE),
        Probe.entry("undefer", "driver_deferred_probe_del", NAME).where(AsyncProbe.DEVICE),
        Probe.entry("device_del", "device_del", NAME).where(AsyncProbe.DEVICE),
        Probe.entry("attach_wait", "driver_async_attach_wait", NAME).where(AsyncProbe.DEVICE),
        Probe.exit("attach_wait_end", "driver_async_attach_wait"),
        Probe.entry("device_remove", "device_remove", NAME).where(AsyncProbe.DEVICE),
        Probe.entry("driver_unregister", "driver_unregister", NAME).where(AsyncProbe.DRIVER),
        Probe.entry("driver_detach", "driver_detach", NAME).where(AsyncProbe.DRIVER),
        Probe.entry("synchronize", "async_synchronize_full"),
        Probe.exit("synchronized", "async_synchronize_full"),
        LOADS,
        UNLOADS);
  }

  private static List<Probe> registerEvents() {
    return List.of(
        Probe.entry("register", "lastref_register:register_async", OBJECT),
        Probe.exit(Registration.OVER, "lastref_register:register_async"),
        Probe.entry("use", "lastref_register:register_use", OBJECT),
        Probe.entry("device_add", "device_add", NAME).where(Registration.DEVICE),
        Probe.exit("device_added", "device_add"),
        Probe.entry("device_del", "device_del", NAME).where(Registration.DEVICE),
        Probe.entry("freed", "device_release", NAME).where(Registration.DEVICE),
        LOADS,
        UNLOADS);
  }
}
