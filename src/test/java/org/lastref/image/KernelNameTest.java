package org.lastref.image;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.lastref.fault.InputFault;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What a word for a kernel means, where there are two versions. */
public class KernelNameTest {

  private static final String POSSIBLE =
      "one of plain, kasan, lockdep, 6.12, 6.12/kasan, 6.6 is possible";

  private Path project = Path.of("");

  @BeforeClass
  void makeProject() throws IOException {
    project = Files.createTempDirectory("lastref-kernels");
    Path kernels = Files.createDirectories(project.resolve("harness/kernel"));
    Files.writeString(kernels.resolve("default"), "6.1\n");
    for (String fragment : List.of("6.1/variants/lockdep", "6.1/variants/kasan")) {
      write(kernels.resolve(fragment + ".config"), "CONFIG_PROVE_LOCKING=y\n");
    }
    write(kernels.resolve("6.12/variants/kasan.config"), "CONFIG_DEBUG_KOBJECT_RELEASE=y\n");
    write(kernels.resolve("6.12/variants/README"), "");
    write(kernels.resolve("no-version/variants/none.config"), "");
    for (String version : List.of("6.1", "6.6", "6.12")) {
      write(kernels.resolve(version + "/kernel.conf"), "");
    }
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, text);
  }

  @AfterClass(alwaysRun = true)
  void removeProject() throws IOException {
    try (Stream<Path> all = Files.walk(project)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  @DataProvider
  static Object[][] words() {
    return new Object[][] {
      {"plain", "6.1/plain", "plain"},
      {"6.1", "6.1/plain", "plain"},
      {"6.1/plain", "6.1/plain", "plain"},
      {"kasan", "6.1/kasan", "kasan"},
      {"6.1/kasan", "6.1/kasan", "kasan"},
      {"6.12", "6.12/plain", "6.12"},
      {"6.12/plain", "6.12/plain", "6.12"},
      {"6.12/kasan", "6.12/kasan", "6.12/kasan"},
      {"6.6", "6.6/plain", "6.6"},
    };
  }

  @Test(dataProvider = "words")
  public void aWordMeansAKernel(String word, String inFull, String name) {
    KernelName kernel = Images.kernel(project, word);
    assertEquals(kernel.inFull(), inFull);
    assertEquals(kernel.toString(), name);
    assertEquals(Images.kernel(project, name), kernel);
    assertEquals(kernel.isDefault(), name.equals("plain"));
  }

  @DataProvider
  static Object[][] unknown() {
    return new Object[][] {
      {"nope"},
      {"6.12/lockdep"},
      {"6.1/"},
      {"/kasan"},
      {"6.1/6.1"},
      {"6"},
      {"6.13"},
      {""},
      {" "},
      {"6.1/../6.12/kasan"},
      {"no-version"},
      {"no-version/none"},
      {"6.1/kasan/x"},
      {"KASAN"},
    };
  }

  @Test(dataProvider = "unknown")
  public void saysOfAnUnknownOneWhatIsPossible(String word) {
    assertTrue(Images.find(project, word).isEmpty());
    InputFault fault = expectThrows(InputFault.class, () -> Images.kernel(project, word));
    assertEquals(fault.getMessage(), "there is no kernel %s: %s".formatted(word, POSSIBLE));
  }

  @Test
  public void knowsOfEachVersionWhatItsVariantsAreFor() {
    KernelName ours = Images.kernel(project, "kasan");
    KernelName other = Images.kernel(project, "6.12/kasan");
    assertTrue(Images.provesLocking(project, ours));
    assertFalse(Images.provesLocking(project, other));
    assertFalse(Images.delaysReleases(project, ours));
    assertTrue(Images.delaysReleases(project, other));
    assertFalse(Images.delaysReleases(project, Images.kernel(project, "6.12")));
  }

  @Test
  public void saysWhereThereShouldBeKernels() {
    Path none = project.resolve("none");
    InputFault fault = expectThrows(InputFault.class, () -> Images.kernels(none));
    assertTrue(
        fault
            .getMessage()
            .startsWith("cannot read the kernels in " + none.resolve("harness/kernel") + ": "),
        fault.getMessage());
  }
}
