package org.lastref.model;

import java.util.ArrayList;
import java.util.List;

/**
 * How a kernel lets device links go. Three independent axes of the kernel and one of its timing.
 *
 * @param release how a link drops its references to supplier and consumer
 * @param fix what makes the removal of an overlay wait for that
 * @param grace how long SRCU grace periods take
 * @param delayed whether each kobject is released one to four seconds after its last put: {@code
 *     CONFIG_DEBUG_KOBJECT_RELEASE}, lib/kobject.c
 */
public record Policy(Release release, Fix fix, Grace grace, boolean delayed) {

  /** How a device link lets go; {@code device_link.release=} of the patched kernel. */
  public enum Release {
    /** {@code call_srcu()} in {@code devlink_dev_release()}; 5.8 to 5.12, commit 843e600b8a2b. */
    CALL_SRCU("call-srcu"),
    /** A work item on {@code system_long_wq}; 5.13 to 6.8, commit 80dd33cf72d1. */
    SYSTEM_WQ("system-wq"),
    /** The same on {@code device_link_wq}; 6.9 and later. */
    DEDICATED_WQ("dedicated-wq");

    private final String word;

    Release(String word) {
      this.word = word;
    }

    @Override
    public String toString() {
      return word;
    }
  }

  /** What waits for the links; {@code device_link.fix=} of the patched kernel. */
  public enum Fix {
    /** Nothing. */
    NONE("none"),
    /** {@code srcu_barrier()} at the end of {@code device_links_purge()}; Kannan, Auchter, 2020. */
    SRCU_BARRIER("srcu-barrier"),
    /** Release at once if a device's node is of an overlay and detached; Nuno Sa, 2024. */
    SYNC_OVERLAY("sync-overlay"),
    /**
     * Release at once if a device's node was of an overlay when the link was made, also at an
     * unbinding; his alternative there.
     */
    FLAG_OVERLAY("flag-overlay"),
    /** {@code flush_workqueue(device_link_wq)} in {@code of_changeset_destroy()}; 6.9. */
    WAIT_REMOVAL("wait-removal"),
    /**
     * The same in {@code of_overlay_remove()} before it takes {@code of_mutex}; discarded on the
     * way to 6.9, on no board.
     */
    WAIT_BEFORE_LOCK("wait-before-lock"),
    /**
     * The same between reverting and destroying the changeset, with {@code of_mutex} let go
     * meanwhile; discarded on the way to 6.9, on no board.
     */
    WAIT_UNLOCKED("wait-unlocked");

    private final String word;

    Fix(String word) {
      this.word = word;
    }

    /** Whether it is to wait for the dedicated workqueue. */
    boolean flushes() {
      return this == WAIT_REMOVAL || this == WAIT_BEFORE_LOCK || this == WAIT_UNLOCKED;
    }

    /** Whether the patched kernel has it; the model alone has the others. */
    public boolean isOnBoard() {
      return this != WAIT_BEFORE_LOCK && this != WAIT_UNLOCKED;
    }

    @Override
    public String toString() {
      return word;
    }
  }

  /** What is known of SRCU grace periods. */
  public enum Grace {
    /** Nothing: the kernel expedites them when it sees fit, so any interleaving may happen. */
    ANY("any"),
    /**
     * {@code srcutree.exp_holdoff=0}: none is expedited, so each takes some jiffies, longer than
     * the remover needs unless it waits for one.
     */
    SLOW("slow");

    private final String word;

    Grace(String word) {
      this.word = word;
    }

    @Override
    public String toString() {
      return word;
    }
  }

  /** What upstream does since 6.9, with its timing: what a board boots with. */
  public static final Policy UPSTREAM =
      new Policy(Release.DEDICATED_WQ, Fix.WAIT_REMOVAL, Grace.ANY);

  /** Without delayed release. */
  public Policy(Release release, Fix fix, Grace grace) {
    this(release, fix, grace, false);
  }

  /** The same with grace periods of which something else is known. */
  public Policy with(Grace other) {
    return new Policy(release, fix, other, delayed);
  }

  /** The same with delayed release. */
  public Policy withDelayedRelease() {
    return new Policy(release, fix, grace, true);
  }

  /**
   * Every combination, those that no board has included, in the order in which tables show them.
   */
  public static List<Policy> modelled() {
    List<Policy> all = new ArrayList<>();
    for (Grace grace : List.of(Grace.SLOW, Grace.ANY)) {
      for (Release release : Release.values()) {
        for (Fix fix : Fix.values()) {
          all.add(new Policy(release, fix, grace));
        }
      }
    }
    return all;
  }

  /** Every combination that the patched kernel can be switched to. */
  public static List<Policy> all() {
    return modelled().stream().filter(policy -> policy.fix.isOnBoard()).toList();
  }

  /** Those of {@link #all} that have the timing of another. */
  public static List<Policy> like(Policy other) {
    return all().stream()
        .filter(policy -> policy.grace == other.grace)
        .map(policy -> other.delayed ? policy.withDelayedRelease() : policy)
        .toList();
  }

  @Override
  public String toString() {
    String timing = " grace=" + grace + (delayed ? " delayed" : "");
    return "release=" + release + " fix=" + fix + timing;
  }
}
