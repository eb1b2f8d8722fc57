package org.lastref.klog;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the lines of a kernel's trace look like, and which function they are about. */
final class Backtrace {

  /** Frames, registers, dumps of memory and lists of locks are indented. */
  private static final Pattern LINE =
      Pattern.compile(
          "(?:\\s|\\\\x09).*|(?:"
              + String.join(
                  "|",
                  List.of(
                      "Call [tT]race:|CPU: |Tainted: |Hardware name: |Workqueue: |Modules linked in:",
                      "pstate: |pc : |lr : |sp : |x\\d+ *: |Code: |task:|stack backtrace:",
                      "in_atomic\\(\\)|preempt_count: |RCU nest depth|Preemption disabled at",
                      "irq event stamp|(?:hard|soft)irqs last |INFO: lockdep is turned off",
                      "no locks held |\\d+ locks? |Showing all locks held|rcu: |Task dump |caller is ",
                      "Sending NMI |NMI backtrace |Mem abort info|Data abort info|ESR: |FAR: ",
                      "(?:user|swapper) pgtable: |\\[<?[0-9a-f]{8,16}>?\\] |\"echo 0 > |Internal error: |note: ",
                      "Disabling lock debugging|Object |Slab |Redzone |Padding |Bytes |FIX |-{20}",
                      "page:|flags: |raw: |page dumped |Mem-Info:|Node |DMA|Normal|lowmem_reserve",
                      "\\S+\\+0x[0-9a-f]+/0x[0-9a-f]+"))
              + ").*|={40,}|");

  private static final Pattern START = Pattern.compile("Call [tT]race:|^\\s*backtrace");

  private static final Pattern PC = Pattern.compile("^pc : ([A-Za-z_][\\w.$]*)\\+0x");

  /** At offset 0 the one before never returned, and this is not who called it. */
  private static final Pattern FRAME =
      Pattern.compile("^\\s*(?:\\[<[0-9a-f]+>\\] )?([A-Za-z_][\\w.$]*)\\+0x(?!0/)[0-9a-f]+/0x");

  /** Functions that only say that, and how, the kernel came to complain, to wait or to be asked. */
  private static final Pattern MESSENGER =
      Pattern.compile(
          String.join(
              "|",
              List.of(
                  "dump_.*|show_(?:stack|regs)|sched_show_task|print_.*|report_.*|(?:nmi_)?panic|die",
                  "__warn.*|warn_.*|(?:__)?refcount_.*|.*_bug|spin_dump|__might_.*|check_.*|debug_.*",
                  "mark_(?:lock|held).*|validate_chain|__lock_.*|lock_(?:acquire|release).*|lockdep_.*",
                  "register_lock_class|__?raw_.*|do_raw_.*|queued_.*|(?:__)?mutex_.*|ww_mutex.*|down_.*",
                  "__switch_to|__schedule.*|schedule.*|preempt_(?:schedule|count).*|__preempt_.*",
                  "(?:__|do_)?wait_for_.*|m?sleep|usleep.*|__u?delay.*|__const_udelay|(?:__)?k[ac]san_.*|__tsan.*",
                  "__asan.*|(?:__)?kfence_.*|.*ubsan_.*|__list_(?:add|del)_.*|usercopy_abort|__check_.*",
                  "fortify_panic|el[01].*|invoke_syscall|do_el0_svc|do_(?:mem_abort|page_fault)",
                  "do_translation_fault|__do_kernel_fault|die_kernel_fault|arm64_.*|call_break_hook",
                  "brk_handler|do_debug_exception|bug_handler|gic_.*|.*handle_.*irq.*|handle_softirqs",
                  "call_on_irq_stack|irq_.*|__irq_exit.*|_*do_softirq.*|do_interrupt_handler|tick_.*",
                  "arch_timer_.*|(?:__)?hrtimer_.*|update_process_times|watchdog.*|smp_processor_id",
                  "rcu_(?:sched_clock_irq|dump_.*|check_.*)|__this_cpu.*|k[vz]?free|(?:__)?k[mz]alloc.*",
                  "(?:__)?kmem_cache_.*|_*slab_.*|new_slab|allocate_slab|kmemleak_.*|stack_trace_.*",
                  "bad_page.*|_*free_.*page.*|_*alloc_pages.*|object_err|slab_err|free_to_partial_list|(?:get|put)_device",
                  "sysfs_.*|kobject_.*|kref_.*|of_node_(?:get|put|release)")));

  private Backtrace() {}

  /** Whether a line may belong to a trace. */
  static boolean has(String text) {
    return LINE.matcher(text).matches();
  }

  /** Whether the frames come next. */
  static boolean starts(String text) {
    return START.matcher(text).find();
  }

  /**
   * The function that a trace is about: where the processor was, or who called the messengers;
   * empty if it does not tell.
   */
  static String function(List<String> texts) {
    boolean started = false;
    for (String text : texts) {
      started |= starts(text);
      Matcher frame = (started ? FRAME : PC).matcher(text);
      if (frame.find() && !MESSENGER.matcher(frame.group(1)).matches()) {
        return bare(frame.group(1));
      }
    }
    return "";
  }

  /** A function's name without offset and without what the compiler made of it. */
  static String bare(String name) {
    return name.replaceFirst("(?:\\+0x.*|\\.(?:constprop|isra|part|cold).*)$", "");
  }
}
