package org.lastref.runner;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Health;
import org.lastref.board.Lease;
import org.lastref.board.Leases;
import org.lastref.fault.Defect;
import org.lastref.fault.Fault;
import org.lastref.fault.LabFault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Boards at work at once, each in a lane: a run and a thread of its own. What happens in one does
 * not disturb the others. A board is held from before it is switched on until after it is off.
 */
public final class BoardLanes {

  private static final Logger LOG = LoggerFactory.getLogger(BoardLanes.class);

  /** How long an interrupted program waits for the cases that are under way. */
  private static final Duration LAST_CASE = Duration.ofSeconds(10);

  private final Admission admission;
  private final List<Lane> lanes;

  /**
   * @param runs each on a board of its own
   */
  public BoardLanes(Admission admission, List<Run> runs) {
    this.admission = admission;
    lanes = runs.stream().map(Lane::new).toList();
  }

  /**
   * Does every case of all runs, and returns when the last has ended. If the program is interrupted
   * meanwhile, each run is completed with what it has.
   */
  public void run() {
    boolean unused = run(() -> {});
  }

  /**
   * The same.
   *
   * @param ifInterrupted is done last where the program is interrupted
   * @return whether it was not: else what comes of it is told already
   */
  public boolean run(Runnable ifInterrupted) {
    Thread hook =
        new Thread(
            () -> {
              interrupted();
              ifInterrupted.run();
            },
            "lanes-interrupted");
    Runtime.getRuntime().addShutdownHook(hook);
    lanes.forEach(lane -> lane.thread.start());
    try {
      for (Lane lane : lanes) {
        lane.thread.join();
      }
    } catch (InterruptedException e) {
      lanes.forEach(lane -> lane.run.interrupt());
      Thread.currentThread().interrupt();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
      return true;
    } catch (IllegalStateException e) {
      LOG.debug("The program is being ended", e);
      return false;
    }
  }

  private void interrupted() {
    lanes.forEach(lane -> lane.run.interrupt());
    long deadline = System.nanoTime() + LAST_CASE.toNanos();
    for (Lane lane : lanes) {
      try {
        long left = deadline - System.nanoTime();
        if (lane.admitted && left > 0) {
          lane.thread.join(Math.max(1, left / 1_000_000));
        }
      } catch (InterruptedException e) {
        return;
      }
      lane.run.close();
    }
  }

  private final class Lane {
    private final Run run;
    private final Thread thread;
    private volatile boolean admitted;

    Lane(Run run) {
      this.run = run;
      thread = new Thread(this::work, "lane-" + run.plan().board().name());
      thread.setDaemon(true);
    }

    private void work() {
      BoardDefinition board = run.plan().board();
      try (Held held = new Held(admission.to(board, run.folder().path().toString()).orElse(null))) {
        admitted = true;
        LOG.debug("Lane of {} holds {}", board.name(), held);
        Orchestrator.run(run);
        note(board.name());
      } catch (Fault e) {
        run.abandon(e);
      } catch (RuntimeException | Error e) {
        run.abandon(Defect.of(e));
      }
    }

    private void note(String board) {
      try {
        Leases leases = Leases.ofHost();
        String givenUp = run.givenUp();
        if (givenUp == null) {
          Health.record(leases, board, Health.Kind.GOOD, "all cases ran");
        } else if (!givenUp.equals(Run.INTERRUPTED)) {
          Health.record(leases, board, Health.Kind.FAULT, givenUp);
          if (run.quarantined()) {
            Health.record(leases, board, Health.Kind.QUARANTINED, givenUp);
          }
        }
        Health.record(leases, board, Health.Kind.RUN, run.report().totals().toString());
      } catch (LabFault e) {
        LOG.debug("How board {} fared is not kept", board, e);
      }
    }
  }

  private record Held(@Nullable Lease lease) implements AutoCloseable {
    @Override
    public void close() {
      if (lease != null) {
        lease.close();
      }
    }
  }
}
