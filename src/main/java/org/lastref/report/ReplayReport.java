package org.lastref.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stored traces judged again, as {@code replay --json} prints it.
 *
 * @param format version of the format, the first member: {@value #FORMAT}
 */
@JsonPropertyOrder({"lastref-replay", "totals", "replays"})
public record ReplayReport(@JsonProperty("lastref-replay") int format, List<Part> replays) {

  /** The format this version writes. */
  public static final int FORMAT = 1;

  /**
   * One folder, or some files.
   *
   * @param paths as the user gave them
   * @param comparison with the run's own verdicts; null without {@code run.json}
   * @param cases in the order in which they were recorded
   */
  public record Part(List<String> paths, @Nullable Comparison comparison, List<CaseResult> cases) {
    public Part {
      paths = List.copyOf(paths);
      cases = List.copyOf(cases);
    }
  }

  /** A report in the format of this version. */
  public ReplayReport(List<Part> replays) {
    this(FORMAT, List.copyOf(replays));
  }

  /** Counted from all cases. */
  @JsonProperty("totals")
  public Totals totals() {
    return Totals.of(replays.stream().flatMap(part -> part.cases().stream()).toList());
  }

  /** As {@code --json} prints it, with a newline at the end. */
  public String toJson() {
    return Json.text(this);
  }
}
