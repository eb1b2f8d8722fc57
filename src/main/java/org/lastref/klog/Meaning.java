package org.lastref.klog;

/** What a sign in the kernel's log means for a verdict. */
public enum Meaning {
  /** The kernel does no more, or nothing that can be relied on. */
  DEADLY,
  /** The kernel found a fault of its own and goes on. */
  SPLAT,
  /** A node of an overlay outlives it: what the model judges. */
  REPORT,
  /**
   * The board, its devicetree or an overlay is not set up for what was asked; the kernel does well
   * to refuse.
   */
  SETUP,
  /** A kernel begins to boot: unexpected unless someone asked for it. */
  RESET,
  /**
   * There was not enough memory. The lab's fault, which gave the board too little, unless what was
   * run leaks: then it comes later and later with more memory, and kmemleak tells of what.
   */
  OOM;

  /** Whether the kernel is at fault, not who runs it. */
  public boolean ofKernel() {
    return this == DEADLY || this == SPLAT || this == REPORT;
  }
}
