package org.lastref.runner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lastref.board.BaseTree;
import org.lastref.board.Board;
import org.lastref.board.BoardDefinition;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;
import org.lastref.fdt.Fdt;
import org.lastref.image.Images;
import org.lastref.link.SshShell;

/** What is there on boards that run systems of their own. */
public final class Installed {

  private Installed() {}

  /**
   * What a board is given, built on it if it never was.
   *
   * @param project the project's folder
   */
  public static Images images(BoardDefinition board, Path project) {
    try (SshShell shell = Board.shellOf(board)) {
      return Images.installed(project, shell, board.name());
    }
  }

  /** The tree that it was started with. */
  public static Fdt tree(BoardDefinition board) {
    try (SshShell shell = Board.shellOf(board)) {
      Path folder = Files.createTempDirectory("lastref-tree");
      Path tree = BaseTree.running(shell, board.name(), folder);
      Fdt read = Fdt.read(tree);
      Files.delete(tree);
      Files.delete(folder);
      return read;
    } catch (IOException e) {
      throw new LabFault("cannot keep a board's devicetree: " + e.getMessage(), e);
    }
  }

  /** Refuses such a board where a kernel is needed that is built here. */
  public static void refuse(BoardDefinition board, String command) {
    if (board.hasOwnSystem()) {
      throw new InputFault(
          "board %s runs its own system, and %s needs a kernel that is built here: only run, boards and predict take such a board"
              .formatted(board.name(), command));
    }
  }
}
