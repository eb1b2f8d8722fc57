package org.lastref.klog;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the lines of a kernel's trace look like, and which function they are about. */
final class Backtrace {

  /** Frames, registers, dumps of memory and lists of locks are indented. */
  private static final Pattern LINE =
      Pattern.compile(
          "\\s.*|(?:"
              + String.join(
                  "|",
                  List.of(
                      "Call [tT]race:|CPU: |Hardware name: |Workqueue: |Modules linked in:",
                      "pstate: |pc : |lr : |sp : |x\\d+ *: |Code: |task:|stack backtrace:",
                      "in_atomic\\(\\)|preempt_count: |RCU nest depth|Preemption disabled at",
                      "irq event stamp|(?:hard|soft)irqs last |INFO: lockdep is turned off",
                      "no locks held |\\d+ locks? |Showing all locks held|rcu: |Task dump |caller is ",
                      "Sending NMI |NMI backtrace |Mem abort info|Data abort info|ESR: |FAR: ",
                      "(?:user|swapper) pgtable: |\\[[0-9a-f]{16}\\] |Internal error: |note: ",
                      "Disabling lock debugging|Object |Slab |Redzone |Padding |Bytes |FIX |-{20}",
                      "page:|flags: |raw: |page dumped |Mem-Info:|Node |DMA|Normal|lowmem_reserve",
                      "\\S+\\+0x[0-9a-f]+/0x[0-9a-f]+"))
              + ").*|={40,}|");

  private static final Pattern START = Pattern.compile("Call [tT]race:|^\\s*backtrace");

  private static final Pattern PC = Pattern.compile("^pc : ([A-Za-z_][\\w.$]*)\\+0x");

  private static final Pattern FRAME =
      Pattern.compile("^\\s*(?:\\[<[0-9a-f]+>\\] )?([A-Za-z_][\\w.$]*)\\+0x[0-9a-f]+/0x");

  /** Functions that only say that, and how, the kernel came to complain, to wait or to be asked. */
  private static final Pattern MESSENGER =
      Pattern.compile(
          String.join(
              "|",
              List.of(
                  "dump_.*|show_(?:stack|regs)|sched_show_task|print_.*|report_.*|panic|nmi_panic|die",
                  "__warn.*|warn_.*|refcount_warn_.*|.*_bug|spin_dump|__might_.*|check_.*|debug_.*",
                  "mark_(?:lock|held).*|validate_chain|__lock_.*|lock_(?:acquire|release).*|lockdep_.*",
                  "register_lock_class|_raw_.*|do_raw_.*|queued_.*|__?mutex_.*|ww_mutex.*|down_.*",
                  "__switch_to|__schedule.*|schedule.*|preempt_schedule.*|wait_for_.*|__wait_for.*",
                  "do_wait_.*|__kcsan.*|kcsan_.*|__tsan.*|kasan_.*|__kasan.*|__asan.*|kfence_.*",
                  "__kfence.*|.*ubsan_.*|__list_(?:add|del)_.*|usercopy_abort|__check_.*|fortify_panic",
                  "el[01].*|invoke_syscall|el0_svc.*|do_(?:mem_abort|translation_fault|page_fault)",
                  "__do_kernel_fault|die_kernel_fault|arm64_.*|call_break_hook|brk_handler",
                  "do_debug_exception|bug_handler|gic_.*|.*handle_.*irq.*|call_on_irq_stack|irq_.*",
                  "__irq_exit.*|__?do_softirq|do_interrupt_handler|arch_timer_.*|tick_.*|hrtimer_.*",
                  "__hrtimer.*|update_process_times|rcu_(?:sched_clock_irq|dump_.*|check_.*)|watchdog.*",
                  "__?kmalloc.*|kmem_cache_.*|__kmem_cache.*|kmalloc_.*|slab_.*|___?slab.*|__slab.*",
                  "kmemleak_.*|stack_trace_.*|bad_page.*|free_.*page.*|__free_.*page.*",
                  "smp_processor_id|__this_cpu.*|object_err|object_cacheopen|slab_err")));

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
