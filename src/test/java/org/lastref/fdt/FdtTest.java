package org.lastref.fdt;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.testng.annotations.Test;

/** What a tree tells once it is read, and that dtc reads the same. */
public class FdtTest {

  @Test
  public void readsValuesInTheFormsThatPropertiesHave() {
    Fdt base = Tools.base();
    Node uart = base.find("/bus@10000/serial@100").orElseThrow();
    assertEquals(uart.property("compatible").orElseThrow().asText(), Optional.of("lastref,uart"));
    assertEquals(uart.property("reg").orElseThrow().asCells(), List.of(0x100L, 0x10L));
    assertEquals(uart.property("local-mac-address").orElseThrow().length(), 6);
    assertEquals(uart.property("local-mac-address").orElseThrow().asCells(), List.of());
    assertEquals(uart.property("local-mac-address").orElseThrow().asStrings(), List.of());
    assertEquals(
        base.root().property("compatible").orElseThrow().asStrings(),
        List.of("lastref,test", "lastref,board"));
    Node bus = base.find("/bus@10000").orElseThrow();
    assertTrue(bus.property("ranges").orElseThrow().isEmpty());
    assertFalse(bus.property("no-such-property").isPresent());
    assertEquals(bus.baseName(), "bus");
  }

  @Test
  public void readsReservationsUpToTheLastByteOfMemory() {
    assertEquals(
        Tools.base().reservations(),
        List.of(
            new Reservation(0x40000000L, 0x1000), new Reservation(0xfffffffffffff000L, 0x1000)));
  }

  @Test
  public void readsTheBootCpu() {
    byte[] blob = Tools.blob("base.dts");
    blob[31] = 3;
    assertEquals(Fdt.parse(blob, "base").bootCpu(), 3);
  }

  @Test
  public void findsNodesAsTheKernelDoes() {
    Fdt base = Tools.base();
    assertEquals(base.pathOf("/"), Optional.of("/"));
    assertEquals(base.pathOf("serial0"), Optional.of("/bus@10000/serial@100"));
    assertEquals(base.pathOf("serial0:115200n8"), Optional.of("/bus@10000/serial@100"));
    assertEquals(base.pathOf("bus/serial@100"), Optional.of("/bus@10000/serial@100"));
    assertEquals(base.pathOf("/bus@10000/serial@100:a/b"), Optional.of("/bus@10000/serial@100"));
    for (String path : List.of("", "/bus", "/bus@10000/", "//bus@10000", "loop", "nothing", "/:")) {
      assertEquals(base.pathOf(path), Optional.empty(), path);
    }
  }

  @Test
  public void knowsLabelsAndPhandles() {
    Fdt base = Tools.base();
    assertTrue(base.hasSymbols());
    assertEquals(base.symbols().get("intc"), "/bus@10000/interrupt-controller@0");
    assertEquals(base.pathOf(0x40L), Optional.of("/bus@10000/interrupt-controller@0"));
    assertEquals(base.pathOf(0L), Optional.empty());
    assertEquals(base.find("/clock").flatMap(n -> base.pathOf(n.phandle())).orElse(""), "/clock");
    assertEquals(base.maxPhandle(), 0x40);
  }

  @Test
  public void doesNotLeakItsBytes() {
    byte[] bytes = {1, 2, 3, 4};
    Property property = Property.of("p", bytes);
    bytes[0] = 9;
    property.value()[0] = 9;
    assertEquals(property.asCells(), List.of(0x01020304L));
  }

  @Test
  public void keepsTheOrderOfTheBlob() {
    List<String> paths = new ArrayList<>();
    Tools.base().root().walk("/", (path, node) -> paths.add(path));
    assertEquals(
        paths,
        List.of(
            "/",
            "/aliases",
            "/bus@10000",
            "/bus@10000/interrupt-controller@0",
            "/bus@10000/serial@100",
            "/clock",
            "/plain",
            "/__symbols__"));
  }

  @Test
  public void readsWhatDtcReads() throws IOException {
    for (String name : List.of("base.dts", "nodes.dtso", "paths.dtso", "update.dtso")) {
      assertReadAsByDtc(Tools.blob(name), name);
    }
    assertReadAsByDtc(Tools.virt(), "QEMU virt");
  }

  /** dtc alone compares: what it reads in the blob with what it reads in our copy of the tree. */
  private static void assertReadAsByDtc(byte[] blob, String name) throws IOException {
    Fdt tree = Fdt.parse(blob, name);
    byte[] copy = Tools.compile(Tools.source(tree), false);
    assertEquals(Tools.decompiled(copy), Tools.decompiled(blob), name);
    Fdt again = Fdt.parse(Tools.compile(Tools.decompiled(blob), false), name);
    assertEquals(again.root(), tree.root(), name);
    assertEquals(again.reservations(), tree.reservations(), name);
  }

  @Test
  public void readsVersion16AsVersion17() throws IOException {
    byte[] v17 = Tools.blob("base.dts");
    assertEquals(Fdt.parse(Blobs.version16(v17), "v16").root(), Fdt.parse(v17, "v17").root());
  }

  @Test
  public void ignoresWhatFollowsTheBlob() {
    byte[] blob = Tools.blob("base.dts");
    byte[] longer = Arrays.copyOf(blob, blob.length + 5);
    assertEquals(Fdt.parse(longer, "longer").root(), Fdt.parse(blob, "blob").root());
  }
}
