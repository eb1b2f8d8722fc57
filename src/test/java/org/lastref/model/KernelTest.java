package org.lastref.model;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.util.List;
import org.lastref.Recorded;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.OverlaySource;
import org.testng.annotations.Test;

/** Kernels are told apart by what they have. */
public class KernelTest {

  /** What 6.12 does not read. */
  private static final String PARSER = "parse_interrupt_parent";

  private static final Kernel WITHOUT = Kernel.of("6.12", symbol -> !symbol.equals(PARSER));

  @Test
  public void hasWhatItsSymbolsSay() {
    assertTrue(Kernel.LINUX_6_1.has(PARSER));
    assertFalse(WITHOUT.has(PARSER));
    assertTrue(WITHOUT.has("parse_clocks"));
  }

  @Test
  public void isNotAskedForWhatNobodyLookedUp() {
    expectThrows(IllegalArgumentException.class, () -> WITHOUT.has("vfs_read"));
  }

  @Test
  public void isKnownByWhatItLacks() {
    Kernel again = Kernel.of(WITHOUT.release(), WITHOUT.lacks(), WITHOUT.newer());
    assertEquals(again, WITHOUT);
    assertTrue(Kernel.LINUX_6_1.lacks().isEmpty());
  }

  /** The same overlay has a link on one kernel and none on the other. */
  @Test
  public void linksFollowWhatAKernelReads() {
    Fdt base = Recorded.base();
    OverlaySource pair = Recorded.shape("pair");
    Kernel blind = Kernel.of("other", symbol -> !symbol.equals("parse_clocks"));
    assertEquals(
        new OverlayApplier(base, Kernel.LINUX_6_1).apply(pair.overlay()).links().size(), 1);
    assertEquals(new OverlayApplier(base, blind).apply(pair.overlay()).links(), List.of());
  }

  @Test
  public void earlyNodesAreThoseThatAKernelDeclares() {
    List<String> interrupts = List.of("brcm,bcm2836-l1-intc");
    assertTrue(EarlyNodes.areDeclared(interrupts, Kernel.LINUX_6_1));
    assertFalse(EarlyNodes.areDeclared(interrupts, Kernel.of("none", symbol -> false)));
    assertFalse(EarlyNodes.areDeclared(List.of("gpio-leds"), Kernel.LINUX_6_1));
  }
}
