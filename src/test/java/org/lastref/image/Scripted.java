package org.lastref.image;

import static org.testng.Assert.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a script of the harness with a cache of its own. */
final class Scripted {

  private Scripted() {}

  /** How it ended, and all that it said. */
  record Ended(int exit, String said) {}

  /**
   * Runs it to its end.
   *
   * @param folder where its cache is
   */
  static Ended run(Path folder, Path script, List<String> words) throws Exception {
    List<String> command = new ArrayList<>(List.of(script.toString()));
    command.addAll(words);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(process.waitFor(1, TimeUnit.MINUTES), said);
      return new Ended(process.exitValue(), said);
    } finally {
      process.destroy();
    }
  }
}
