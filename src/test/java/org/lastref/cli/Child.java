package org.lastref.cli;

import static org.testng.Assert.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs {@link Main} in a process of its own, as the launcher does. */
record Child(int exit, String out, String err) {

  static final Path PROJECT = Path.of("").toAbsolutePath();

  /** One case of one cycle. */
  static final List<String> ONE =
      List.of("--cycles", "1", "--release", "dedicated-wq", "--fix", "wait-removal");

  static Child run(Path folder, String... words) throws Exception {
    return run(folder, List.of(), Map.of(), List.of(words));
  }

  /**
   * @param before words before {@code java}
   * @param environment variables to set
   */
  static Child run(
      Path folder, List<String> before, Map<String, String> environment, List<String> words)
      throws Exception {
    List<String> command = new ArrayList<>(before);
    command.addAll(command(words));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("LASTREF_LEASES", folder.resolve("leases").toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(2, TimeUnit.MINUTES)) {
        throw new AssertionError("not ended in 2 min: " + Files.readString(err));
      }
    } finally {
      process.destroyForcibly();
    }
    Child child = new Child(process.exitValue(), Files.readString(out), Files.readString(err));
    assertFalse(child.err.contains("\tat "), child.err);
    return child;
  }

  /** What starts {@link Main} with these words. */
  static List<String> command(List<String> words) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("-Dlastref.project=" + PROJECT);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(words);
    return command;
  }

  /** A PATH that has every program of this one's but one. */
  static String pathWithout(String program, Path folder) throws IOException {
    Path bin = Files.createDirectory(folder.resolve("bin"));
    for (String entry : System.getenv("PATH").split(":", -1)) {
      if (!Files.isDirectory(Path.of(entry))) {
        continue;
      }
      try (Stream<Path> programs = Files.list(Path.of(entry))) {
        for (Path each : programs.toList()) {
          Path link = bin.resolve(each.getFileName());
          if (!link.endsWith(program) && !Files.exists(link)) {
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, each);
          }
        }
      }
    }
    return bin.toString();
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
