package org.lastref.board;

import java.nio.file.Path;
import org.lastref.link.Console;
import org.lastref.link.Shell;

/** A board that runs, from power on until {@link #close}. */
public interface Board extends AutoCloseable {

  /**
   * Switches a board on and waits until its shell answers.
   *
   * @param runDirectory where {@code console.log} goes; made if it is not there
   * @throws org.lastref.fault.LabFault if it does not come up, with what the console said last
   * @throws org.lastref.fault.InputFault if the kernel's command line becomes too long
   */
  static Board boot(BoardDefinition definition, Boot boot, Path runDirectory) {
    if (definition.hardware() instanceof BoardDefinition.Qemu machine) {
      return QemuBoard.boot(definition, machine, boot, runDirectory);
    }
    throw new AssertionError(definition.hardware());
  }

  /** What the board is made of. */
  BoardDefinition definition();

  /** The serial console; it goes on reading until the board is closed. */
  Console console();

  /**
   * The shell on the chosen channel. If it fails because the board has died, its {@link
   * org.lastref.fault.LabFault} says so.
   */
  Shell shell();

  /** Switches the board off; the console's log then holds the last byte. */
  @Override
  void close();
}
