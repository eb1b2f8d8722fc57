package org.lastref.offline;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.lastref.Recorded;
import org.lastref.fault.InputFault;
import org.lastref.fdt.OverlaySource;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.Kernel;
import org.lastref.model.Policy;
import org.lastref.model.Situation;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Which devices are to have no driver. */
public class RemovalCaseTest {

  private Path folder = Path.of("");

  @BeforeMethod
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory("lastref-case");
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws IOException {
    Files.deleteIfExists(folder.resolve("pair.dtso"));
    Files.deleteIfExists(folder.resolve("pair.drivers.yaml"));
    Files.delete(folder);
  }

  /** The pair with a head. */
  private OverlaySource pair(String head) throws IOException {
    String text = head + Files.readString(Path.of("overlays/pair.dtso"));
    return OverlaySource.of(Files.writeString(folder.resolve("pair.dtso"), text));
  }

  private static SortedSet<String> unbound(OverlaySource overlay, String... named) {
    SortedSet<String> names = new TreeSet<>(Set.of(named));
    return new RemovalCase(overlay, Policy.UPSTREAM, Situation.REMOVE, false, names)
        .removal(Recorded.base(), Kernel.LINUX_6_1)
        .unbound();
  }

  @Test
  public void areNamedByPathOrNameOrWhatTheyAreCompatibleWith() throws IOException {
    OverlaySource pair = pair("");
    assertEquals(unbound(pair, "/lr-osc"), Set.of("/lr-osc"));
    assertEquals(unbound(pair, "lr-osc"), Set.of("/lr-osc"));
    assertEquals(unbound(pair, "fixed-clock"), Set.of("/lr-osc"));
  }

  @Test
  public void areNamedByTheHeadAndByTheUser() throws IOException {
    OverlaySource pair = pair("// lastref: expect-unbound lr-osc\n");
    assertEquals(unbound(pair, "lr-div", "another"), Set.of("/lr-osc", "/lr-div"));
  }

  @Test
  public void aHeadThatNamesAnotherIsRefused() throws IOException {
    OverlaySource pair = pair("// lastref: expect-unbound another\n");
    InputFault fault = expectThrows(InputFault.class, () -> unbound(pair));
    assertEquals(
        fault.getMessage(),
        folder.resolve("pair.dtso")
            + ": its head expects another to get no driver, and drivers are wanted for /lr-osc"
            + " (fixed-clock), /lr-div (fixed-factor-clock)");
  }

  private AppliedOverlay applied(String drivers) throws IOException {
    OverlaySource pair = pair("");
    Files.writeString(folder.resolve("pair.drivers.yaml"), drivers);
    return Objects.requireNonNull(
        new RemovalCase(pair, Policy.UPSTREAM)
            .removal(Recorded.base(), Kernel.LINUX_6_1)
            .applied()
            .get("pair"));
  }

  @Test
  public void whatIsSaidOfDriversBesideTheOverlayIsExpectedOfThem() throws IOException {
    AppliedOverlay applied =
        applied(
            """
            drivers:
            - compatible: [fixed-clock]
              source: a person
              holds:
              - {on: own-node, get: my_probe, put: my_remove}
            """);
    assertEquals(
        applied.deviceOf("/lr-osc").orElseThrow().holds(),
        List.of(new AppliedOverlay.NodeHold("/lr-osc", "my_probe", "my_remove", false)));
  }

  @DataProvider
  static Object[][] wrong() {
    return new Object[][] {
      {
        "drivers: [{compatible: [a-chip], source: a person}]",
        "it says what a driver of a-chip does, but pair has no such node"
      },
      {
        "drivers: [{compatible: [fixed-clock]}]",
        "pair.drivers.yaml:1: drivers[0].source: is missing"
      },
      {
        "drivers: [{compatible: [fixed-clock], source: me, populates: usb}]",
        "drivers[0].populates: is no bus that is known"
      },
    };
  }

  @Test(dataProvider = "wrong")
  public void aFileThatDoesNotFitIsRefused(String drivers, String problem) {
    InputFault fault = expectThrows(InputFault.class, () -> applied(drivers));
    assertTrue(String.valueOf(fault.getMessage()).contains(problem), fault.getMessage());
  }
}
