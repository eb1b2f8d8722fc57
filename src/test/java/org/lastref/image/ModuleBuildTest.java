package org.lastref.image;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/**
 * What harness/modules/build says of a module that cannot be built; the kernel's make is a stub.
 */
public class ModuleBuildTest {

  private Path folder = Path.of("");
  private Path kernel = Path.of("");
  private Path module = Path.of("");

  @BeforeMethod
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory("lastref-module-build");
    kernel = Files.createDirectory(folder.resolve("kernel"));
    module = Files.createDirectory(folder.resolve("mine"));
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  /** A kernel whose make does this for a module. */
  private void makes(String recipe) throws Exception {
    Path headers = Files.createDirectories(folder.resolve("headers"));
    Files.writeString(headers.resolve("Makefile"), "modules:\n\t" + recipe + "\n");
    Process tar =
        new ProcessBuilder("tar", "-czf", kernel + "/headers.tar.gz", "-C", "" + headers, ".")
            .start();
    assertEquals(tar.waitFor(), 0);
  }

  private Scripted.Ended build() throws Exception {
    return Scripted.run(
        folder, Path.of("harness/modules/build"), List.of("" + kernel, "" + module));
  }

  @Test
  public void refusesAFolderThatSaysNotWhatToBuild() throws Exception {
    makes("true");
    assertEquals(
        build(),
        new Scripted.Ended(
            2,
            "lastref: %s: there is no module: it needs a Kbuild or Makefile that says obj-m\n"
                .formatted(module)));
  }

  @Test
  public void showsTheCompilersFirstLines() throws Exception {
    makes("@echo CC it; echo '$(M)/mine.c:3:1: error: such a thing'; exit 1");
    Files.writeString(module.resolve("Kbuild"), "obj-m := mine.o\n");
    Scripted.Ended ended = build();
    assertEquals(ended.exit(), 2, ended.said());
    List<String> lines = ended.said().lines().toList();
    assertEquals(lines.get(0), "lastref: module: building mine");
    assertEquals(lines.get(1), "mine.c:3:1: error: such a thing");
    assertTrue(
        lines
            .get(lines.size() - 1)
            .startsWith(
                "lastref: module: %s does not build; the whole log is in ".formatted(module)),
        ended.said());
  }

  @Test
  public void refusesAFolderThatBuildsNone() throws Exception {
    makes("@true");
    Files.writeString(module.resolve("Makefile"), "all:\n");
    Scripted.Ended ended = build();
    assertEquals(ended.exit(), 2, ended.said());
    assertTrue(
        ended
            .said()
            .endsWith(
                "lastref: module: %s builds none: its Kbuild or Makefile has to say obj-m\n"
                    .formatted(module)),
        ended.said());
  }

  @Test
  public void buildsAgainOnlyWhatHasChanged() throws Exception {
    Path object = folder.resolve("object.c");
    Files.writeString(object, "int it;\n");
    makes("@aarch64-linux-gnu-gcc -c -x c " + object + " -o $(M)/mine.ko");
    Files.writeString(module.resolve("Kbuild"), "obj-m := mine.o\n");
    Files.writeString(module.resolve("mine.ko"), "of another kernel");
    Scripted.Ended first = build();
    assertEquals(first.exit(), 0, first.said());
    List<String> lines = first.said().lines().toList();
    assertEquals(lines.get(0), "lastref: module: building mine");
    Path built = Path.of(lines.get(1)).resolve("mine.ko");
    assertTrue(Files.size(built) > 100, first.said());
    assertEquals(Files.readString(module.resolve("mine.ko")), "of another kernel");
    Files.writeString(module.resolve("mine.o"), "what a build leaves");
    assertEquals(build(), new Scripted.Ended(0, lines.get(1) + "\n"));
    Files.writeString(module.resolve("mine.c"), "int other;\n");
    Scripted.Ended second = build();
    assertEquals(second.exit(), 0, second.said());
    assertFalse(second.said().contains(lines.get(1)), second.said());
    try (Stream<Path> left = Files.list(folder.resolve("cache/lastref/module"))) {
      assertEquals(left.filter(each -> each.getFileName().toString().startsWith(".")).count(), 0);
    }
  }
}
