package org.lastref.board;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.lastref.yaml.Durations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a board stands, from power on to power off. Each step is written to {@code board.log}, a
 * line each, with what caused it and until when the state it leads to has to end:
 *
 * <pre>
 * 2026-01-31T12:00:00.000Z   12.345 booting -> shell: it says 'lastref: ready' (20s)
 * </pre>
 *
 * <p>The second column counts seconds since the start by a clock that nobody can set. All methods
 * may be called from any thread.
 */
public final class LifeCycle {

  /** A board's states. */
  public enum State {
    /** Without power, or not ours to know. */
    OFF,
    /** From power on or reset until it speaks to us. */
    BOOTING,
    /** Somebody has to log in. */
    LOGIN,
    /** A shell answers. */
    SHELL,
    /** Our probes are set. */
    ARMED,
    /** A case runs. */
    TESTING,
    /** It has power and does not answer, or not as it should. */
    HUNG,
    /** It panicked, reset or lost its power. */
    DEAD,
    /** It is being brought back. */
    RECOVERING,
    /** Given up for the rest of the run. */
    QUARANTINED;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(LifeCycle.class);
  private static final Map<State, Set<State>> NEXT = new EnumMap<>(State.class);

  static {
    NEXT.put(State.OFF, EnumSet.of(State.BOOTING, State.RECOVERING, State.QUARANTINED));
    NEXT.put(State.BOOTING, EnumSet.of(State.LOGIN, State.SHELL, State.HUNG, State.DEAD));
    NEXT.put(State.LOGIN, EnumSet.of(State.SHELL, State.HUNG, State.DEAD));
    NEXT.put(State.SHELL, EnumSet.of(State.ARMED, State.HUNG, State.DEAD, State.RECOVERING));
    NEXT.put(State.ARMED, EnumSet.of(State.TESTING, State.HUNG, State.DEAD, State.RECOVERING));
    NEXT.put(State.TESTING, EnumSet.of(State.ARMED, State.HUNG, State.DEAD));
    NEXT.put(State.HUNG, EnumSet.of(State.RECOVERING, State.QUARANTINED));
    NEXT.put(State.DEAD, EnumSet.of(State.RECOVERING, State.QUARANTINED));
    NEXT.put(
        State.RECOVERING,
        EnumSet.of(
            State.BOOTING, State.LOGIN, State.SHELL, State.HUNG, State.DEAD, State.QUARANTINED));
    NEXT.put(State.QUARANTINED, EnumSet.noneOf(State.class));
  }

  private final String board;
  private final @Nullable Path log;
  private final long begin = System.nanoTime();
  private State state = State.OFF;
  private @Nullable IOException unwritten;

  private LifeCycle(String board, @Nullable Path log) {
    this.board = board;
    this.log = log;
  }

  /**
   * Begins with a board that is off.
   *
   * @param folder where {@code board.log} goes, appended to if it is there; a log that cannot be
   *     written is told of once and ends nothing
   */
  public static LifeCycle of(String board, Path folder) {
    return new LifeCycle(board, folder.resolve("board.log"));
  }

  /** Begins with a board that is off and whose steps go to no file. */
  static LifeCycle unlogged(String board) {
    return new LifeCycle(board, null);
  }

  /** Where the board stands. */
  public synchronized State state() {
    return state;
  }

  /**
   * Takes a step.
   *
   * @param cause in a few words
   * @throws IllegalStateException if there is no such step
   */
  public void to(State next, String cause) {
    to(next, cause, null);
  }

  /**
   * Takes a step into a state that has to end in time.
   *
   * @param deadline how long that state may last
   * @throws IllegalStateException if there is no such step
   */
  public synchronized void to(State next, String cause, @Nullable Duration deadline) {
    // Whatever it is doing, power can be taken from it.
    if (next != State.OFF && !NEXT.getOrDefault(state, Set.of()).contains(next)) {
      throw new IllegalStateException(
          "board %s cannot go from %s to %s: %s".formatted(board, state, next, cause));
    }
    if (next == State.OFF && (state == State.OFF || state == State.QUARANTINED)) {
      return;
    }
    String line =
        "%s %8.3f %s -> %s: %s%s"
            .formatted(
                Instant.now(),
                (System.nanoTime() - begin) / 1e9,
                state,
                next,
                cause.lines().findFirst().orElse("").replaceAll("\\p{Cntrl}", "?"),
                deadline == null ? "" : " (" + Durations.format(deadline) + ")");
    state = next;
    LOG.debug("Board {}: {}", board, line);
    write(line);
  }

  private void write(String line) {
    if (log == null || unwritten != null) {
      return;
    }
    try {
      Files.write(
          log,
          (line + "\n").getBytes(StandardCharsets.UTF_8),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      unwritten = e;
      LOG.warn("Board {}: {} cannot be written: {}", board, log, e.getMessage());
    }
  }
}
