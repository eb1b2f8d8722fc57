package org.lastref.verify;

import java.util.Map;
import org.lastref.model.Label.Doer;
import org.lastref.trace.Event.Called;

/**
 * Who loads and who unloads a module. The name of a task is not enough: ftrace does not always
 * learn it, {@code trace_save_cmdline()} of kernel/trace/trace.c gives up where its lock is held,
 * and then writes {@code <...>} instead.
 */
final class ModuleTasks {

  private ModuleTasks() {}

  /** Notes the task if it is one; {@code AsyncSuite} arms these events. */
  static void note(Called called, Map<String, Doer> doers) {
    if (called.event().equals("load_module")) {
      doers.put(called.at().task(), Doer.LOADER);
    } else if (called.event().equals("unload_module")) {
      doers.put(called.at().task(), Doer.UNLOADER);
    }
  }

  /** By what was noted; by its name in traces that lack these events. */
  static Doer doer(String task, Map<String, Doer> doers) {
    Doer noted = doers.get(task);
    if (noted != null) {
      return noted;
    }
    if (task.startsWith("insmod-")) {
      return Doer.LOADER;
    }
    return task.startsWith("rmmod-") ? Doer.UNLOADER : Doer.OTHER;
  }
}
