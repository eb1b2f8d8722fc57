package org.lastref.model;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Nodes of a base tree that the kernel makes use of before there are devices, so that none is made
 * of them: clocks, timers and interrupt controllers by {@code CLK_OF_DECLARE()} and its like. Each
 * such line becomes a symbol of the kernel that has it.
 */
final class EarlyNodes {

  /** Compatible strings by symbol, of Linux 6.1.192 with what our boards and QEMU's need. */
  private static final Map<String, String> DECLARED =
      Map.ofEntries(
          Map.entry("__of_table_fixed_clk", "fixed-clock"),
          Map.entry("__of_table_fixed_factor_clk", "fixed-factor-clock"),
          Map.entry("__of_table_armv7_arch_timer", "arm,armv7-timer"),
          Map.entry("__of_table_armv8_arch_timer", "arm,armv8-timer"),
          Map.entry("__of_table_armv7_arch_timer_mem", "arm,armv7-timer-mem"),
          Map.entry("__of_table_gic_400", "arm,gic-400"),
          Map.entry("__of_table_gic_v3", "arm,gic-v3"),
          Map.entry("__of_table_cortex_a15_gic", "arm,cortex-a15-gic"),
          Map.entry("__of_table_bcm2835_armctrl_ic", "brcm,bcm2835-armctrl-ic"),
          Map.entry("__of_table_bcm2836_armctrl_ic", "brcm,bcm2836-armctrl-ic"),
          Map.entry("__of_table_bcm2836_arm_irqchip_l1_intc", "brcm,bcm2836-l1-intc"));

  private EarlyNodes() {}

  /** Whether the kernel declares one of these compatible strings so. */
  static boolean areDeclared(List<String> compatible, Kernel kernel) {
    return DECLARED.entrySet().stream()
        .anyMatch(each -> compatible.contains(each.getValue()) && kernel.has(each.getKey()));
  }

  /** The symbols that are asked for. */
  static Set<String> symbols() {
    return DECLARED.keySet();
  }
}
