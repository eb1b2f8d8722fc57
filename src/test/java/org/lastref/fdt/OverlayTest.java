package org.lastref.fdt;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertNotNull;
import static org.testng.Assert.assertNull;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.lastref.fdt.Overlay.Fixup;
import org.lastref.fdt.Overlay.Target;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What an overlay says, and what it becomes for one base tree. */
public class OverlayTest {
  private final Fdt base = Tools.base();

  @Test
  public void listsFragmentsWithTheirTargets() {
    assertEquals(
        Tools.overlay("update.dtso").fragments().stream().map(Overlay.Fragment::target).toList(),
        List.of(new Target.Label("uart0"), new Target.Label("bus")));
    assertEquals(
        Tools.overlay("paths.dtso").fragments().stream().map(Overlay.Fragment::target).toList(),
        List.of(new Target.Path("/plain"), new Target.Path("/")));
  }

  @Test
  public void listsFixups() {
    Overlay overlay = Tools.overlay("nodes.dtso");
    assertEquals(
        overlay.fixups(),
        Map.of(
            "bus",
            List.of(new Fixup("/fragment@0", "target", 0)),
            "clk",
            List.of(new Fixup("/fragment@0/__overlay__/divider/inner", "clocks", 4)),
            "intc",
            List.of(
                new Fixup("/fragment@0/__overlay__/divider/inner", "interrupts-extended", 0),
                new Fixup("/fragment@0/__overlay__/divider/inner", "interrupts-extended", 12))));
    assertNotNull(overlay.localFixups());
    assertEquals(
        overlay.symbols(),
        Map.of(
            "osc", "/fragment@0/__overlay__/oscillator", "div", "/fragment@0/__overlay__/divider"));
  }

  @Test
  public void hasNoSymbolsWhenCompiledWithout() {
    byte[] blob = new OverlayCompiler().compile(Tools.source("nodes.dtso"), false);
    Overlay overlay = Overlay.of(Fdt.parse(blob, "nodes"));
    assertNull(overlay.symbols());
    assertEquals(overlay.resolve(base).symbols(), Map.of());
  }

  @Test
  public void movesItsPhandlesBehindThoseOfTheBase() {
    ResolvedOverlay resolved = Tools.overlay("nodes.dtso").resolve(base);
    assertEquals(resolved.fragments().size(), 1);
    assertEquals(resolved.fragments().get(0).targetPath(), "/bus@10000");
    Node content = resolved.fragments().get(0).content();
    long osc = content.child("oscillator").orElseThrow().phandle();
    Node divider = content.child("divider").orElseThrow();
    long div = divider.phandle();
    // dtc numbers from 1; the kernel adds the largest phandle, 0x40, and one.
    assertEquals(List.of(osc, div), List.of(0x42L, 0x43L));
    Node inner = divider.child("inner").orElseThrow();
    long clk = base.find("/clock").orElseThrow().phandle();
    assertEquals(divider.property("clocks").orElseThrow().asCells(), List.of(osc));
    assertEquals(inner.property("clocks").orElseThrow().asCells(), List.of(osc, clk, div));
    assertEquals(
        inner.property("interrupts-extended").orElseThrow().asCells(),
        List.of(0x40L, 1L, 2L, 0x40L, 3L, 4L));
    assertEquals(
        resolved.symbols(), Map.of("osc", "/bus@10000/oscillator", "div", "/bus@10000/divider"));
  }

  @Test
  public void resolvesAgainstATreeWithEarlierOverlays() {
    Fdt first = base.apply(Tools.overlay("nodes.dtso").resolve(base));
    ResolvedOverlay second = Tools.overlay("stacked.dtso").resolve(first);
    assertEquals(second.fragments().get(0).targetPath(), "/bus@10000/divider");
    Fdt both = first.apply(second);
    assertEquals(both.name(), "base.dts + nodes.dtso + stacked.dtso");
    List<Long> clocks =
        both.find("/bus@10000/user").orElseThrow().property("clocks").orElseThrow().asCells();
    assertEquals(both.pathOf(clocks.get(0)).orElse(""), "/bus@10000/divider");
    assertEquals(both.pathOf(clocks.get(1)).orElse(""), "/bus@10000/local");
    assertEquals(both.symbols().get("local"), "/bus@10000/local");
  }

  @Test
  public void namesTheRootOnceInTheSymbolsOfARootFragment() {
    assertEquals(
        Tools.overlay("paths.dtso").resolve(base).symbols(),
        Map.of("added", "/plain/child@1", "reg", "/regulator"));
  }

  @Test
  public void doesNotChangeWhatItIsAppliedTo() {
    Node before = base.root();
    Overlay overlay = Tools.overlay("update.dtso");
    Node content = overlay.fragments().get(0).content();
    base.apply(overlay.resolve(base));
    assertEquals(base.root(), Tools.base().root());
    assertEquals(base.root(), before);
    assertEquals(
        content, Tools.overlay("update.dtso").fragments().get(0).content(), "the overlay itself");
  }

  @DataProvider
  public Object[][] unresolvable() {
    return new Object[][] {
      {"&nowhere { };", "node label 'nowhere' not found in live devicetree symbols table"},
      {fragment("target-path = \"/nowhere\";"), "node: /fragment@0, path '/nowhere' not found"},
      {fragment("target = <0x99>;"), "find target, node: /fragment@0, phandle 0x99 not found"},
      {fragment("target = <0>;"), "phandle 0x0 not found"},
      {
        "/ { here { there: there { }; }; };\n" + fragment("target-path = \"/\";"),
        "'there' is for no"
      },
      {"/ { n { phandle = <0xfffffff0>; }; };\n" + fragment("target-path = \"/\";"), "leaves 32"},
    };
  }

  private static String fragment(String target) {
    return "/ { fragment@0 { " + target + " __overlay__ { }; }; };";
  }

  @Test(dataProvider = "unresolvable")
  public void refusesWhatTheKernelRefusesToResolve(String source, String reason)
      throws IOException {
    Overlay overlay = Overlay.of(Tools.tree("/dts-v1/;\n/plugin/;\n" + source));
    assertTrue(Tools.refusal(() -> overlay.resolve(base)).contains(reason), reason);
  }

  @DataProvider
  public Object[][] malformed() {
    return new Object[][] {
      {"/ { };", "no fragments or symbols in overlay"},
      {"/ { fragment@0 { __overlay__ { }; }; };", "node /fragment@0 has no target property"},
      {fixups("label = \"/fragment@0:target\";"), "label 'label' are not path:property:offset"},
      {fixups("label = \"/fragment@0:target:-1\";"), "label 'label' are not path:property:offset"},
      {fixups("label = \"/fragment@0:target:1:1\";"), "not path:property:offset"},
      {fixups("label = \"/fragment@0:target:9999999999\";"), "not path:property:offset"},
      {fixups("label = [61];"), "label 'label' are not path:property:offset"},
    };
  }

  private static String fixups(String fixups) {
    return fragment("target = <1>;").replaceAll(" };$", " __fixups__ { " + fixups + " }; };");
  }

  @Test(dataProvider = "malformed")
  public void refusesWhatIsNoOverlay(String source, String reason) throws IOException {
    Fdt tree = Fdt.parse(Tools.compile("/dts-v1/;\n" + source, false), "tree");
    assertTrue(Tools.refusal(() -> Overlay.of(tree)).contains(reason), reason);
  }

  @DataProvider
  public Object[][] strayFixups() {
    return new Object[][] {
      {fixups("bus = \"/fragment@0:target:1\";"), "offset 1 is outside its 4 bytes"},
      {fixups("bus = \"/fragment@0:nothing:0\";"), "/fragment@0:nothing: no such property"},
      {local("target = <1>;"), "offset 1 is outside its 4 bytes"},
      {local("target = <0xfffffffc>;"), "offset 4294967292 is outside its 4 bytes"},
      {local("target = [00];"), "is not a list of offsets"},
      {local("target;"), "is not a list of offsets"},
      {local("nothing = <0>;"), "no such property"},
      {local("nowhere { };"), "local fixups for 'nowhere': no such node"},
    };
  }

  private static String local(String fixups) {
    return fragment("target = <1>;")
        .replaceAll(" };$", " __local_fixups__ { fragment@0 { " + fixups + " }; }; };");
  }

  @Test(dataProvider = "strayFixups")
  public void refusesFixupsThatPointOutsideTheOverlay(String source, String reason)
      throws IOException {
    Overlay overlay =
        Overlay.of(Fdt.parse(Tools.compile("/dts-v1/;\n" + source, false), "overlay"));
    String message = Tools.refusal(() -> overlay.resolve(base));
    assertTrue(message.contains(reason), message);
  }

  @Test
  public void passesOverFixupsOfNodesThatAreNotThere() throws IOException {
    String source = fixups("bus = \"/nowhere:target:0\", \"/fragment@0:target:0\";");
    Overlay overlay =
        Overlay.of(Fdt.parse(Tools.compile("/dts-v1/;\n" + source, false), "overlay"));
    assertEquals(overlay.resolve(base).fragments().get(0).targetPath(), "/bus@10000");
  }

  @Test
  public void saysWhatToDoWhenTheBaseHasNoSymbols() throws IOException {
    byte[] blob = new OverlayCompiler().compile(Tools.source("base.dts"), false);
    Fdt bare = Fdt.parse(blob, "bare");
    assertTrue(
        Tools.refusal(() -> Tools.overlay("update.dtso").resolve(bare))
            .contains("no symbols in root of device tree; compile the base tree with dtc -@"));
    assertTrue(
        Tools.refusal(() -> Tools.overlay("paths.dtso").resolve(bare))
            .contains("symbols in overlay, but not in live tree; compile the overlay without -@"));
    Overlay bareOverlay =
        Overlay.of(
            Fdt.parse(new OverlayCompiler().compile(Tools.source("paths.dtso"), false), "paths"));
    Node root = bare.apply(bareOverlay.resolve(bare)).root();
    assertNotNull(Objects.requireNonNull(root.child("regulator").orElse(null)));
  }
}
