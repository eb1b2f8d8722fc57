package org.lastref.report;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.lastref.model.Policy;
import org.lastref.model.Situation;
import org.lastref.trace.TraceHeader;

/**
 * What a case is called, whether it is run or judged again.
 *
 * @param id unique in a run
 * @param title JUnit's name of the case
 * @param properties what places it in a table
 */
public record CaseName(String id, String title, SortedMap<String, String> properties) {

  private static final String PLAIN = "plain";

  /**
   * Of the removal of an overlay.
   *
   * @param overlay the overlay on top
   * @param policy how the kernel lets links go
   * @param situation what else is done
   * @param lockdep whether the kernel proves its locking meanwhile
   */
  public static CaseName of(String overlay, Policy policy, Situation situation, boolean lockdep) {
    String timing = policy.grace() + (policy.delayed() ? "/delayed" : "");
    boolean remove = situation == Situation.REMOVE;
    String kernel = lockdep ? "lockdep" : policy.delayed() ? "debug-release" : PLAIN;
    return new CaseName(
        "%s/%s/%s/%s%s%s"
            .formatted(
                overlay,
                policy.release(),
                policy.fix(),
                timing,
                remove ? "" : "/" + situation,
                lockdep ? "/lockdep" : ""),
        overlay
            + " "
            + policy
            + (remove ? "" : " situation=" + situation)
            + (lockdep ? " lockdep" : ""),
        new TreeMap<>(
            Map.of(
                "overlay", overlay,
                "kernel", kernel,
                "release", policy.release().toString(),
                "fix", policy.fix().toString(),
                "grace", policy.grace().toString(),
                "situation", situation.toString())));
  }

  /** What overlays are called that are applied side by side, in the order of that. */
  public static String beside(List<String> overlays) {
    return String.join("+", overlays);
  }

  /** Of the same on a kernel of the user's own, of which the timing alone is known. */
  public static CaseName own(String overlay, Policy policy, Situation situation) {
    String timing = policy.grace() + (policy.delayed() ? "/delayed" : "");
    boolean remove = situation == Situation.REMOVE;
    return new CaseName(
        "%s/own/%s%s".formatted(overlay, timing, remove ? "" : "/" + situation),
        "%s grace=%s%s%s"
            .formatted(
                overlay,
                policy.grace(),
                policy.delayed() ? " delayed" : "",
                remove ? "" : " situation=" + situation),
        new TreeMap<>(
            Map.of(
                "overlay",
                overlay,
                "kernel",
                "own",
                "grace",
                policy.grace().toString(),
                "situation",
                situation.toString())));
  }

  /** Of an exercise. */
  public static CaseName of(TraceHeader.Exercise exercise) {
    return new CaseName(
        exercise.id(),
        exercise.scenario() + " " + exercise.variant(),
        new TreeMap<>(
            Map.of(
                "suite", exercise.suite(),
                "kernel", exercise.kernel(),
                "scenario", exercise.scenario(),
                "variant", exercise.variant())));
  }
}
