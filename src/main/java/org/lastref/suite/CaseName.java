package org.lastref.suite;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.lastref.model.Policy;
import org.lastref.model.Situation;

/**
 * What a case is called, whether it is run or judged again.
 *
 * @param overlay the overlay on top
 * @param policy how the kernel lets links go
 * @param situation what else is done
 */
record CaseName(String overlay, Policy policy, Situation situation) {

  /** Unique in a run. */
  String id() {
    String timing = policy.grace() + (policy.delayed() ? "/delayed" : "");
    return "%s/%s/%s/%s%s"
        .formatted(overlay, policy.release(), policy.fix(), timing, apart("/" + situation));
  }

  /** JUnit's name of the case. */
  String title() {
    return overlay + " " + policy + apart(" situation=" + situation);
  }

  private String apart(String words) {
    return situation == Situation.REMOVE ? "" : words;
  }

  SortedMap<String, String> properties() {
    return new TreeMap<>(
        Map.of(
            "overlay", overlay,
            "release", policy.release().toString(),
            "fix", policy.fix().toString(),
            "grace", policy.grace().toString(),
            "situation", situation.toString()));
  }
}
