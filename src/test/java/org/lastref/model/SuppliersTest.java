package org.lastref.model;

import static org.testng.Assert.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.OverlayCompiler;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Which nodes a node's properties name as suppliers, by drivers/of/property.c of 6.1.192. */
public class SuppliersTest {

  private static final Fdt TREE =
      Fdt.parse(
          new OverlayCompiler()
              .compile(Path.of("src/test/resources/application/bindings.dts"), true),
          "bindings");

  @DataProvider
  public Object[][] nodes() {
    return new Object[][] {
      {"/by-parent", List.of("/gic")},
      // As many as the one list has come from it, for either property.
      {"/extended", List.of("/bank", "/gic", "/gic", "/bank", "/gic", "/gic")},
      {"/by-map", List.of("/nexus", "/bank", "/gic")},
      {"/unmapped", List.of("/nexus")},
      {"/short", List.of("/bank")},
      {"/passed-on", List.of("/quiet", "/quiet")},
      {"/gpios", List.of("/bank", "/bank")},
      {"/bank/hog", List.of()},
      {"/optional", List.of()},
      {"/bare", List.of("/gic", "/bank", "/quiet", "/nexus")},
      {"/camera/port/endpoint", List.of("/trace")},
      {"/trace/in-ports/port/endpoint", List.of("/camera")},
    };
  }

  @Test(dataProvider = "nodes")
  public void areThoseThatTheKernelReads(String path, List<String> expected) {
    assertEquals(
        Suppliers.of(path, TREE, Kernel.LINUX_6_1).stream().map(Suppliers.Need::supplier).toList(),
        expected);
  }
}
