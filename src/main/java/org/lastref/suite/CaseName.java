package org.lastref.suite;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.lastref.model.Policy;
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
   */
  static CaseName of(String overlay, Policy policy) {
    String timing = policy.grace() + (policy.delayed() ? "/delayed" : "");
    return new CaseName(
        "%s/%s/%s/%s".formatted(overlay, policy.release(), policy.fix(), timing),
        overlay + " " + policy,
        new TreeMap<>(
            Map.of(
                "overlay", overlay,
                "release", policy.release().toString(),
                "fix", policy.fix().toString(),
                "grace", policy.grace().toString())));
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
