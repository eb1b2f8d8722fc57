package org.lastref.suite;

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
record CaseName(String id, String title, SortedMap<String, String> properties) {

  /**
   * Of the removal of an overlay.
   *
   * @param overlay the overlay on top
   * @param policy how the kernel lets links go
   * @param situation what else is done
   */
  static CaseName of(String overlay, Policy policy, Situation situation) {
    String timing = policy.grace() + (policy.delayed() ? "/delayed" : "");
    boolean remove = situation == Situation.REMOVE;
    return new CaseName(
        "%s/%s/%s/%s%s"
            .formatted(
                overlay, policy.release(), policy.fix(), timing, remove ? "" : "/" + situation),
        overlay + " " + policy + (remove ? "" : " situation=" + situation),
        new TreeMap<>(
            Map.of(
                "overlay", overlay,
                "release", policy.release().toString(),
                "fix", policy.fix().toString(),
                "grace", policy.grace().toString(),
                "situation", situation.toString())));
  }

  /** Of an exercise. */
  static CaseName of(TraceHeader.Exercise exercise) {
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
