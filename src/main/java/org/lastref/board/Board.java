package org.lastref.board;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.lastref.fault.LabFault;
import org.lastref.image.Guest;
import org.lastref.link.Console;
import org.lastref.link.Courier;
import org.lastref.link.Shell;
import org.lastref.link.SshShell;

/** A board that runs, from power on until {@link #close}. Used by one thread. */
public interface Board extends AutoCloseable {

  /**
   * Switches a board on and waits until its shell answers.
   *
   * @param runDirectory where {@code console.log} goes; made if it is not there
   * @param life is told of each step; the board is off before, and after a failure
   * @throws LabFault if it does not come up, with what the console said last
   * @throws org.lastref.fault.InputFault if the kernel's command line becomes too long
   */
  static Board boot(BoardDefinition definition, Boot boot, Path runDirectory, LifeCycle life) {
    try {
      Files.createDirectories(runDirectory);
    } catch (IOException e) {
      throw new LabFault("Cannot make the directory %s: %s".formatted(runDirectory, e), e);
    }
    if (definition.hardware() instanceof BoardDefinition.Qemu machine) {
      return QemuBoard.boot(definition, machine, boot, runDirectory, life);
    } else if (definition.hardware() instanceof BoardDefinition.Physical hardware) {
      return PhysicalBoard.boot(definition, hardware, boot, runDirectory, life);
    }
    throw new AssertionError(definition.hardware());
  }

  /**
   * Goes to a board that runs its own system, as its guest. It is left as it was by {@link #close}.
   *
   * @param runDirectory where {@code console.log} goes, its kernel's log; made if it is not there
   * @param life is told of each step; the board is off before, and after a failure
   * @throws LabFault if it cannot be reached or used
   */
  static Board visit(BoardDefinition definition, Guest guest, Path runDirectory, LifeCycle life) {
    if (!(definition.hardware() instanceof BoardDefinition.OwnSystem hardware)) {
      throw new AssertionError(definition.hardware());
    }
    try {
      Files.createDirectories(runDirectory);
    } catch (IOException e) {
      throw new LabFault("Cannot make the directory %s: %s".formatted(runDirectory, e), e);
    }
    return OwnSystemBoard.open(definition, hardware, guest, runDirectory, life);
  }

  /**
   * What of ours is on a board that runs its own system, once it is visited no more.
   *
   * @throws LabFault if it cannot be asked
   */
  static Optional<String> leftOn(BoardDefinition definition) {
    try (SshShell shell = shellOf(definition)) {
      return OwnSystemBoard.left(shell);
    }
  }

  /**
   * A shell of root's on a board that runs its own system.
   *
   * @throws LabFault if none answers
   */
  static SshShell shellOf(BoardDefinition definition) {
    return OwnSystemBoard.shell(definition);
  }

  /** What the board is made of. */
  BoardDefinition definition();

  /** The serial console; it goes on reading until the board is closed. */
  Console console();

  /** The console's place at power on, or at the last reboot. */
  Console.Mark started();

  /**
   * The shell on the chosen channel. If it fails because the board has died, its {@link
   * org.lastref.fault.LabFault} says so. Another one after {@link #attach} and {@link #reboot}.
   */
  Shell shell();

  /**
   * The agent, started if it does not run: over a virtio port in QEMU's {@code virt}, else over SSH
   * beside the shell, or on the console. There it and the shell take turns: asking for the one
   * takes the terminal from the other, which must be asked for again then. If it fails because the
   * board has died, its {@link LabFault} says so. Another one after {@link #attach} and {@link
   * #reboot}.
   *
   * @throws LabFault if no agent answers
   */
  Courier courier();

  /** Why the board does no more: it panicked, reset, switched itself off or was killed. */
  Optional<String> death();

  /**
   * Takes a new shell, on the console after Ctrl-C, over the network in a new session.
   *
   * @throws org.lastref.fault.LabFault if none answers
   */
  void attach();

  /**
   * Sends a break and a key, by which the kernel says how it is even if nothing else runs:
   * Documentation/admin-guide/sysrq.rst of Linux 6.1. The console's lines tell what came of it.
   *
   * @throws org.lastref.fault.LabFault if the line does not take it
   */
  void sysRq(char key);

  /**
   * Starts the same kernel again without taking the power away: by the shell, or else by SysRq.
   *
   * @throws LabFault if it does not come up
   */
  void reboot();

  /** Switches the board off; the console's log then holds the last byte. */
  @Override
  void close();
}
