package org.lastref.image;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lastref.fault.InputFault;

/** Modules of the user's own, in the order in which a kernel can load them. */
final class KernelModules {

  /** What our own modules are called. */
  private static final String OURS = "lastref_";

  private KernelModules() {}

  /**
   * Those that a module needs come before it, else they are as given.
   *
   * @param like a module that was built with the kernel that is to load them
   * @throws InputFault if it cannot: one is for another kernel, named twice or missing
   */
  static List<KernelModule> loadable(List<KernelModule> given, KernelModule like) {
    Map<String, KernelModule> named = new LinkedHashMap<>();
    for (KernelModule module : given) {
      module.checkIsFor(like);
      if (module.name().replace('-', '_').startsWith(OURS)) {
        throw new InputFault(
            "%s: modules whose names begin with lastref are Lastref's own: call it otherwise"
                .formatted(module.file()));
      }
      KernelModule other = named.putIfAbsent(module.name(), module);
      if (other != null) {
        throw new InputFault(
            "%s and %s are both module %s: choose one"
                .formatted(other.file(), module.file(), module.name()));
      }
    }
    List<KernelModule> ordered = new ArrayList<>();
    List<KernelModule> waiting = new ArrayList<>(named.values());
    while (!waiting.isEmpty()) {
      KernelModule next =
          waiting.stream()
              .filter(each -> each.needs().stream().allMatch(need -> has(ordered, need)))
              .findFirst()
              .orElseThrow(() -> unloadable(waiting));
      waiting.remove(next);
      ordered.add(next);
    }
    return List.copyOf(ordered);
  }

  private static InputFault unloadable(List<KernelModule> waiting) {
    for (KernelModule module : waiting) {
      for (String need : module.needs()) {
        if (!has(waiting, need)) {
          return new InputFault(
              "%s needs module %s: name it too, or build that into the kernel"
                  .formatted(module.file(), need));
        }
      }
    }
    Path first = waiting.get(0).file();
    return new InputFault("%s: it needs modules that need it".formatted(first));
  }

  private static boolean has(List<KernelModule> modules, String name) {
    return modules.stream().anyMatch(each -> each.name().equals(name));
  }
}
