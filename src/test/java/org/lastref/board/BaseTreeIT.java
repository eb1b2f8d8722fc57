package org.lastref.board;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertNull;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.lastref.fdt.Fdt;
import org.lastref.image.Images;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The trees that boards start with, as the kernel was built with them. */
public class BaseTreeIT {

  @DataProvider
  static Object[][] boards() {
    return new Object[][] {{"boards/qemu-raspi3b.yaml"}, {"boards/examples/rpi4-bench1.yaml"}};
  }

  private static Fdt tree(String board) {
    return BaseTree.read(
        BoardDefinition.load(Path.of(board)),
        () -> Images.ensure(Path.of("").toAbsolutePath()).kernel(),
        Path.of("boards/base.dtso"));
  }

  /** Those of Raspberry Pi's own kernels stand beside upstream's. */
  @Test(dataProvider = "boards")
  public void aRaspberryPiHasTheLabelsOfOverlaysMadeForIt(String board) {
    Map<String, String> symbols = tree(board).symbols();
    assertEquals(symbols.get("spi0"), symbols.get("spi"));
    assertEquals(symbols.get("i2c_arm"), symbols.get("i2c1"));
    assertEquals(symbols.get("spidev0"), symbols.get("spi") + "/spidev@0");
    assertEquals(symbols.get("spi0_pins"), symbols.get("gpio") + "/lr-spi0-pins");
  }

  @Test(dataProvider = "boards")
  public void eachLabelIsForANode(String board) {
    Fdt tree = tree(board);
    List<String> lost =
        tree.symbols().values().stream().filter(path -> tree.find(path).isEmpty()).toList();
    assertEquals(lost, List.of());
  }

  /** So that base.dtso and overlays mean the same everywhere. */
  @Test
  public void anotherBoardHasNoneOfThese() {
    assertNull(tree("boards/qemu-virt.yaml").symbols().get("spi0"));
  }
}
