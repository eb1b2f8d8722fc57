package org.lastref.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.lastref.fault.LabFault;
import org.lastref.suite.Lab;
import org.lastref.suite.Replay;

/** What a trace of version 0 is of, which only its reader knows. */
final class OldTrace {

  private OldTrace() {}

  /** The overlay that was chosen, on the tree of the board that was. */
  static Replay.Assumed assumed(Selection selection) {
    Path folder = temporary();
    try {
      return new Replay.Assumed(
          selection.one(), Lab.tree(selection.board(), Main.project(), folder));
    } finally {
      delete(folder);
    }
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("lastref-replay");
    } catch (IOException e) {
      throw new LabFault("cannot make a temporary folder: " + e.getMessage(), e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new LabFault("cannot delete %s: %s".formatted(folder, e.getMessage()), e);
    }
  }
}
