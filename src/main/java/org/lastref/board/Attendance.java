package org.lastref.board;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.lastref.fault.BootPanic;
import org.lastref.fault.LabFault;
import org.lastref.link.Console;
import org.lastref.link.Courier;
import org.lastref.link.Shell;

/**
 * Somebody who stands by a board: if something fails because the board has died, says so and why.
 *
 * @param death why the board does no more, empty if it lives; may wait a second for it
 */
record Attendance(String board, Console console, Supplier<Optional<String>> death) {

  private static final Duration SILENCE = Duration.ofSeconds(3);

  /** Does something with the board; if that fails because the board is gone, says so and why. */
  <T> T attend(Supplier<T> work) {
    try {
      return work.get();
    } catch (BootPanic e) {
      // That says why, and for some cases it is the answer.
      throw e;
    } catch (LabFault e) {
      Optional<String> why = death.get();
      if (why.isEmpty()) {
        throw e;
      }
      // The rest of the message is a tail of the shell's line; the console's says more.
      String doing = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new LabFault(
          "Board %s died: %s. %s%nThe console's last lines:%n%s"
              .formatted(
                  board,
                  why.get(),
                  doing.replaceFirst(" *Its last lines:$", ""),
                  console.tail(40).indent(4).stripTrailing()),
          e);
    }
  }

  /** Waits for the board's last words. */
  void drain() {
    console.awaitSilence(SILENCE);
  }

  /** A shell whose failures say whether the board has died. */
  Shell attended(Shell shell) {
    return new Attended(shell, this);
  }

  /** The same of a courier. */
  Courier attended(Courier courier) {
    return new AttendedCourier(courier, this);
  }

  private record AttendedCourier(Courier courier, Attendance attendance) implements Courier {

    @Override
    public Courier.Reply call(
        List<String> words, byte[] content, Consumer<Piece> pieces, Duration limit) {
      return attendance.attend(() -> courier.call(words, content, pieces, limit));
    }

    @Override
    public int mended() {
      return courier.mended();
    }

    @Override
    public Shell.Traffic traffic() {
      return courier.traffic();
    }

    @Override
    public void close() {
      courier.close();
    }
  }

  private record Attended(Shell shell, Attendance attendance) implements Shell {

    @Override
    public Shell.Reply run(List<String> words, Duration limit) {
      return attendance.attend(() -> shell.run(words, limit));
    }

    @Override
    public void upload(byte[] content, String path) {
      attendance.attend(
          () -> {
            shell.upload(content, path);
            return path;
          });
    }

    @Override
    public boolean gone() {
      return shell.gone();
    }

    @Override
    public Traffic traffic() {
      return shell.traffic();
    }

    @Override
    public void close() {
      shell.close();
    }
  }
}
