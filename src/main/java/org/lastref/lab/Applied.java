package org.lastref.lab;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.lastref.fault.Fault;
import org.lastref.fault.LabFault;
import org.lastref.runner.ArmedBoard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An overlay that is applied, until it is removed, which {@link #close} does at the latest. It
 * stays for an hour at most. Used by the thread that uses the lab; what the board tells meanwhile
 * is taken by one of its own, which ends with the removal.
 */
public final class Applied implements AutoCloseable {

  /** Of the board's agent, while it waits. */
  static final String PAUSE = "applied";

  private static final Duration APPLYING = Duration.ofMinutes(2);
  private static final Duration REMOVING = Duration.ofMinutes(6);

  private static final Logger LOG = LoggerFactory.getLogger(Applied.class);

  private final ArmedBoard board;
  private final String name;
  private final FutureTask<Removal> cycle;

  private Applied(ArmedBoard board, String name, FutureTask<Removal> cycle) {
    this.board = board;
    this.name = name;
    this.cycle = cycle;
  }

  /**
   * Waits until it is applied.
   *
   * @param cycle applies and removes it, with a pause between
   */
  static Applied by(ArmedBoard board, String name, Supplier<Removal> cycle) {
    Applied applied = new Applied(board, name, new FutureTask<>(cycle::get));
    // One may lie there of somebody who was killed.
    board.resume(PAUSE);
    Thread thread = new Thread(applied.cycle, "lab: " + name);
    thread.setDaemon(true);
    thread.start();
    try {
      Awaitility.await(name + " is applied")
          .atMost(APPLYING)
          .pollInterval(Duration.ofMillis(100))
          .until(() -> applied.cycle.isDone() || board.isPaused(PAUSE));
    } catch (ConditionTimeoutException e) {
      applied.abandon();
      throw new LabFault("%s was not applied within %d s".formatted(name, APPLYING.toSeconds()), e);
    } catch (RuntimeException e) {
      applied.abandon();
      throw e;
    }
    if (applied.cycle.isDone()) {
      throw new LabFault("%s was not applied: %s".formatted(name, applied.ended().sentence()));
    }
    return applied;
  }

  /** Whoever waits goes on, now or when it comes to wait. */
  private void abandon() {
    try {
      Awaitility.await(name + " is gone")
          .atMost(REMOVING)
          .pollInterval(Duration.ofMillis(500))
          .until(
              () -> {
                board.resume(PAUSE);
                return cycle.isDone();
              });
    } catch (ConditionTimeoutException | LabFault e) {
      LOG.warn("{} may still be applied: {}", name, e.getMessage());
    }
  }

  /** Whether it is still there. */
  boolean isThere() {
    return !cycle.isDone();
  }

  @Override
  public String toString() {
    return name;
  }

  /**
   * Removes it, and judges all references that were taken since it was applied. Called again it
   * says the same.
   *
   * @throws LabFault if the board fails
   */
  public Removal remove() {
    if (!cycle.isDone()) {
      board.resume(PAUSE);
    }
    return ended();
  }

  private Removal ended() {
    try {
      return cycle.get(REMOVING.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Fault fault
          ? fault
          : new LabFault("%s was not judged: %s".formatted(name, e.getCause()), e);
    } catch (TimeoutException e) {
      throw new LabFault("%s was not removed within %d s".formatted(name, REMOVING.toSeconds()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabFault("interrupted while %s was being removed".formatted(name), e);
    }
  }

  /** Removes it if it is still there. */
  @Override
  public void close() {
    remove();
  }
}
