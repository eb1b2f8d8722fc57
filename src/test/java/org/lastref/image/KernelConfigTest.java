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
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * What harness/kernel/build says of a fragment of the user's own, before it compiles: on a tree
 * that has a configuration and nothing to compile.
 */
public class KernelConfigTest {

  private static final String MAKEFILE =
      """
      VERSION = 6
      kernelversion:
      \t@echo 6.1
      allnoconfig:
      \t@mkdir -p $(O); echo '# Automatically generated' >$(O)/.config
      \t@grep -E '^CONFIG_(OURS|THEIRS|TEXT|NUMBER)=' $(KCONFIG_ALLCONFIG) >>$(O)/.config || true
      \t@grep -q '^CONFIG_OURS=y' $(O)/.config || sed -i /CONFIG_THEIRS/d $(O)/.config
      Image:
      \t@echo fake.c:1: error: nothing to compile; exit 1
      """;

  private static final String KCONFIG =
      """
      config THEIRS
      \tbool "Theirs"
      config DEPENDENT
      \ttristate "It wants more"
      \tdepends on THEIRS && BLUE # as ever
      \tdepends on !RED
      \thelp
      \t  depends on nothing in here
      config SELECTED
      \tbool
      """;

  private Path folder = Path.of("");
  private Path harness = Path.of("");

  @BeforeMethod
  void makeHarness() throws IOException {
    folder = Files.createTempDirectory("lastref-kernel-config");
    harness = folder.resolve("harness");
    Path version = harness.resolve("kernel/6.1");
    Files.createDirectories(version.resolve("variants"));
    Files.createDirectories(harness.resolve("modules"));
    for (String file : List.of("lib.sh", "kernel/build", "kernel/6.1/offsets.c")) {
      Files.copy(
          Path.of("harness").resolve(file),
          harness.resolve(file),
          StandardCopyOption.COPY_ATTRIBUTES);
    }
    Files.writeString(harness.resolve("kernel/default"), "6.1\n");
    Files.writeString(version.resolve("config"), "CONFIG_OURS=y\n");
    Files.writeString(version.resolve("variants/more.config"), "CONFIG_TEXT=\"more\"\n");
    Files.writeString(
        version.resolve("kernel.conf"), "package=none\nown_patches=()\nboards=()\nobjects=1\n");
    for (String file :
        List.of(
            "Kbuild",
            "lastref-watch.c",
            "lastref-watch.h",
            "lastref-overlay.c",
            "lastref-overlay.h")) {
      Files.writeString(harness.resolve("modules").resolve(file), "");
    }
    Path tree = folder.resolve("tree");
    Files.createDirectories(tree.resolve("arch/arm64"));
    Files.writeString(tree.resolve("Makefile"), MAKEFILE);
    Files.writeString(tree.resolve("Kconfig"), KCONFIG);
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  private Scripted.Ended build(String kernel, Path... configs) throws Exception {
    List<String> words =
        Stream.concat(
                Stream.of(kernel, "--source", folder.resolve("tree").toString()),
                Stream.of(configs).flatMap(each -> Stream.of("--config", each.toString())))
            .toList();
    return Scripted.run(folder, harness.resolve("kernel/build"), words);
  }

  private Path fragment(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @DataProvider
  static Object[][] noOptions() {
    return new Object[][] {
      {"CONFIG_THEIRS=y\nTHEIRS=y\n", 2, "THEIRS=y"},
      {"CONFIG_THEIRS=m\n", 1, "CONFIG_THEIRS=m"},
      {"CONFIG_THEIRS\n", 1, "CONFIG_THEIRS"},
      {"# nothing\n\nCONFIG_A-B=y\n", 3, "CONFIG_A-B=y"},
      {"CONFIG_THEIRS=y \033\n", 1, "CONFIG_THEIRS=y "},
      {"\000\001", 1, ""},
    };
  }

  @Test(dataProvider = "noOptions")
  public void refusesALineThatIsNoOption(String text, int line, String shown) throws Exception {
    Path config = fragment("mine.config", text);
    assertEquals(
        build("plain", config),
        new Scripted.Ended(
            2,
            "lastref: %s, line %d: \"%s\" is no option that is built in or left out, such as CONFIG_I2C_GPIO=y or CONFIG_PM=n\n"
                .formatted(config, line, shown)));
  }

  @Test
  public void refusesWhatIsNoFile() throws Exception {
    assertEquals(
        build("plain", folder.resolve("none")),
        new Scripted.Ended(
            2,
            "lastref: %s: there is no such kernel configuration, or it cannot be read\n"
                .formatted(folder.resolve("none"))));
    Path empty = fragment("empty.config", "# nothing\n");
    assertEquals(
        build("plain", empty),
        new Scripted.Ended(
            2,
            "lastref: %s: there is no option in it, such as CONFIG_I2C_GPIO=y\n".formatted(empty)));
  }

  private void refused(String kernel, String message, Path... configs) throws Exception {
    Scripted.Ended ended = build(kernel, configs);
    assertEquals(ended.exit(), 2, ended.said());
    assertEquals(
        ended.said().lines().reduce("", (earlier, later) -> later),
        "lastref: kernel: " + message,
        ended.said());
  }

  @Test
  public void saysWhichOptionIsNotTakenAndWhatItDependsOn() throws Exception {
    refused(
        "plain",
        "mine.config asks for what Linux 6.1 does not take: CONFIG_DEPENDENT=y (it depends on THEIRS && BLUE, !RED); CONFIG_NOWHERE=3 (there is no such option); CONFIG_SELECTED=y (it cannot be asked for, only selected by others)",
        fragment(
            "mine.config",
            "CONFIG_THEIRS=y\nCONFIG_NOWHERE=3\nCONFIG_DEPENDENT=y\nCONFIG_SELECTED=y\n"));
  }

  @Test
  public void refusesAFragmentThatChangesNothing() throws Exception {
    Path same = fragment("same.config", "CONFIG_TEXT=\"more\"\n");
    refused("more", "same.config changes nothing: the kernel 6.1/more has all of it without", same);
    refused(
        "plain",
        "none.config changes nothing: the kernel 6.1/plain has all of it without",
        fragment("mine.config", "CONFIG_THEIRS=y"),
        fragment("none.config", "CONFIG_NUMBER=n"));
  }

  @Test
  public void refusesAFragmentThatTakesAwayWhatWasAskedFor() throws Exception {
    Path theirs = fragment("theirs.config", "CONFIG_THEIRS=y\n");
    refused(
        "plain",
        "less.config takes away what was asked for before it, CONFIG_THEIRS=y: if that may go, less.config has to say so",
        theirs,
        fragment("less.config", "CONFIG_OURS=n\n"));
    Path both = fragment("both.config", "CONFIG_OURS=n\n# CONFIG_THEIRS is not set\n");
    assertTrue(build("plain", theirs, both).said().contains("nothing to compile"));
  }

  @Test
  public void goesOnToCompileWhereAllIsTaken() throws Exception {
    Path mine = fragment("mine.config", "CONFIG_THEIRS=y\nCONFIG_NUMBER=0x10");
    Path more = fragment("more.config", "CONFIG_TEXT=\"less\"\n# CONFIG_NUMBER is not set\n");
    Scripted.Ended ended = build("more", mine, more);
    assertEquals(ended.exit(), 2);
    assertTrue(ended.said().contains("fake.c:1: error: nothing to compile"), ended.said());
  }
}
