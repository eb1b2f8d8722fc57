package org.lastref.image;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** What harness/kernel/build says of a tree or a patch that is none, before it compiles. */
public class OwnKernelBuildTest {

  private Path folder = Path.of("");

  @BeforeMethod
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory("lastref-own-kernel");
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  private record Ended(int exit, String said) {}

  private Ended build(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("harness/kernel/build"));
    command.addAll(List.of(words));
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

  @Test
  public void refusesAPatchThatIsMissing() throws Exception {
    assertEquals(
        build("--patch", "none.patch"),
        new Ended(2, "lastref: none.patch: there is no such patch, or it cannot be read\n"));
  }

  @Test
  public void refusesAFolderThatIsNoTree() throws Exception {
    assertEquals(
        build("--source", "src"),
        new Ended(
            2,
            "lastref: src is no source tree of Linux: it needs the top Makefile and arch/arm64\n"));
  }

  @Test
  public void namesTheFileOrHunkThatAPatchDoesNotApplyTo() throws Exception {
    Path tree = folder.resolve("tree");
    Files.createDirectories(tree.resolve("arch/arm64"));
    Files.createDirectories(tree.resolve("fs/configfs"));
    Files.writeString(
        tree.resolve("Makefile"), "VERSION = 6\nPATCHLEVEL = 1\nkernelversion:\n\t@echo 6.1\n");
    Files.writeString(tree.resolve("fs/configfs/dir.c"), "int nothing_like_it;\n");
    Ended ended = build("--source", tree.toString());
    assertEquals(ended.exit(), 2, ended.said());
    assertTrue(ended.said().contains("fs/configfs/dir.c: Hunk #1 FAILED at "), ended.said());
    assertTrue(ended.said().contains("can't find file to patch at input line "), ended.said());
    assertTrue(
        ended
            .said()
            .endsWith(
                "lastref: kernel: 0001-configfs-let-a-client-refuse-to-drop-an-item.patch does not"
                    + " apply to Linux 6.1\n"),
        ended.said());
    assertEquals(Files.readString(tree.resolve("fs/configfs/dir.c")), "int nothing_like_it;\n");
  }
}
