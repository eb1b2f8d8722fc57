package org.lastref.fdt;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.lastref.fault.InputFault;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * What a loader makes of an overlay with parameters, dormant fragments and fragments for itself.
 */
public class LoaderTest {

  private static final Path FOLDER = Path.of("src/test/resources/fdt");
  private static final Fdt TREE = compiled("parameters");
  private static final String CHIP = "/fragment@0/__overlay__/chip@68";

  private static Fdt compiled(String name) {
    Path source = FOLDER.resolve(name + ".dtso");
    return Fdt.parse(new OverlayCompiler().compile(source, true), name);
  }

  private static Fdt loaded(String name, String value) {
    return Loader.load(TREE, Map.of(name, value));
  }

  private static Fdt loaded() {
    return Loader.load(TREE, Map.of());
  }

  private static String value(Fdt tree, String node, String property) {
    return tree.find(node).orElseThrow().property(property).map(Property::toString).orElse("none");
  }

  private static String hex(String property, String text) {
    return property
        + " = ["
        + (text + "\0").chars().mapToObj("%02x"::formatted).collect(Collectors.joining())
        + "]";
  }

  /** The places that need a label of the base tree. */
  private static List<Overlay.Fixup> fixups(Fdt tree, String label) {
    return fixups(tree).getOrDefault(label, List.of());
  }

  /** The labels that a kernel has to find, and the places that need them. */
  private static Map<String, List<Overlay.Fixup>> fixups(Fdt tree) {
    return Objects.requireNonNull(Overlay.of(tree).fixups());
  }

  @DataProvider
  static Object[][] forms() {
    return new Object[][] {
      {"label", "second", "label", hex("label", "second")},
      {"label", "tab\\x09", "label", hex("label", "tab\t")},
      {"kind", "two", "compatible", hex("compatible", "vendor,two")},
      {"kind", "three", "compatible", hex("compatible", "none")},
      {"like", "a", "label", hex("label", "a")},
      {"like", "b", "label", hex("label", "bee")},
      {"like", "c", "label", hex("label", "c")},
      {"strict", "high", "cells", "cells = [000000020000000200000003]"},
      {"enable", "on", "status", hex("status", "okay")},
      {"enable", "0", "status", hex("status", "disabled")},
      {"enable", "fail", "status", hex("status", "fail")},
      {"byte", "0xff", "bytes", "bytes = [01ff03]"},
      {"half", "010", "halves", "halves = [00010008]"},
      {"cell", "-1", "cells", "cells = [00000001ffffffff00000003]"},
      {"cell", "up", "cells", "cells = [000000010000000200000003]"},
      {"wide", "0x100000000", "wide", "wide = [00000000000000010000000100000000]"},
      {"wakeup", "off", "wakeup", "none"},
      {"wakeup", "1", "wakeup", "wakeup = []"},
      {"sleepy", "yes", "wakeup", "none"},
      {"mac", "b8:27:eb", "mac", "mac = [b827eb]"},
      {"fixed", "", "label", hex("label", "always")},
      {"fixed", "", "cells", "cells = [00000007000000020000002a]"},
      {"args", "splash", "bootargs", hex("bootargs", "quiet splash")},
      {"nothing", "", "label", hex("label", "first")},
    };
  }

  @Test(dataProvider = "forms")
  public void aParameterWrites(String name, String value, String property, String expected) {
    assertEquals(value(loaded(name, value), CHIP, property), expected);
  }

  @Test
  public void aParameterMayWriteToSeveralPlacesAndMakeThem() {
    assertEquals(
        value(loaded("cell", "9"), "/fragment@0/__overlay__/own@20", "copy"),
        "copy = [0000000000000009]");
  }

  @Test
  public void anAddressIsInTheNameToo() {
    Fdt tree = loaded("addr", "0x51");
    assertEquals(value(tree, "/fragment@0/__overlay__/chip@51", "reg"), "reg = [00000051]");
    assertEquals(
        fixups(tree, "gpio").stream().map(Overlay.Fixup::path).distinct().toList(),
        List.of("/fragment@0/__overlay__/chip@51"));
  }

  @Test
  public void aNodeMayBeRenamed() {
    assertTrue(loaded("called", "other").find("/fragment@0/__overlay__/other").isPresent());
  }

  @Test
  public void aLabelMayBeReplacedByAnother() {
    Fdt tree = loaded("line", "17");
    assertEquals(fixups(tree, "expander"), List.of(new Overlay.Fixup(CHIP, "lines", 0)));
    assertEquals(fixups(tree, "gpio"), List.of(new Overlay.Fixup(CHIP, "more", 0)));
    assertTrue(value(tree, CHIP, "lines").startsWith("lines = [ffffffff00000011"));
  }

  @Test
  public void aTableMayHaveLabels() {
    Fdt tree = loaded("where", "1");
    assertEquals(fixups(tree, "spi1"), List.of(new Overlay.Fixup("/fragment@1", "target", 0)));
    assertFalse(fixups(tree).containsKey("spi"));
  }

  @Test
  public void whatIsDormantIsGoneWithItsLabels() {
    assertEquals(
        Overlay.of(loaded()).fragments().stream().map(Overlay.Fragment::name).toList(),
        List.of("fragment@0"));
    assertEquals(fixups(loaded()).keySet(), Set.of("gpio", "i2c"));
  }

  @Test
  public void fragmentsAreTurnedOnAndOff() {
    assertEquals(
        Overlay.of(Loader.load(TREE, Map.of("extra", "on"))).fragments().stream()
            .map(Overlay.Fragment::name)
            .toList(),
        List.of("fragment@3"));
    assertEquals(
        Overlay.of(loaded("both", "")).fragments().stream().map(Overlay.Fragment::name).toList(),
        List.of("fragment@0", "fragment@1", "fragment@3"));
  }

  @Test
  public void aFragmentForTheOverlayItselfIsMergedWithItsReferences() {
    Fdt tree = loaded();
    assertTrue(tree.find(CHIP + "/part").isPresent());
    Node local = Objects.requireNonNull(Overlay.of(tree).localFixups());
    assertEquals(
        local
            .child("fragment@0")
            .flatMap(each -> each.child("__overlay__"))
            .flatMap(each -> each.child("chip@68"))
            .flatMap(each -> each.child("part"))
            .flatMap(each -> each.property("supply"))
            .map(Property::asCells),
        Optional.of(List.of(0L)));
  }

  @Test
  public void onlyWhatIsExportedKeepsItsLabel() {
    assertEquals(Overlay.of(loaded()).symbols(), Map.of("below", CHIP + "/part"));
  }

  @Test
  public void whatIsWrittenIsReadAgain() {
    Fdt tree = loaded("addr", "0x51");
    assertEquals(Fdt.parse(tree.blob(), "again").root(), tree.root());
  }

  @Test
  public void anOverlayForAKernelNeedsNoLoader() {
    assertTrue(Loader.isFor(TREE));
    assertFalse(Loader.isFor(compiled("nodes")));
    assertFalse(Loader.isFor(loaded()));
  }

  @DataProvider
  static Object[][] wrong() {
    return new Object[][] {
      {"speed", "1", "has no parameter speed, but label, kind, like"},
      {"cell", "fast", "parameter cell: \"fast\" is no number"},
      {"byte", "256", "parameter byte: 256 does not fit the 1 bytes of bytes"},
      {"wakeup", "maybe", "parameter wakeup: \"maybe\" is neither on nor off"},
      {"strict", "middle", "parameter strict: it has no \"middle\", but low, high"},
      {"mac", "b8:2", "parameter mac: \"b8:2\" is no list of up to 32 bytes"},
      {"called", "a/b", "parameter called: \"a/b\" is no name of a node"},
      {"called", "chip@68", "two nodes are /fragment@0/__overlay__/chip@68"},
      {"label", "\\q", "parameter label: \"\\q\" has an escape that is none"},
      {"far", "1", "parameter far: it would make the overlay larger than 2097152 bytes"},
      {"wide", "0x1ffffffffffffffff", "\"0x1ffffffffffffffff\" is no number"},
    };
  }

  @Test(dataProvider = "wrong")
  public void whatDoesNotFitIsSaid(String name, String value, String message) {
    InputFault fault = expectThrows(InputFault.class, () -> loaded(name, value));
    assertTrue(fault.getMessage().contains(message), fault.getMessage());
  }

  @Test
  public void anOverlayWithoutParametersHasNone() {
    InputFault fault =
        expectThrows(InputFault.class, () -> Loader.load(compiled("nodes"), Map.of("speed", "1")));
    assertTrue(fault.getMessage().contains("has no parameters"), fault.getMessage());
  }
}
