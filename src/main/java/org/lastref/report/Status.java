package org.lastref.report;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a case ended. The kernel's faults and the lab's are never the same status. */
public enum Status {
  /** What was seen is what the suite expects of this kernel. */
  @JsonProperty("passed")
  PASSED,
  /** The kernel differs from its model, or broke the promise the suite holds it to. */
  @JsonProperty("failed")
  FAILED,
  /** The lab failed: nothing is said of the kernel. */
  @JsonProperty("error")
  ERROR,
  /** Not run at all: the board is out of service, or the run ended first. */
  @JsonProperty("skipped")
  SKIPPED
}
