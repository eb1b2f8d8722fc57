package org.lastref.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** For the nights: what harness/release packs, where there is neither git nor Maven. */
public class Released {

  /** Made before the first test. */
  @SuppressWarnings("NullAway.Init")
  private Path folder;

  /** The same. */
  @SuppressWarnings("NullAway.Init")
  private Path packages;

  @BeforeClass
  public void pack() throws Exception {
    folder = Files.createTempDirectory("lastref-released");
    packages = folder.resolve("packages");
    ran(Map.of(), Child.PROJECT.resolve("harness/release").toString(), packages.toString());
    Path archive = only(".tar.gz");
    ran(Map.of(), "tar", "-xzf", archive.toString(), "-C", folder.toString());
  }

  @AfterClass(alwaysRun = true)
  public void remove() throws IOException {
    Child.delete(folder);
  }

  private Path only(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(packages)) {
      List<Path> its = files.filter(each -> each.toString().endsWith(suffix)).toList();
      assertEquals(its.size(), 1, its.toString());
      return its.get(0);
    }
  }

  private String ran(Map<String, String> environment, String... command) throws Exception {
    Path said = Files.createTempFile(folder, "said", "");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      assertTrue(process.waitFor(10, TimeUnit.MINUTES), "not ended in 10 min: " + command[0]);
    } finally {
      process.destroyForcibly();
    }
    String text = Files.readString(said);
    assertEquals(process.exitValue(), 0, text);
    return text;
  }

  private String released(String... words) throws Exception {
    Path bare = Files.createTempDirectory(folder, "bare");
    String path = Child.pathWithout("git", bare);
    Files.delete(Path.of(path, "mvn"));
    String[] command = new String[words.length + 1];
    try (Stream<Path> unpacked = Files.list(folder)) {
      Path root =
          unpacked.filter(each -> each.resolve("REVISION").toFile().isFile()).findFirst().get();
      command[0] = root.resolve("lastref").toString();
    }
    System.arraycopy(words, 0, command, 1, words.length);
    return ran(Map.of("PATH", path), command);
  }

  @Test
  public void itKnowsItsRevisionWithoutGit() throws Exception {
    assertTrue(released("--version").matches("lastref [0-9.]+ \\([0-9a-f]{12}\\)\\R"));
  }

  @Test
  public void itRunsWithResultsWhereItsUserStands() throws Exception {
    String said = released("run", "--only", "one-node", "--fix", "none", "--cycles", "1");
    assertTrue(said.contains("passed"), said);
    assertTrue(Files.isRegularFile(folder.resolve("results/latest/index.html")), said);
  }

  @Test
  public void thePackageHasManPagesCompletionAndItsCommand() throws Exception {
    String files = ran(Map.of(), "dpkg-deb", "--contents", only(".deb").toString());
    for (String each :
        List.of(
            "./usr/bin/lastref -> ../share/lastref/lastref",
            "./usr/share/man/man1/lastref-run.1.gz",
            "./usr/share/bash-completion/completions/lastref",
            "./usr/share/lastref/harness/kernel/6.12/config")) {
      assertTrue(files.contains(each), each + " is not in\n" + files);
    }
  }
}
