package org.lastref.runner;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.lastref.fault.Defect;
import org.lastref.fault.LabFault;

/**
 * Judges the cases of a run and tells of them, in their order and on a thread of its own, while the
 * board does the next. What is handed over belongs to that thread from then on; all methods are the
 * board's thread's.
 *
 * <p>It is never far behind: while it is at a case at most one other waits, and of that at most so
 * many cycles that their traces have room in memory.
 */
final class Judge implements AutoCloseable {

  /** So many pieces of work may wait. */
  private static final int ROOM = 16;

  private final Semaphore room = new Semaphore(ROOM);
  private final ExecutorService thread;
  private final Duration patience;
  private final Consumer<LabFault> failed;

  /** Done once the last case that was handed over is told. */
  private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

  /**
   * @param name the thread's
   * @param patience how long {@link #close} waits
   * @param failed is told, on that thread or at the end, of what ends the run: a piece of work that
   *     failed or does not end
   */
  Judge(String name, Duration patience, Consumer<LabFault> failed) {
    this.patience = patience;
    this.failed = failed;
    thread =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread made = new Thread(work, name);
              made.setDaemon(true);
              return made;
            });
  }

  /** Hands over a piece of work; waits for room. */
  void hand(Runnable work) {
    room.acquireUninterruptibly();
    thread.execute(
        () -> {
          try {
            work.run();
          } catch (Throwable e) {
            failed.accept(Defect.of(e));
          } finally {
            room.release();
          }
        });
  }

  /** Hands over the end of a case; waits until the case before is told. */
  void handCase(Runnable end) {
    CompletableFuture<Void> next = handed(end);
    last.join();
    last = next;
  }

  /** Waits until all that was handed over is done. */
  void await() {
    handed(() -> {}).join();
  }

  private CompletableFuture<Void> handed(Runnable work) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    hand(
        () -> {
          try {
            work.run();
          } finally {
            done.complete(null);
          }
        });
    return done;
  }

  /** Waits for the last verdict, but not forever; more than one call does no harm. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        failed.accept(
            Defect.of(
                new IllegalStateException(
                    "the last case was not judged in " + patience.toSeconds() + " s")));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
