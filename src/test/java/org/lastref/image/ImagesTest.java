package org.lastref.image;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.lastref.fault.InputFault;
import org.testng.annotations.Test;

/** Which kernels there are, and what is known of one; none is built here. */
public class ImagesTest {

  private static final Path PROJECT = Path.of("").toAbsolutePath();

  private static KernelBuild kernel(String arguments, Map<String, String> offsets) {
    return new KernelBuild(
        Path.of("kernel"),
        offsets,
        new KernelBuild.Provenance("", "", false, "some", arguments, "", 1, 1, Map.of()));
  }

  @Test
  public void listsThePlainKernelFirst() {
    assertEquals(
        Images.variants(PROJECT).subList(0, 2), List.of(KernelBuild.PLAIN, "debug-release"));
  }

  @Test
  public void buildsNoKernelOfAnUnknownName() {
    for (String name : List.of("nope", "../config", "plain, debug-release", "-v", "")) {
      assertThrows(InputFault.class, () -> Images.ensure(PROJECT, name));
    }
  }

  @Test
  public void splitsTheArgumentsOfAVariant() {
    assertEquals(kernel("", Map.of()).arguments(), List.of());
    assertEquals(kernel("one two=2", Map.of()).arguments(), List.of("one", "two=2"));
  }

  @Test
  public void tellsAKernelThatDelaysReleasesByItsField() {
    assertFalse(kernel("", Map.of("kobject.kref", "56")).delaysReleases());
    assertTrue(kernel("", Map.of("kobject.release", "64")).delaysReleases());
  }
}
