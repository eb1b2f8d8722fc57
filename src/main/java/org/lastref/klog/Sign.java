package org.lastref.klog;

import static org.lastref.klog.Extent.BACKTRACE;
import static org.lastref.klog.Extent.BORDER;
import static org.lastref.klog.Extent.END_PANIC;
import static org.lastref.klog.Extent.END_TRACE;
import static org.lastref.klog.Extent.KILL;
import static org.lastref.klog.Extent.LINE;
import static org.lastref.klog.Extent.TRACE;
import static org.lastref.klog.Meaning.DEADLY;
import static org.lastref.klog.Meaning.OOM;
import static org.lastref.klog.Meaning.REPORT;
import static org.lastref.klog.Meaning.RESET;
import static org.lastref.klog.Meaning.SETUP;
import static org.lastref.klog.Meaning.SPLAT;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a line of the kernel's log is known by. The first that fits counts, so the particular ones
 * stand before the general. Each names the file of Linux 6.1 that prints it, unless it says
 * otherwise.
 *
 * <p>In a title, {@code %1} is the pattern's first group, and {@code %f} the function, which the
 * group {@code in} or else the trace tells.
 */
public enum Sign {
  /** A file system or program to start with that the lab did not give. */
  NO_INIT(
      SETUP,
      END_PANIC,
      "panic: %1",
      "Kernel panic - not syncing: (VFS: Unable to mount root fs|No working init found|Requested init \\S+ failed)",
      "init/main.c, init/do_mounts.c"),
  /** Nobody was left to be killed. */
  OOM_PANIC(
      OOM,
      END_PANIC,
      "panic: %1",
      "Kernel panic - not syncing: (Out of memory|System is deadlocked on memory)",
      "mm/oom_kill.c"),
  PANIC(DEADLY, END_PANIC, "panic: %1", "Kernel panic - not syncing: (.{0,200})", "kernel/panic.c"),
  BUG_AT(DEADLY, END_TRACE, "kernel BUG in %f", "kernel BUG at \\S+!", "lib/bug.c"),
  UNABLE_TO_HANDLE(
      DEADLY,
      END_TRACE,
      "unable to handle kernel %1 in %f",
      "Unable to handle kernel (.+?)(?: at virtual address|$)",
      "arch/arm64/mm/fault.c"),
  SERROR(
      DEADLY,
      END_PANIC,
      "SError on CPU%1",
      "SError Interrupt on CPU(\\d+), code",
      "arch/arm64/kernel/traps.c"),
  STACK_OVERFLOW(
      DEADLY,
      END_PANIC,
      "kernel stack overflow in %f",
      "Insufficient stack space to handle exception!",
      "arch/arm64/kernel/traps.c"),
  UNHANDLED_FAULT(
      DEADLY,
      END_TRACE,
      "unhandled fault: %1 in %f",
      "Unhandled (?:fault|prefetch abort): (.+?) \\(0x",
      "arch/arm/mm/fault.c; arm64 until 4.15"),
  OOPS(
      DEADLY,
      END_TRACE,
      "%1 in %f",
      "(?:Internal error: |(?=Oops(?: - |: )))(.+?)(?:: [0-9a-f]+ \\[#\\d+\\]|$)",
      "arch/arm64/kernel/traps.c"),

  BOOT(
      RESET,
      LINE,
      "a kernel begins to boot",
      "Booting Linux on physical CPU 0x",
      "arch/arm64/kernel/setup.c"),

  OOM_KILL(
      OOM,
      KILL,
      "out of memory: %1 asked for more",
      "(\\S{1,16}) invoked oom-killer:",
      "mm/oom_kill.c"),
  OOM_KILLED(
      OOM,
      LINE,
      "out of memory: killed %1",
      "Out of memory: Killed process \\d+ \\((.+?)\\)",
      "mm/oom_kill.c"),
  NO_PAGES(
      OOM,
      TRACE,
      "page allocation failure of order %1 in %f",
      "page allocation failure: order:(\\d+)",
      "mm/page_alloc.c"),

  KASAN(
      SPLAT,
      BORDER,
      "KASAN: %1 in %f",
      "BUG: KASAN: ([\\w-]+)(?: in (?<in>\\S+))?",
      "mm/kasan/report.c"),
  KFENCE(
      SPLAT, BORDER, "KFENCE: %1 in %f", "BUG: KFENCE: (.+?) in (?<in>\\S+)", "mm/kfence/report.c"),
  KCSAN(
      SPLAT,
      BORDER,
      "KCSAN: %1 in %f",
      "BUG: KCSAN: (.+?) in (?<in>\\S+)",
      "kernel/kcsan/report.c"),
  UBSAN(SPLAT, BORDER, "UBSAN: %1 in %f", "UBSAN: (.+?) in \\S+:\\d+:\\d+", "lib/ubsan.c"),

  DEADLOCK(
      SPLAT,
      BACKTRACE,
      "possible deadlock in %f: %1",
      "WARNING: (possible (?:circular locking dependency|recursive locking|irq lock inversion dependency)|\\S+-safe -> \\S+-unsafe lock order) detected",
      "kernel/locking/lockdep.c"),
  LOCK_STATE(
      SPLAT,
      BACKTRACE,
      "inconsistent lock state in %f",
      "WARNING: inconsistent lock state",
      "kernel/locking/lockdep.c"),
  RCU_USAGE(
      SPLAT,
      BACKTRACE,
      "suspicious RCU usage in %f",
      "WARNING: suspicious RCU usage",
      "kernel/locking/lockdep.c"),
  LOCK_MISUSE(
      SPLAT,
      BACKTRACE,
      "%1 in %f",
      "(?:WARNING: |\\[ BUG: )(bad unlock balance detected|bad contention detected|held lock freed|Nested lock was not taken|lock held when returning to user space|Invalid wait context|chain_key collision|\\S+ still has locks held)",
      "kernel/locking/lockdep.c"),
  LOCK_KEY(
      SPLAT,
      BACKTRACE,
      "lock without a key in %f",
      "INFO: trying to register non-static key",
      "kernel/locking/lockdep.c"),
  LOCKDEP_OFF(
      SPLAT,
      TRACE,
      "lockdep turns itself off in %f",
      "turning off the locking correctness validator",
      "kernel/locking/lockdep.c"),
  SLEEPING(
      SPLAT,
      TRACE,
      "sleeping function called from invalid context in %f",
      "BUG: sleeping function called from invalid context at ",
      "kernel/sched/core.c"),
  ATOMIC(
      SPLAT,
      TRACE,
      "scheduling while atomic in %f",
      "BUG: scheduling while atomic: ",
      "kernel/sched/core.c"),
  PREEMPTIBLE(
      SPLAT,
      TRACE,
      "using %1 in preemptible code in %f",
      "BUG: using (\\S+) in preemptible",
      "lib/smp_processor_id.c"),
  SPINLOCK(
      SPLAT,
      TRACE,
      "%1 in %f",
      "BUG: ((?:spin|rw)lock .+?) on CPU#",
      "kernel/locking/spinlock_debug.c"),
  WORKQUEUE(
      SPLAT,
      TRACE,
      "workqueue %1",
      "BUG: workqueue (leaked lock or atomic|lockup)",
      "kernel/workqueue.c"),
  SOFT_LOCKUP(
      SPLAT,
      TRACE,
      "soft lockup in %f",
      "BUG: soft lockup - CPU#\\d+ stuck for ",
      "kernel/watchdog.c"),
  RCU_STALL(
      SPLAT,
      TRACE,
      "RCU stall in %f",
      "INFO: rcu\\S* (?:detected (?:expedited )?stalls|self-detected stall)",
      "kernel/rcu/tree_stall.h, tree_exp.h, tasks.h"),
  HUNG_TASK(
      SPLAT,
      TRACE,
      "task %1 hung in %f",
      "INFO: task (.+?):\\d+ blocked for more than \\d+ seconds",
      "kernel/hung_task.c"),

  /** Memory is used that was freed, so that anything may come of it. */
  REFCOUNT(SPLAT, END_TRACE, "refcount_t: %1 in %f", "refcount_t: (.+?)\\.?$", "lib/refcount.c"),
  ODEBUG(
      SPLAT,
      END_TRACE,
      "ODEBUG: %1 in %f",
      "ODEBUG: (.+? object type: \\S+|.{1,80})",
      "lib/debugobjects.c"),
  LIST(
      SPLAT,
      END_TRACE,
      "list corruption in %f",
      "list_(?:add|del) (?:corruption|double add)",
      "lib/list_debug.c"),
  USERCOPY(
      SPLAT,
      END_TRACE,
      "usercopy: %1 in %f",
      "usercopy: Kernel memory (exposure|overwrite) attempt",
      "mm/usercopy.c"),
  FORTIFY(
      SPLAT,
      END_TRACE,
      "buffer overflow of %1 in %f",
      "detected buffer overflow in (\\w+)",
      "lib/string_helpers.c"),
  SLAB(SPLAT, BACKTRACE, "slab: %1 in %f", "BUG \\S+ \\([^)]*\\): (.{1,80})", "mm/slub.c"),
  BAD_PAGE(
      SPLAT,
      BACKTRACE,
      "%1 in %f",
      "BUG: (Bad page (?:state|map|cache)|Bad rss-counter state)",
      "mm/page_alloc.c, mm/memory.c, kernel/fork.c"),
  MEMORY_LEAK(
      SPLAT, TRACE, "memory leak in %f", "unreferenced object 0x[0-9a-f]+", "mm/kmemleak.c"),
  MEMORY_LEAKS(
      SPLAT,
      LINE,
      "%1 memory leaks",
      "kmemleak: (\\d+) new suspected memory leaks",
      "mm/kmemleak.c"),
  /** What was there before has left something behind. */
  LEFT_IN_DEBUGFS(
      SPLAT,
      LINE,
      "debugfs: %1 is there already",
      "debugfs: (?:File|Directory) '(.{1,128})' (?:with parent|in directory) '.{1,128}' already present!",
      "fs/debugfs/inode.c"),
  /** Two devices of one name, such as those of two overlays; who creates them is refused. */
  SAME_FILE(
      SETUP,
      TRACE,
      "sysfs: %1 is there already, in %f",
      "sysfs: cannot create duplicate filename '(\\S+)'",
      "fs/sysfs/dir.c"),

  NODE_LEAK(
      REPORT,
      LINE,
      "reference to %1 not returned",
      "OF: ERROR: memory leak, expected refcount 1 instead of \\d+, .* (/\\S*)",
      "__of_changeset_entry_destroy(), drivers/of/dynamic.c"),
  /** Two blanks. */
  LATE_NODE_LEAK(
      REPORT,
      LINE,
      "reference to %1 returned too late",
      "OF: ERROR: memory leak before free overlay changeset,  (/\\S*)",
      "of_node_release(), drivers/of/dynamic.c"),
  /** Of 6.1, and of 6.12. */
  NODE_PUT_TWICE(
      SPLAT,
      TRACE,
      "reference to %1 returned twice in %f",
      "OF: ERROR: (?:Bad|of_node_release\\(\\) detected bad) of_node_put\\(\\) on (/\\S*)",
      "of_node_release(), drivers/of/dynamic.c"),
  CHANGESET(
      SPLAT,
      LINE,
      "devicetree: %1",
      "OF: (Error (?:applying|reverting) changeset|changeset notifier error|changeset: apply failed: \\S+)",
      "drivers/of/dynamic.c"),
  NOTIFIER(
      SPLAT,
      LINE,
      "devicetree: %1",
      "OF: overlay: overlay (changeset \\S+ notifier error|(?:apply|remove) changeset entry notify error)",
      "drivers/of/overlay.c"),
  /** No overlay comes or goes any more until the board is booted again. */
  SUSPECT_TREE(
      SPLAT,
      LINE,
      "devicetree in an unknown state",
      "OF: overlay: (?:suspect devicetree state|devicetree state suspect), refuse to ",
      "drivers/of/overlay.c"),
  OVERLAY_STAYS(
      SPLAT,
      LINE,
      "an overlay is left in the tree",
      "OF: configfs: .*(?:not completely taken back|stays in the tree without a name)",
      "drivers/of/configfs.c, from our patches"),

  NO_SYMBOLS(
      SETUP,
      LINE,
      "the board's devicetree has no labels",
      "OF: resolver: no symbols in root of device tree|symbols in overlay, but not in live tree",
      "drivers/of/resolver.c, drivers/of/overlay.c"),
  NO_LABEL(
      SETUP,
      LINE,
      "the board's devicetree has no label %1",
      "OF: resolver: node label '(.{1,64}?)' not found in live devicetree symbols table",
      "drivers/of/resolver.c"),
  NOT_RESOLVED(
      SETUP,
      LINE,
      "the overlay does not fit the board's devicetree",
      "OF: resolver: (?:overlay phandle fixup failed|null overlay|overlay not detached)",
      "drivers/of/resolver.c"),
  NO_TARGET(
      SETUP,
      LINE,
      "the overlay's target is not there",
      "OF: overlay: find target, node: ",
      "drivers/of/overlay.c"),
  BAD_OVERLAY(
      SETUP,
      LINE,
      "not an overlay that a kernel takes: %1",
      "OF: overlay: (Invalid overlay_fdt header|unable to unflatten overlay_fdt|no fragments or symbols in overlay|ERROR: changing value of #\\S+|ERROR: multiple fragments .{1,40} (?:node|property))",
      "drivers/of/overlay.c"),
  OVERLAY_ORDER(
      SETUP,
      LINE,
      "an overlay lies on the one to be removed",
      "OF: overlay: (?:overlay #\\d+ is not topmost|.*#\\d+ overlaps with #\\d+)",
      "drivers/of/overlay.c"),
  NO_OVERLAY(
      SETUP,
      LINE,
      "no such overlay to remove",
      "OF: overlay: remove: Could not find overlay #",
      "drivers/of/overlay.c"),

  DEVICETREE(SPLAT, LINE, "devicetree: %1", "OF: ERROR: (.{1,80})", "drivers/of"),
  WARNING(
      SPLAT,
      END_TRACE,
      "WARNING in %f",
      "WARNING: CPU: \\d+ PID: \\d+ at (?:\\S+:\\d+ )?(?<in>\\S+)",
      "kernel/panic.c"),
  /** Of a removed property, drivers/of/overlay.c tells before there is any harm. */
  OTHER_WARNING(
      SPLAT,
      TRACE,
      "WARNING: %1 in %f",
      "WARNING: (?!memory leak will occur if overlay removed)(.{1,80})",
      "any"),
  OTHER_BUG(SPLAT, TRACE, "BUG: %1 in %f", "BUG: (.{1,80})", "any"),
  /** Only what follows tells of what. */
  CUT_HERE(
      SPLAT, END_TRACE, "an unnamed splat in %f", "\\[ cut here \\]", "include/asm-generic/bug.h");

  /** Without one of these no line has a sign: looked for first, for most lines have none. */
  private static final List<String> HINTS =
      List.of(
          "BUG",
          "WARNING: ",
          "INFO: ",
          "OF: ",
          "Kernel panic",
          "Unable to handle",
          "SError",
          "Insufficient stack",
          "Unhandled ",
          "Internal error",
          "Oops",
          "Booting Linux",
          "oom-killer",
          "Out of memory",
          "allocation failure",
          "UBSAN",
          "turning off",
          "refcount_t",
          "list_",
          "usercopy",
          "buffer overflow",
          "unreferenced",
          "kmemleak",
          "sysfs",
          "debugfs: ",
          "cut here",
          "symbols in overlay");

  private static final Pattern OFFSET =
      Pattern.compile("\\+0x[0-9a-f]+/0x[0-9a-f]+(?: \\[\\w+\\])?");

  private final Meaning meaning;
  private final Extent extent;
  private final String title;
  private final Pattern pattern;
  private final String source;

  Sign(Meaning meaning, Extent extent, String title, String pattern, String source) {
    this.meaning = meaning;
    this.extent = extent;
    this.title = title;
    this.pattern = Pattern.compile(pattern);
    this.source = source;
  }

  /**
   * The sign on a line, if there is one.
   *
   * @param line with or without time stamp, of a bounded length
   */
  public static Optional<Sign> on(String line) {
    return HINTS.stream().anyMatch(line::contains)
        ? Arrays.stream(values()).filter(sign -> sign.pattern.matcher(line).find()).findFirst()
        : Optional.empty();
  }

  /** Whether a line says that the kernel is at fault; the cut before it says nothing yet. */
  public static boolean ofKernel(String line) {
    return on(line).filter(sign -> sign.meaning.ofKernel() && sign != CUT_HERE).isPresent();
  }

  /** Finds it; the first group, where there is one, is what it is about. */
  public Matcher matcher(String line) {
    return pattern.matcher(line);
  }

  /** What it means for a verdict. */
  public Meaning meaning() {
    return meaning;
  }

  /** Whether the kernel does no more after it, whoever is to blame. */
  public boolean deadly() {
    return meaning == DEADLY || extent == END_PANIC;
  }

  /** The file that prints it, and of which Linux if not 6.1. */
  public String source() {
    return source;
  }

  Extent extent() {
    return extent;
  }

  boolean namesFunction() {
    return pattern.pattern().contains("(?<in>");
  }

  /** The title with its blanks filled in. */
  String title(Matcher found, String function) {
    String filled =
        function.isEmpty() ? title.replaceFirst(",? in %f", "") : title.replace("%f", function);
    String about = found.groupCount() > 0 && found.group(1) != null ? found.group(1) : "";
    return filled.replace("%1", OFFSET.matcher(about).replaceAll("").strip());
  }
}
