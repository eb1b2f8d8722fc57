package org.lastref.fdt;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertNotSame;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.lastref.fault.InputFault;
import org.testng.annotations.Test;

/** An overlay to be tried is what it was when it was chosen. */
public class OverlaySourceTest {

  private static final Path PAIR = Path.of("overlays/pair.dtso");

  @Test
  public void whatIsAppliedIsWhatIsJudgedEvenIfTheFileIsEditedMeanwhile() throws IOException {
    Path file = Files.createTempFile("edited", ".dtso");
    try {
      Files.copy(PAIR, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      OverlaySource overlay = OverlaySource.of(file);
      byte[] before = overlay.blob();
      Files.writeString(file, "no overlay any more");
      assertEquals(overlay.blob(), before);
      assertEquals(fragments(before), overlay.overlay().fragments());
    } finally {
      Files.delete(file);
    }
  }

  private static OverlaySource headed(String head) throws IOException {
    Path file = Files.createTempFile("headed", ".dtso");
    try {
      Files.writeString(file, head + Files.readString(PAIR));
      return OverlaySource.of(file);
    } finally {
      Files.delete(file);
    }
  }

  @Test
  public void itsHeadSaysWhichDevicesAreToHaveNoDriver() throws IOException {
    OverlaySource overlay =
        headed(
            """
            // A pair.
            // lastref: expect-unbound lr-div vendor,chip
            /*
             * lastref: expect-unbound /lr-osc
             */
            """);
    assertEquals(overlay.unbound(), List.of("lr-div", "vendor,chip", "/lr-osc"));
  }

  @Test
  public void whatItsHeadSaysWrongIsRefused() {
    InputFault fault =
        expectThrows(InputFault.class, () -> headed("// lastref: expect-unbuond lr-div\n"));
    String why = "" + fault.getMessage();
    assertTrue(
        why.endsWith(
            ".dtso: its head says \"lastref: expect-unbuond lr-div\", and what it may say is"
                + " \"lastref: expect-unbound NODE|COMPATIBLE...\", with blanks between"),
        why);
  }

  private static List<?> fragments(byte[] blob) {
    return Overlay.of(Fdt.parse(blob, "kept")).fragments();
  }

  @Test
  public void nobodyChangesItsBytes() {
    OverlaySource overlay = OverlaySource.of(PAIR);
    assertNotSame(overlay.blob(), overlay.blob());
    byte[] mine = overlay.blob();
    mine[0] = 0;
    assertEquals(fragments(overlay.blob()), overlay.overlay().fragments());
  }

  @Test
  public void standsOnWhatItNames() {
    OverlaySource upper = OverlaySource.of(Path.of("overlays/stacked-upper.dtso"));
    assertEquals(
        upper.stack().stream().map(OverlaySource::name).toList(),
        List.of("stacked", "stacked-upper"));
  }
}
