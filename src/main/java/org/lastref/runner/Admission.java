package org.lastref.runner;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Health;
import org.lastref.board.Holder;
import org.lastref.board.Lease;
import org.lastref.board.Leases;
import org.lastref.fault.LabFault;

/**
 * Lets a command use a board: one that runs share it has to hold, and none that is quarantined. A
 * board in QEMU is made anew for each, so that it is always free.
 *
 * @param command what asks, for others to see
 * @param patience how long to wait at most; zero not to
 * @param told of a board, what is waited for, each time that it changes
 */
public record Admission(
    List<String> command, Duration patience, BiConsumer<BoardDefinition, String> told) {

  public Admission {
    command = List.copyOf(command);
  }

  /** For a command that does not wait. */
  public static Admission now(List<String> command) {
    return new Admission(command, Duration.ZERO, (board, what) -> {});
  }

  /**
   * Takes a board.
   *
   * @param folder where results go, or empty
   * @return to be closed once the board is off; none for a board that nobody shares
   * @throws LabFault if it is not free in time, or quarantined
   */
  public Optional<Lease> to(BoardDefinition board, String folder) {
    if (!board.shared()) {
      return Optional.empty();
    }
    Leases leases = Leases.ofHost();
    Holder holder = Holder.here(command, folder);
    Lease lease = leases.take(board.name(), holder, patience, what -> told.accept(board, what));
    try {
      Optional<Health.Note> quarantine =
          Health.of(leases, board.name()).last(Health.Kind.QUARANTINED);
      if (quarantine.isPresent()) {
        throw new LabFault(
            ("board %s is quarantined since %s: %s. Once ./lastref boards check %s finds nothing,"
                    + " or ./lastref boards release %s says so, it is used again")
                .formatted(
                    board.name(),
                    quarantine.get().when(),
                    quarantine.get().what(),
                    board.name(),
                    board.name()));
      }
      lease.consoleAt(leases.consoleSocket(board.name()));
      return Optional.of(lease);
    } catch (RuntimeException e) {
      lease.close();
      throw e;
    }
  }
}
