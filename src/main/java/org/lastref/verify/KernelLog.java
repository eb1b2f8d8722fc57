package org.lastref.verify;

import java.util.regex.Pattern;

/** What the kernel's log says that matters here. */
final class KernelLog {

  /** {@code __of_changeset_entry_destroy()}, drivers/of/dynamic.c. */
  static final Pattern REPORT =
      Pattern.compile("OF: ERROR: memory leak, expected refcount 1 instead of \\d+, .* (/\\S*)");

  /** {@code of_node_release()}, drivers/of/dynamic.c; two blanks. */
  static final Pattern LATE_REPORT =
      Pattern.compile("OF: ERROR: memory leak before free overlay changeset,  (/\\S*)");

  /** {@code __might_resched()}, kernel/sched/core.c. */
  static final Pattern SLEEPS =
      Pattern.compile("BUG: sleeping function called from invalid context");

  /** What no scenario expects. */
  static final Pattern BROKEN =
      Pattern.compile(
          // "WARNING: memory leak will occur if overlay removed" is only talk.
          "OF: ERROR|refcount_t:|WARNING: (?!memory leak will)|BUG:|Oops|Internal error"
              + "|Unable to handle|Kernel panic|Error (applying|reverting) changeset"
              + "|changeset notifier error|suspect devicetree|devicetree state suspect"
              // kernel/locking/lockdep.c, kernel/rcu, kernel/hung_task.c, lib/debugobjects.c
              + "|trying to register non-static key|turning off the locking correctness validator"
              + "|detected (expedited )?stalls|self-detected stall|blocked for more than"
              + "|suspicious RCU usage|ODEBUG:|UBSAN:|unreferenced object 0x");

  /** After which a kernel does no more, or nothing that can be relied on. */
  static final Pattern DEATH =
      Pattern.compile("BUG:|Oops|Internal error|Unable to handle|Kernel panic");

  private KernelLog() {}
}
