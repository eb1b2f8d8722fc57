package org.lastref.fdt;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.lastref.fault.InputFault;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Blobs that are refused, each for its reason. */
public class FdtReaderTest {
  private static final byte[] GOOD = Tools.blob("base.dts");

  private static Blobs root() {
    return new Blobs().begin("");
  }

  private static byte[] closed(Blobs blobs) {
    return blobs.cells(Blobs.END_NODE, Blobs.END).blob();
  }

  private static byte[] nested(int depth) {
    Blobs blobs = root();
    for (int i = 1; i < depth; i++) {
      blobs.begin("n");
    }
    for (int i = 1; i < depth; i++) {
      blobs.cells(Blobs.END_NODE);
    }
    return closed(blobs);
  }

  private static byte[] wide(int nodes) {
    Blobs blobs = root();
    for (int i = 1; i < nodes; i++) {
      blobs.begin("n" + i).cells(Blobs.END_NODE);
    }
    return closed(blobs);
  }

  @DataProvider
  public Object[][] header() {
    return new Object[][] {
      {0, 0xedfe0dd0, "byte 0x0: 0xedfe0dd0 is not the devicetree magic"},
      {4, 39, "byte 0x4: a total size of 39 bytes is less than the header's 40"},
      {4, GOOD.length + 1, "byte 0x4: the header states " + (GOOD.length + 1) + " bytes"},
      {4, -1, "byte 0x4: the header states 4294967295 bytes"},
      {8, 36, "byte 0x8: the structure block is to start at 0x24, outside"},
      {8, -4, "byte 0x8: the structure block is to start at 0xfffffffc, outside"},
      {8, 58, "byte 0x8: the structure block starts at 0x3a, no multiple of 4"},
      {12, 0, "byte 0xc: the strings block is to start at 0x0, outside"},
      {12, 1 << 30, "byte 0xc: the strings block is to start at 0x40000000, outside"},
      {16, 44, "byte 0x10: the memory reservation block starts at 0x2c, no multiple of 8"},
      {16, -8, "byte 0x10: the memory reservation block is to start at 0xfffffff8, outside"},
      {20, 15, "byte 0x14: version 15 is older than 16"},
      {20, -1, "byte 0x18: version 4294967295, compatible with 18, cannot be read as 17"},
      {24, 18, "byte 0x18: version 17, compatible with 18"},
      {32, GOOD.length, "byte 0x20: the strings block of"},
      {32, -1, "byte 0x20: the strings block of 4294967295 bytes"},
      {36, Integer.MAX_VALUE, "byte 0x24: the structure block of 2147483647 bytes"},
      {36, 8, "the structure block ends where"},
    };
  }

  @Test(dataProvider = "header")
  public void refusesAHeaderThatCannotBeTrue(int field, int value, String reason) {
    byte[] blob = Blobs.with(GOOD, field, value);
    if (field == 20 && value == -1) {
      blob = Blobs.with(blob, 24, 18);
    }
    assertRefused(blob, reason);
  }

  @DataProvider
  public Object[][] structure() {
    return new Object[][] {
      {new Blobs().cells(Blobs.END).blob(), "byte 0x38: token 9 where the root node must begin"},
      {new Blobs().blob(), "byte 0x38: the structure block ends where a token is due"},
      {closed(new Blobs().begin("root")), "byte 0x3c: the root node has a name"},
      {root().cells(Blobs.END).blob(), "byte 0x40: the tree ends inside node ''"},
      {root().cells(7).blob(), "byte 0x40: unknown token 0x7 in node ''"},
      {root().cells(Blobs.END_NODE).blob(), "byte 0x44: the structure block ends where"},
      {
        root().cells(Blobs.END_NODE, Blobs.END_NODE).blob(),
        "byte 0x44: token 2 after the root node, where the tree must end"
      },
      {closed(root().cells(Blobs.END_NODE).begin("second")), "byte 0x44: token 1 after the root"},
      {closed(root().begin("").cells(Blobs.END_NODE)), "a node below the root has no name"},
      {closed(root().begin("a/b").cells(Blobs.END_NODE)), "name of a node contains the byte 0x2f"},
      {closed(root().begin("\033[2J").cells(Blobs.END_NODE)), "contains the byte 0x1b"},
      {closed(root().begin("\u00e9").cells(Blobs.END_NODE)), "contains the byte 0xe9"},
      {closed(root().begin("..").cells(Blobs.END_NODE)), "'..' is no name for a node"},
      {closed(root().begin("n".repeat(256)).cells(Blobs.END_NODE)), "is longer than 255 bytes"},
      {root().cells(Blobs.BEGIN, 0x61616161).blob(), "name of a node does not end inside its"},
      {closed(root().property(0).property(0)), "byte 0x4c: node '' has property 'first' twice"},
      {
        closed(root().begin("n").cells(Blobs.END_NODE).begin("n").cells(Blobs.END_NODE)),
        "byte 0x4c: node '' has node 'n' twice"
      },
      {
        closed(root().begin("n").cells(Blobs.END_NODE).property(0)),
        "byte 0x4c: a property after the subnodes of node ''"
      },
      {closed(root().property(13)), "byte 0x48: property name offset 0xd is outside the strings"},
      {closed(root().property(-1)), "property name offset 0xffffffff is outside"},
      {closed(root().property(5)), "a property has no name"},
      {closed(root().strings("open").property(0)), "name of a property does not end inside its"},
      {closed(root().strings("a/b\0").property(0)), "name of a property contains the byte 0x2f"},
      {root().cells(Blobs.PROP, -1, 0).blob(), "a property of 4294967295 bytes does not fit"},
      {root().cells(Blobs.PROP, 5, 0, 0).blob(), "a property of 5 bytes does not fit"},
      {root().cells(Blobs.PROP, 1).blob(), "ends where the name of a property is due"},
      {root().cells(Blobs.PROP).blob(), "ends where the length of a property is due"},
      {nested(Fdt.MAX_DEPTH + 1), "nodes are nested deeper than 63"},
      {wide(Fdt.MAX_NODES + 1), "more than 16384 nodes"},
    };
  }

  @Test(dataProvider = "structure")
  public void refusesABrokenStructure(byte[] blob, String reason) {
    assertRefused(blob, reason);
  }

  @Test
  public void acceptsWhatIsJustWithinTheLimits() {
    Fdt.parse(nested(Fdt.MAX_DEPTH), "deep");
    Fdt.parse(wide(Fdt.MAX_NODES), "wide");
    Fdt.parse(closed(root().begin("n".repeat(255)).cells(Blobs.END_NODE)), "long");
    Fdt.parse(closed(root().cells(Blobs.NOP).property(8).cells(Blobs.NOP)), "nops and a suffix");
  }

  @Test
  public void refusesBlocksThatOverlap() {
    byte[] strings = closed(root());
    assertRefused(Blobs.with(strings, 12, 64), "the structure and strings blocks overlap");
    assertRefused(Blobs.with(Blobs.with(strings, 12, 48), 32, 4), "reservation and strings blocks");
    byte[] zeros = closed(root().cells(Blobs.PROP, 20, 0).cells(new int[5]));
    assertRefused(Blobs.with(zeros, 16, 80), "reservation and structure blocks overlap");
  }

  @Test
  public void refusesReservationsWithoutEnd() {
    byte[] blob = GOOD.clone();
    Arrays.fill(blob, 40, blob.length, (byte) 1);
    assertRefused(blob, "the blob ends inside the memory reservations");
  }

  @Test
  public void refusesAReservationPastTheEndOfMemory() {
    byte[] blob = GOOD.clone();
    ByteBuffer.wrap(blob).putLong(40, -1).putLong(48, 2);
    assertRefused(blob, "byte 0x28: reserved memory goes past the end of 64-bit addresses");
  }

  @Test
  public void refusesABlobThatEndsAnywhereBeforeItsEnd() {
    for (int length = 0; length < GOOD.length; length++) {
      byte[] cut = Arrays.copyOf(GOOD, length);
      assertThrows(InputFault.class, () -> Fdt.parse(cut, "cut"));
    }
  }

  @Test
  public void refusesAStructureThatEndsInsideAProperty() {
    int size = ByteBuffer.wrap(GOOD).getInt(36);
    for (int shorter = 0; shorter < size; shorter++) {
      byte[] cut = Blobs.with(GOOD, 36, shorter);
      assertThrows(InputFault.class, () -> Fdt.parse(cut, "cut"));
    }
  }

  @Test
  public void refusesABlobOverTheLimit() {
    assertRefused(new byte[Fdt.MAX_SIZE + 1], "larger than the limit of 2097152 bytes");
  }

  @Test
  public void namesTheFileThatCannotBeRead() {
    String message = Tools.refusal(() -> Fdt.read(Path.of("/no/such.dtb")));
    assertTrue(message.contains("/no/such.dtb"), message);
  }

  private static void assertRefused(byte[] blob, String reason) {
    String message = Tools.refusal(() -> Fdt.parse(blob, "50%s off.dtb"));
    assertTrue(message.startsWith("devicetree blob 50%s off.dtb, byte 0x"), message);
    assertTrue(message.contains(reason), message);
    assertEquals(message.lines().count(), 1L, message);
  }
}
