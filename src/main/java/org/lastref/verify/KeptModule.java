package org.lastref.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lastref.trace.Event;
import org.lastref.trace.Trace;

/**
 * A module that the kernel refused to unload, and who keeps it, as far as the kernel tells.
 *
 * @param name the kernel's name for it
 * @param references how many are out: module_refcount() of kernel/module/main.c, Linux 6.1
 * @param users the modules that use it, of which each has one of them
 * @param devices those that its drivers are still bound to, BUS/DEVICE, which have none of them
 */
public record KeptModule(String name, int references, List<String> users, List<String> devices) {

  /** What the board's agent marks once for each thing that it finds. */
  private static final String IN_USE = "in-use";

  public KeptModule {
    users = List.copyOf(users);
    devices = List.copyOf(devices);
  }

  /** How many references are no other module's. */
  public int unexplained() {
    return Math.max(0, references - users.size());
  }

  /** Reads them from a trace, in the order in which they should have been unloaded. */
  static List<KeptModule> in(Trace trace) {
    Map<String, KeptModule> kept = new LinkedHashMap<>();
    for (Event event : trace.events()) {
      if (event instanceof Event.Called called && called.event().equals(IN_USE)) {
        kept.merge(called.argument("module"), of(called), KeptModule::and);
      }
    }
    return List.copyOf(kept.values());
  }

  private static KeptModule of(Event.Called called) {
    String references = called.argument("references");
    return new KeptModule(
        called.argument("module"),
        references.matches("[0-9]{1,9}") ? Integer.parseInt(references) : 0,
        some(called.argument("user")),
        some(called.argument("device")));
  }

  private static List<String> some(String word) {
    return word.isEmpty() ? List.of() : List.of(word);
  }

  private KeptModule and(KeptModule more) {
    return new KeptModule(
        name,
        references + more.references,
        joined(users, more.users),
        joined(devices, more.devices));
  }

  private static List<String> joined(List<String> some, List<String> more) {
    List<String> all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }
}
