package org.lastref.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What {@code predict --json} prints.
 *
 * @param format version of the format, the first member: {@value #FORMAT}
 * @param board whose tree the overlays were applied to
 * @param predictions one a configuration
 */
public record Predictions(
    @JsonProperty("lastref-prediction") int format, String board, List<Prediction> predictions) {

  /** The format that this version writes. */
  public static final int FORMAT = 1;

  public Predictions {
    predictions = List.copyOf(predictions);
  }

  /** In the format of this version. */
  public Predictions(String board, List<Prediction> predictions) {
    this(FORMAT, board, predictions);
  }

  /** As JSON, with a newline at the end. */
  public String toJson() {
    return Json.text(this);
  }
}
