package org.lastref.report;

import java.time.Duration;
import java.time.Instant;

/**
 * When something began, and how long it has taken: by a clock that does not jump when somebody sets
 * the time.
 */
public record Stopwatch(Instant at, long nanos) {

  public static Stopwatch start() {
    return new Stopwatch(Instant.now(), System.nanoTime());
  }

  public Duration took() {
    return Duration.ofNanos(System.nanoTime() - nanos);
  }
}
