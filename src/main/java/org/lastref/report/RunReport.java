package org.lastref.report;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.InputFault;

/**
 * A run as {@code run.json} holds it and {@code --json} prints it: members in snake case, instants
 * in ISO 8601, durations ({@code took_s}) in decimal seconds.
 *
 * @param format version of the format, the first member of the file: {@value #FORMAT}
 * @param run what the run was made with
 * @param ended when it was closed; null while it runs, and for ever if the process was killed
 * @param endReason why it ended; null with {@code ended}
 * @param cases in the order planned, then in the order added
 */
@JsonPropertyOrder({"lastref-run", "run", "ended", "end_reason", "totals", "coverage", "cases"})
@JsonIgnoreProperties(
    value = {"totals", "coverage"},
    allowGetters = true)
public record RunReport(
    @JsonProperty("lastref-run") int format,
    RunInfo run,
    @Nullable Instant ended,
    @Nullable String endReason,
    List<CaseResult> cases) {

  /** The format this version writes, and the only one it reads. */
  public static final int FORMAT = 1;

  private static final int MAX_BYTES = 128 << 20;

  public RunReport {
    Objects.requireNonNull(run, "run");
    cases = List.copyOf(cases);
  }

  /** Counted from the cases. */
  @JsonProperty("totals")
  public Totals totals() {
    return Totals.of(cases);
  }

  /** The same. */
  @JsonProperty("coverage")
  public Coverage coverage() {
    return Coverage.of(cases);
  }

  /** As {@code run.json} has it, with a newline at the end. */
  public String toJson() {
    return Json.text(this);
  }

  /**
   * Reads a {@code run.json} of at most 128 MiB.
   *
   * @throws InputFault naming file and line if it is not one, or was written by another version
   */
  public static RunReport read(Path file) {
    try {
      var bytes = bytes(file);
      requireFormat(file, bytes);
      return Json.MAPPER.readValue(bytes, RunReport.class);
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      throw new InputFault(
          "%s%s: not a run's results: %s"
              .formatted(
                  file,
                  at == null ? "" : ":" + at.getLineNr() + ":" + at.getColumnNr(),
                  Text.line(e.getOriginalMessage(), 300)),
          e);
    } catch (IOException e) {
      throw new InputFault("cannot read the run's results: " + AtomicFile.reason(file, e), e);
    }
  }

  private static byte[] bytes(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      var bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new InputFault(file + " is larger than 128 MiB: not a run's results");
      }
      return bytes;
    }
  }

  private static void requireFormat(Path file, byte[] bytes) throws IOException {
    try (var json = Json.MAPPER.createParser(bytes)) {
      if (json.nextToken() != JsonToken.START_OBJECT
          || !"lastref-run".equals(json.nextFieldName())
          || json.nextToken() != JsonToken.VALUE_NUMBER_INT) {
        throw new InputFault(
            "%s:%d: not a run's results: they begin with { \"lastref-run\" : %d"
                .formatted(file, json.currentLocation().getLineNr(), FORMAT));
      }
      if (json.getLongValue() != FORMAT) {
        throw new InputFault(
            "%s:%d: results in format %s, and this Lastref reads format %d: use the version that wrote them"
                .formatted(file, json.currentLocation().getLineNr(), json.getText(), FORMAT));
      }
    }
  }
}
