package org.lastref.runner;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.lastref.board.BoardDefinition.Timeouts;
import org.lastref.board.LifeCycle;
import org.lastref.board.LifeCycle.State;
import org.lastref.fault.LabFault;

/**
 * Brings a board back, by what costs least first: Ctrl-C and a new shell, a reboot, a power cycle,
 * and one more of these. Counts how often in a row it was needed: a board that fails time after
 * time is given up.
 */
final class Recovery {

  /** How many cases in a row may take the board down before it is given up. */
  private static final int MOST_IN_A_ROW = 6;

  private final String name;
  private final Timeouts timeouts;
  private int inARow;

  /**
   * @param name the board's
   */
  Recovery(String name, Timeouts timeouts) {
    this.name = name;
    this.timeouts = timeouts;
  }

  /** A case ended as it should. */
  void notNeeded() {
    inARow = 0;
  }

  /**
   * Brings a board back.
   *
   * @param cause what is the matter with it
   * @param dirty whether its kernel is in a state that only a start can clear
   * @throws LabFault if it was given up
   */
  void climb(ArmedBoard board, String cause, boolean dirty) {
    Optional<String> death = board.isDown() ? Optional.of("it did not boot") : board.death();
    State state = death.isPresent() ? State.DEAD : State.HUNG;
    if (board.life().state() != State.OFF) {
      board.life().to(state, death.orElse(cause));
    }
    if (++inARow > MOST_IN_A_ROW) {
      throw givenUp(
          board.life(),
          "it failed in %d cases in a row, the last time: %s".formatted(inARow, cause));
    }
    List<Rung> rungs = new ArrayList<>();
    if (death.isEmpty()) {
      if (!dirty) {
        rungs.add(new Rung("Ctrl-C", timeouts.shell(), ArmedBoard::takeShell));
      }
      rungs.add(new Rung("reboot", timeouts.boot(), ArmedBoard::reboot));
    }
    rungs.add(new Rung("power cycle", timeouts.boot(), ArmedBoard::restartPlainly));
    rungs.add(new Rung("second power cycle", timeouts.boot(), ArmedBoard::restartPlainly));
    String last = "";
    for (Rung rung : rungs) {
      board.life().to(State.RECOVERING, rung.name(), rung.deadline());
      try {
        rung.climb().accept(board);
        return;
      } catch (LabFault e) {
        last = e.getMessage();
        if (board.life().state() != State.OFF) {
          board.life().to(State.HUNG, last);
        }
      }
    }
    throw givenUp(board.life(), "it did not come back by a power cycle: " + last);
  }

  private LabFault givenUp(LifeCycle life, String why) {
    life.to(State.QUARANTINED, why);
    return new LabFault("board %s: %s".formatted(name, why));
  }

  private record Rung(String name, Duration deadline, Consumer<ArmedBoard> climb) {}
}
