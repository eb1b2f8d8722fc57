package org.lastref.image;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
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

  private Scripted.Ended build(String... words) throws Exception {
    return build(Path.of("harness"), words);
  }

  private Scripted.Ended build(Path harness, String... words) throws Exception {
    return Scripted.run(folder, harness.resolve("kernel/build"), List.of(words));
  }

  @Test
  public void refusesAPatchThatIsMissing() throws Exception {
    assertEquals(
        build("--patch", "none.patch"),
        new Scripted.Ended(
            2, "lastref: none.patch: there is no such patch, or it cannot be read\n"));
  }

  /** A harness that has two versions, and source for neither. */
  private Path twoVersions() throws IOException {
    Path harness = folder.resolve("harness");
    for (String version : List.of("6.1", "9.9")) {
      Path kernel = harness.resolve("kernel").resolve(version);
      Files.createDirectories(kernel.resolve("variants"));
      Files.writeString(kernel.resolve("config"), "");
      Files.writeString(kernel.resolve("variants/kasan.config"), "");
      String settings = Files.readString(Path.of("harness/kernel/6.1/kernel.conf"));
      Files.writeString(
          kernel.resolve("kernel.conf"),
          settings.replace("linux-source-6.1", "linux-source-none-" + version));
    }
    Files.writeString(harness.resolve("kernel/default"), "6.1\n");
    Files.writeString(harness.resolve("kernel/6.1/variants/lockdep.config"), "");
    for (String file : List.of("lib.sh", "kernel/build", "kernel/source")) {
      Files.copy(
          Path.of("harness").resolve(file),
          harness.resolve(file),
          StandardCopyOption.COPY_ATTRIBUTES);
    }
    return harness;
  }

  @Test
  public void saysOfAnUnknownKernelWhatIsPossible() throws Exception {
    Path harness = twoVersions();
    for (String name : List.of("nope", "9.9/lockdep", "9.8", "6.1/../9.9/kasan", "../9.9", "-v")) {
      assertEquals(
          build(harness, name),
          new Scripted.Ended(
              2,
              "lastref: there is no kernel %s: one of plain, kasan, lockdep, 9.9, 9.9/kasan is possible, and versions of Debian's packages instead of 6.1 and the like\n"
                  .formatted(name)));
    }
  }

  @Test
  public void saysWhichPackageHasTheSource() throws Exception {
    Path harness = twoVersions();
    for (String[] each :
        new String[][] {
          {"plain", "6.1"},
          {"kasan", "6.1"},
          {"6.1", "6.1"},
          {"6.1/kasan", "6.1"},
          {"9.9", "9.9"},
          {"9.9/kasan", "9.9"},
        }) {
      assertEquals(
          build(harness, each[0]),
          new Scripted.Ended(
              3,
              "lastref: there is no source of Linux to be had, Debian's package linux-source-none-%s: apt-get update as root, or harness/setup, makes it known\n"
                  .formatted(each[1])));
    }
  }

  @Test
  public void refusesAFolderThatIsNoTree() throws Exception {
    assertEquals(
        build("--source", "src"),
        new Scripted.Ended(
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
    // Ours does not either, for which something stands in.
    Path patch =
        Path.of(
            "harness/kernel/6.1/patches/0001-configfs-let-a-client-refuse-to-drop-an-item.patch");
    Scripted.Ended ended = build("--source", tree.toString(), "--patch", patch.toString());
    assertEquals(ended.exit(), 2, ended.said());
    assertTrue(
        ended.said().contains("kernel: overlays are applied by a module of ours instead\n"),
        ended.said());
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
