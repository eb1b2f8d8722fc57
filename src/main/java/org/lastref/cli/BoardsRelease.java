package org.lastref.cli;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.lastref.board.Health;
import org.lastref.board.Holder;
import org.lastref.board.Leases;
import org.lastref.fault.LabFault;
import org.lastref.report.Text;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a board free for others: lifts its quarantine, and ends who holds it if asked to. */
@Command(
    name = "release",
    description = {
      "Lifts a board's quarantine. If it is in use, says by whom and how to stop that.",
      "A board is free as soon as its holder has died: there is nothing stale to be cleared."
    },
    mixinStandardHelpOptions = true)
final class BoardsRelease implements Callable<Integer> {

  /** A run that is asked to end completes its results and switches the board off. */
  private static final Duration TERMINATION = Duration.ofSeconds(20);

  private static final Duration KILL = Duration.ofSeconds(5);

  @Parameters(paramLabel = "BOARD", description = "a board in boards/, or a YAML file")
  private String word = "";

  @Option(
      names = "--force",
      description =
          "end the process that holds it, if it is one of your own on this host: SIGTERM, then"
              + " SIGKILL after 20 s")
  private boolean force;

  @Override
  public Integer call() {
    String board = Selection.board(word).name();
    Leases leases = Leases.ofHost();
    Holder holder = leases.state(board).holder();
    if (holder != null) {
      if (!force) {
        throw new LabFault(
            "board %s is held by %s. To stop it: kill %d on %s, or ./lastref boards release %s --force"
                .formatted(board, holder, holder.pid(), holder.host(), board));
      }
      end(leases, board, holder);
      say("board %s is free, process %d has ended".formatted(board, holder.pid()));
    }
    Optional<Health.Note> quarantine = Health.of(leases, board).last(Health.Kind.QUARANTINED);
    if (quarantine.isPresent()) {
      Health.release(leases, board);
      say(
          "board %s is no longer quarantined; it was since %s: %s"
              .formatted(board, quarantine.get().when(), quarantine.get().what()));
    } else if (holder == null) {
      say("board %s is free and not quarantined".formatted(board));
    }
    return 0;
  }

  private static void say(String line) {
    System.out.println(Text.printable(line));
  }

  private static void end(Leases leases, String board, Holder holder) {
    if (!isFree(leases, board, holder, Signal.TERM, TERMINATION)
        && !isFree(leases, board, holder, Signal.KILL, KILL)) {
      throw new LabFault(
          "process %d still holds board %s %d s after SIGKILL"
              .formatted(holder.pid(), board, KILL.toSeconds()));
    }
  }

  private enum Signal {
    TERM,
    KILL
  }

  private static boolean isFree(
      Leases leases, String board, Holder holder, Signal signal, Duration limit) {
    ProcessHandle process = ours(leases, board, holder);
    boolean sent = signal == Signal.TERM ? process.destroy() : process.destroyForcibly();
    try {
      Awaitility.await("process %d to give board %s back".formatted(holder.pid(), board))
          .pollInSameThread()
          .pollDelay(Duration.ZERO)
          .atMost(sent ? limit : Duration.ofSeconds(1))
          .until(() -> !leases.isHeldBy(board, holder.pid()));
      return true;
    } catch (ConditionTimeoutException e) {
      return false;
    }
  }

  /** The holder's text is anyone's to write, so the kernel is asked who has the lock. */
  private static ProcessHandle ours(Leases leases, String board, Holder holder) {
    Optional<ProcessHandle> process = ProcessHandle.of(holder.pid());
    if (!holder.isHere() || process.isEmpty() || !leases.isHeldBy(board, holder.pid())) {
      throw new LabFault(
          "board %s is held by %s, which is no process that can be seen here: stop it on %s"
              .formatted(board, holder, holder.host()));
    }
    String user = process.get().info().user().orElse("?");
    if (!user.equals(ProcessHandle.current().info().user().orElse(""))) {
      throw new LabFault(
          "board %s is held by process %d of user %s: ask them, a user ends none of another's"
              .formatted(board, holder.pid(), user));
    }
    return process.get();
  }
}
