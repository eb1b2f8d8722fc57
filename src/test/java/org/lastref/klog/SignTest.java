package org.lastref.klog;

import static org.testng.Assert.assertEquals;

import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What of a kernel's log is a finding. */
public class SignTest {

  @DataProvider
  public Object[][] lines() {
    return new Object[][] {
      {"WARNING: possible circular locking dependency detected", true},
      {"WARNING: possible recursive locking detected", true},
      {"WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected", true},
      {"WARNING: inconsistent lock state", true},
      {"WARNING: bad unlock balance detected!", true},
      {"WARNING: suspicious RCU usage", true},
      {"INFO: trying to register non-static key.", true},
      {"turning off the locking correctness validator.", true},
      {"BUG: sleeping function called from invalid context at kernel/a.c:1", true},
      {"BUG: KASAN: use-after-free in device_del+0x1/0x2", true},
      {"rcu: INFO: rcu_sched self-detected stall on CPU", true},
      {"INFO: task rmdir:1 blocked for more than 120 seconds.", true},
      {"WARNING: CPU: 1 PID: 9 at drivers/base/core.c:1 device_links_driver_bound+0x1/0x2", true},
      {"refcount_t: underflow; use-after-free.", true},
      {"OF: ERROR: Bad of_node_put() on /lr-osc", true},
      {"OF: overlay: WARNING: memory leak will occur if overlay removed, property: /a/b", false},
      {"OF: resolver: no symbols in root of device tree.", false},
      {"INFO: lockdep is turned off.", false},
      {"------------[ cut here ]------------", false},
      {"rcu: INFO: Stall ended before state dump start", false},
      {"kasan: KernelAddressSanitizer initialized (generic)", false},
      {"lastref_link: loading out-of-tree module taints kernel.", false},
    };
  }

  @Test(dataProvider = "lines")
  public void tellsWhatIsBrokenFromWhatIsTalk(String line, boolean broken) {
    assertEquals(Sign.ofKernel(line), broken);
  }
}
