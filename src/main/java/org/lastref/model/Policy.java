package org.lastref.model;

import java.util.ArrayList;
import java.util.List;

/**
 * How a kernel lets device links go. Two independent axes of the kernel and one of its timing.
 *
 * @param release how a link drops its references to supplier and consumer
 * @param fix what makes the removal of an overlay wait for that
 * @param grace how long SRCU grace periods take
 */
public record Policy(Release release, Fix fix, Grace grace) {

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
    /** {@code flush_workqueue(device_link_wq)} in {@code of_changeset_destroy()}; 6.9. */
    WAIT_REMOVAL("wait-removal");

    private final String word;

    Fix(String word) {
      this.word = word;
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

  /** Every combination, in the order in which tables show them. */
  public static List<Policy> all() {
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

  /** Whether a released link has let go before the changeset is destroyed, whatever the timing. */
  boolean waits() {
    return switch (fix) {
      case NONE -> false;
      case SRCU_BARRIER -> release == Release.CALL_SRCU;
      case SYNC_OVERLAY -> true;
      case WAIT_REMOVAL -> release == Release.DEDICATED_WQ;
    };
  }

  @Override
  public String toString() {
    return "release=" + release + " fix=" + fix + " grace=" + grace;
  }
}
