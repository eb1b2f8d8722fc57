package org.lastref.model;

import java.util.Map;
import org.lastref.machine.Doer;

/**
 * Who loads and who unloads a module. The name of a task is not enough: ftrace does not always
 * learn it, {@code trace_save_cmdline()} of kernel/trace/trace.c gives up where its lock is held,
 * and then writes {@code <...>} instead.
 */
public final class ModuleTasks {

  /** The event that the task which loads a module passes: {@code do_init_module()}. */
  public static final String LOADS = "load_module";

  /** The event of the one that unloads it: {@code delete_module()}. */
  public static final String UNLOADS = "unload_module";

  private ModuleTasks() {}

  /** By what was noted; by its name in traces that lack these events. */
  static Doer doer(String task, Map<String, Doer> doers) {
    Doer noted = doers.get(task);
    if (noted != null) {
      return noted;
    }
    if (task.startsWith("insmod-")) {
      return Doers.LOADER;
    }
    return task.startsWith("rmmod-") ? Doers.UNLOADER : Doers.OTHER;
  }
}
