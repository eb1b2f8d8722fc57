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

  /** What no scenario expects. */
  static final Pattern BROKEN =
      Pattern.compile(
          "OF: ERROR|refcount_t:|WARNING: CPU|BUG:|Oops|Internal error|Unable to handle"
              + "|Kernel panic|Error (applying|reverting) changeset|changeset notifier error"
              + "|suspect devicetree|devicetree state suspect");

  /** After which a kernel does no more, or nothing that can be relied on. */
  static final Pattern DEATH =
      Pattern.compile("BUG:|Oops|Internal error|Unable to handle|Kernel panic");

  private KernelLog() {}
}
