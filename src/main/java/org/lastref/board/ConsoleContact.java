package org.lastref.board;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.lastref.link.Courier;
import org.lastref.link.LineCourier;
import org.lastref.link.Shell;

/**
 * On a serial console the shell and the agent take turns: whoever is asked for gets the terminal,
 * and what the other was asked for before does no more.
 */
final class ConsoleContact implements Contact {

  private final Attendance board;
  private final Supplier<Shell> takeShell;
  private volatile Shell shell;
  private volatile @Nullable LineCourier courier;

  /**
   * Takes the shell.
   *
   * @param takeShell takes the one that waits on the console, whatever it was left in
   */
  ConsoleContact(Attendance board, Supplier<Shell> takeShell) {
    this.board = board;
    this.takeShell = takeShell;
    shell = board.attended(takeShell.get());
  }

  @Override
  public Shell shell() {
    LineCourier open = courier;
    if (open != null) {
      courier = null;
      if (!open.release()) {
        shell = board.attended(board.attend(takeShell));
      }
    }
    return shell;
  }

  @Override
  public Courier courier() {
    LineCourier open = courier;
    if (open == null) {
      open = board.attend(() -> LineCourier.over(board.console(), board.board()));
      courier = open;
    }
    return board.attended(open);
  }

  @Override
  public void close() {
    LineCourier open = courier;
    if (open != null) {
      open.close();
    }
    shell.close();
  }
}
