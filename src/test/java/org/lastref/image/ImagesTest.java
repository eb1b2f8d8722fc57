package org.lastref.image;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

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
        Symbols.of("ffffffc00806c7d4 T srcu_barrier\n"),
        new KernelBuild.Provenance(
            "", "", false, "6.1", "some", arguments, "", 1, 1, Map.of(), List.of(), Map.of()));
  }

  @Test
  public void listsThePlainKernelFirst() {
    assertEquals(
        Images.kernels(PROJECT).subList(0, 2).stream().map(KernelName::toString).toList(),
        List.of(KernelBuild.PLAIN, "debug-release"));
  }

  @Test
  public void buildsNoKernelOfAnUnknownName() {
    for (String name : List.of("nope", "../config", "plain, debug-release", "-v", "")) {
      assertThrows(InputFault.class, () -> Images.ensure(PROJECT, Images.kernel(PROJECT, name)));
      assertThrows(
          InputFault.class, () -> Images.ensure(PROJECT, new KernelName("6.1", name, true)));
      assertThrows(
          InputFault.class, () -> Images.ensure(PROJECT, new KernelName(name, "plain", false)));
    }
  }

  @Test
  public void saysOfAMissingDevicetreeWhereItIsAskedFor() {
    InputFault fault =
        expectThrows(InputFault.class, () -> kernel("", Map.of()).devicetree("bcm2711-rpi-4-b"));
    assertEquals(
        fault.getMessage(),
        "the kernel in kernel was built without the devicetree bcm2711-rpi-4-b: add it to boards="
            + " in harness/kernel/6.1/kernel.conf");
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
