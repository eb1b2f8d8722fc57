package org.lastref.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs that end by themselves. */
final class Commands {

  private Commands() {}

  /**
   * Runs one for at most a minute.
   *
   * @return what it said
   * @throws IOException if it said that it failed
   */
  static String run(String... command) throws IOException, InterruptedException {
    // A file and no pipe: what it leaves running may hold its output open.
    var said = Files.createTempFile("lastref-rig", ".log");
    try {
      var process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      if (!process.waitFor(1, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new IOException("waited a minute for " + List.of(command));
      }
      var text = Files.readString(said);
      if (process.exitValue() != 0) {
        throw new IOException(List.of(command) + " failed: " + text);
      }
      return text;
    } finally {
      Files.deleteIfExists(said);
    }
  }
}
