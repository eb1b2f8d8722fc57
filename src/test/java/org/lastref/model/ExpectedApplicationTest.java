package org.lastref.model;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.lastref.Recorded;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.OverlayCompiler;
import org.lastref.fdt.OverlaySource;
import org.lastref.model.AppliedOverlay.Change;
import org.lastref.model.AppliedOverlay.Device;
import org.lastref.model.AppliedOverlay.Known;
import org.lastref.model.AppliedOverlay.Link;
import org.lastref.model.AppliedOverlay.Wanting;
import org.testng.annotations.Test;

/** What is expected of overlays as they are used: buses, switched nodes, pins, lines. */
public class ExpectedApplicationTest {

  private static final Path FOLDER = Path.of("src/test/resources/application");
  private static final Fdt BOARD =
      Fdt.parse(new OverlayCompiler().compile(FOLDER.resolve("base.dts"), true), "board");

  private static AppliedOverlay applied(Fdt base, Kernel kernel, String overlay) {
    return new OverlayApplier(base, kernel)
        .apply(OverlaySource.of(FOLDER.resolve(overlay + ".dtso")).overlay());
  }

  private static AppliedOverlay onMachine(String overlay) {
    return applied(Recorded.base(), Kernel.LINUX_6_1, overlay);
  }

  private static AppliedOverlay onBoard(String overlay) {
    return applied(BOARD, Kernel.LINUX_6_1, overlay);
  }

  /** The devices as device links name them, by their nodes. */
  private static Map<String, String> devices(AppliedOverlay applied) {
    Map<String, String> devices = new TreeMap<>();
    applied.devices().forEach(each -> devices.put(each.path(), each.bus().inLinks(each.name())));
    return devices;
  }

  private static List<String> links(AppliedOverlay applied) {
    return applied.links().stream().map(Link::name).toList();
  }

  private static Wanting wanting(AppliedOverlay applied, String path) {
    return applied.wanting().stream()
        .filter(each -> each.path().equals(path))
        .findFirst()
        .orElseThrow(() -> new AssertionError(path + " is not wanting: " + applied.wanting()));
  }

  @Test
  public void chipsBelowAnAdapterOfTheOverlayAreI2cDevicesWhoseNumberIsOpen() {
    assertEquals(
        devices(onMachine("i2c")),
        Map.of(
            "/lr-gpio", "platform:lr-gpio",
            "/lr-osc", "platform:lr-osc",
            "/lr-i2c", "platform:lr-i2c",
            "/lr-i2c/lr-sensor@48", "i2c:/lr-i2c/lr-sensor@48",
            "/lr-i2c/lr-other@50", "i2c:/lr-i2c/lr-other@50"));
  }

  @Test
  public void theAdapterItselfIsKnownAndItsChipsAreNot() {
    AppliedOverlay applied = onMachine("i2c");
    assertTrue(wanting(applied, "/lr-i2c").modelled());
    assertTrue(applied.deviceOf("/lr-i2c").map(Device::bound).orElse(false));
    assertEquals(wanting(applied, "/lr-i2c/lr-sensor@48").bus(), Optional.of(Bus.I2C));
    assertFalse(wanting(applied, "/lr-i2c/lr-sensor@48").modelled());
    assertFalse(applied.isModelled());
  }

  @Test
  public void chipsHaveLinksToTheirSuppliersAsAnyDevice() {
    assertTrue(links(onMachine("i2c")).contains("platform:lr-osc--i2c:/lr-i2c/lr-other@50"));
  }

  @Test
  public void whatHasAnOpenNameIsNotWatchedByIt() {
    assertEquals(
        List.copyOf(onMachine("i2c").watchedDevices()), List.of("lr-gpio", "lr-i2c", "lr-osc"));
  }

  /** Without its driver an adapter makes nothing, and nobody knows what another one would. */
  @Test
  public void aKernelWithoutTheDriverMakesNoChips() {
    AppliedOverlay applied =
        applied(
            Recorded.base(), Kernel.of("other", symbol -> !symbol.equals("i2c_gpio_probe")), "i2c");
    assertFalse(wanting(applied, "/lr-i2c").modelled());
    assertEquals(wanting(applied, "/lr-i2c/lr-sensor@48").bus(), Optional.empty());
  }

  @Test
  public void chipsBelowAnSpiControllerOfTheOverlayAreSpiDevices() {
    assertEquals(
        devices(onMachine("spi")),
        Map.of(
            "/lr-gpio", "platform:lr-gpio",
            "/lr-spi", "platform:lr-spi",
            "/lr-spi/lr-dac@0", "spi:/lr-spi/lr-dac@0",
            "/lr-spi/lr-other@1", "spi:/lr-spi/lr-other@1"));
  }

  /** An alias gives the bus its number, and so the devices their names. */
  @Test
  public void chipsBelowControllersOfTheBaseAreNamedWhereThoseHaveAnAlias() {
    assertEquals(
        devices(onBoard("below-base")),
        Map.of(
            "/i2c/lr-sensor@48", "i2c:5-0048",
            "/i2c/lr-ten@150", "i2c:5-a150",
            "/spi/lr-dac@1", "spi:spi3.1",
            "/soc/lr-knob@9000", "platform:3f009000.lr-knob"));
  }

  @Test
  public void ofAnUnknownParentNothingIsExpected() {
    assertEquals(wanting(onBoard("below-base"), "/soc/bus@4000/lr-child").bus(), Optional.empty());
  }

  /** And what is no device, like a group of pins, by the device above it. */
  @Test
  public void whatIsInTheBaseIsASupplierByItsOwnName() {
    assertEquals(
        Set.copyOf(links(onBoard("below-base"))),
        Set.of(
            "i2c:5-0020--platform:3f009000.lr-knob",
            "platform:3f001000.gpio--platform:3f009000.lr-knob"));
  }

  @Test
  public void aNodeThatIsSwitchedOnIsWantedWithWhatIsBelowIt() {
    AppliedOverlay applied = onBoard("switched-on");
    assertEquals(
        applied.wanting(),
        List.of(
            new Wanting(
                "/soc/i2c@2000",
                List.of("brcm,bcm2835-i2c"),
                Known.READ,
                Optional.of(Bus.PLATFORM)),
            new Wanting(
                "/soc/i2c@2000/lr-clock@68",
                List.of("maxim,ds3231"),
                Known.NOT,
                Optional.of(Bus.I2C)),
            new Wanting(
                "/soc/i2c@2000/eeprom@50",
                List.of("atmel,24c02"),
                Known.NOT,
                Optional.of(Bus.I2C))));
    assertEquals(switched(applied, Change.SWITCHED_ON), List.of("/soc/i2c@2000"));
    assertFalse(applied.isModelled());
  }

  private static List<String> switched(AppliedOverlay applied, Change how) {
    return applied.nodes().stream()
        .filter(node -> node.change() == how)
        .map(AppliedOverlay.ChangedNode::path)
        .toList();
  }

  /** What is below is the overlay's, and the switched node the base's. */
  @Test
  public void theDevicesOfTheBaseAreNoneOfTheOverlays() {
    assertEquals(devices(onBoard("switched-on")).keySet(), Set.of("/soc/i2c@2000/lr-clock@68"));
  }

  @Test
  public void aNodeThatIsSwitchedOffIsWantedNoMore() {
    AppliedOverlay applied = onBoard("switched-off");
    assertEquals(applied.wanting(), List.of());
    assertEquals(switched(applied, Change.SWITCHED_OFF), List.of("/i2c"));
    assertEquals(applied.devices(), List.of());
  }

  /** The one that is applied later finds no adapter. */
  @Test
  public void belowWhatWasSwitchedOffNothingIsMade() {
    OverlayApplier applier = new OverlayApplier(BOARD, Kernel.LINUX_6_1);
    applier.apply(OverlaySource.of(FOLDER.resolve("switched-off.dtso")).overlay());
    AppliedOverlay applied =
        applier.apply(OverlaySource.of(FOLDER.resolve("below-base.dtso")).overlay());
    assertFalse(devices(applied).containsKey("/i2c/lr-sensor@48"), "" + devices(applied));
  }

  @Test
  public void hogsAreNoDevices() {
    AppliedOverlay applied = onMachine("hog");
    assertEquals(devices(applied), Map.of("/lr-gpio", "platform:lr-gpio"));
    assertEquals(applied.wanting().size(), 1);
    assertTrue(applied.isModelled());
  }

  @Test
  public void pinsAndPropertiesAloneWantNothing() {
    AppliedOverlay applied = onBoard("pins");
    assertEquals(applied.devices(), List.of());
    assertEquals(applied.wanting(), List.of());
    assertFalse(applied.does(Change.SWITCHED_ON));
  }

  /** Only a bus makes devices of the AMBA bus; a notifier makes one of the platform's. */
  @Test
  public void primecellsBelowABusAreAmbaDevices() {
    assertEquals(
        devices(onMachine("amba")),
        Map.of(
            "/lr-bus", "platform:lr-bus",
            "/lr-bus/lr-cell@1000", "amba:70001000.lr-cell",
            "/lr-bus/lr-placeless", "platform:lr-bus:lr-placeless",
            "/lr-single", "platform:lr-single"));
  }

  /** Its driver leaves to the boot what is below it. */
  @Test
  public void aSimpleBusOfAnOverlayMakesNoDevices() {
    assertEquals(devices(onMachine("simple-bus")), Map.of("/lr-bus", "platform:lr-bus"));
  }
}
