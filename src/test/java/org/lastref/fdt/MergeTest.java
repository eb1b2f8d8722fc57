package org.lastref.fdt;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.lastref.fdt.ResolvedOverlay.ResolvedFragment;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Merged trees: as fdtoverlay merges them, but for what the kernel does otherwise. */
public class MergeTest {
  private final Fdt base = Tools.base();

  @DataProvider
  public Object[][] overlays() {
    return new Object[][] {
      {List.of("nodes.dtso")},
      {List.of("paths.dtso")},
      {List.of("update.dtso")},
      {List.of("nodes.dtso", "paths.dtso", "update.dtso", "stacked.dtso")},
    };
  }

  @Test(dataProvider = "overlays")
  public void mergesAsFdtoverlayDoes(List<String> names) throws IOException {
    Fdt ours = base;
    for (String name : names) {
      // fdtoverlay moves phandles by one less than the kernel.
      ours = ours.apply(new Resolver(ours, Tools.overlay(name), ours.maxPhandle()).resolve());
    }
    byte[][] blobs = names.stream().map(Tools::blob).toArray(byte[][]::new);
    Fdt theirs = Tools.fdtoverlay(Tools.blob("base.dts"), blobs);
    assertEquals(Tools.sorted(ours.root()), Tools.sorted(theirs.root()));
    assertEquals(ours.reservations(), theirs.reservations());
  }

  @Test
  public void putsNewNodesBeforeTheOldOnes() {
    Fdt merged = base.apply(Tools.overlay("nodes.dtso").resolve(base));
    assertEquals(
        merged.find("/bus@10000").orElseThrow().children().stream().map(Node::name).toList(),
        List.of("divider", "oscillator", "interrupt-controller@0", "serial@100"));
  }

  @Test
  public void keepsThePhandleOfATarget() throws IOException {
    Fdt merged = merge("&bus { phandle = <0x77>; };");
    assertEquals(
        merged.find("/bus@10000").orElseThrow().phandle(),
        base.find("/bus@10000").orElseThrow().phandle());
  }

  @Test
  public void comparesNamesOfNodesWithoutCase() throws IOException {
    Fdt merged = merge("&bus { SERIAL@100 { added; }; };");
    assertTrue(merged.find("/bus@10000/serial@100").flatMap(n -> n.property("added")).isPresent());
  }

  @DataProvider
  public Object[][] refused() {
    return new Object[][] {
      {
        "&bus { #size-cells = <2>; };", "changing value of #size-cells is not allowed in /bus@10000"
      },
      {"&bus { x: interrupt-controller@0 { }; };", "has a phandle in the tree and another in the"},
      {"&{/bus@10000} { bus: new { }; };", "label 'bus' is in the tree's __symbols__ already"},
    };
  }

  @Test(dataProvider = "refused")
  public void refusesWhatTheKernelRefusesToApply(String source, String reason) {
    String message = Tools.refusal(() -> merge(source));
    assertTrue(message.contains(reason), message);
  }

  @Test
  public void refusesToNestDeeperThanABlobMay() {
    base.apply(chainUnderBus(Fdt.MAX_DEPTH - 2));
    String message = Tools.refusal(() -> base.apply(chainUnderBus(Fdt.MAX_DEPTH - 1)));
    assertTrue(message.contains("nested deeper than 63"), message);
  }

  private static ResolvedOverlay chainUnderBus(int length) {
    Node content = new Node("__overlay__", List.of(), List.of(chain(length)));
    return new ResolvedOverlay(
        "deep", List.of(new ResolvedFragment("/bus@10000", content)), Map.of());
  }

  @Test
  public void refusesNodesAndPropertiesOfTwoFragments() {
    String node =
        Tools.refusal(() -> base.apply(Tools.overlay("duplicate-node.dtso").resolve(base)));
    assertTrue(node.contains("multiple fragments add and/or delete node /bus@10000/twice"), node);
    String property =
        Tools.refusal(() -> base.apply(Tools.overlay("duplicate-property.dtso").resolve(base)));
    assertTrue(
        property.contains(
            "multiple fragments add, update, and/or delete property"
                + " /bus@10000/serial@100/status"),
        property);
  }

  @Test
  public void refusesAnOverlayThatWasResolvedForAnotherTree() {
    Fdt first = base.apply(Tools.overlay("nodes.dtso").resolve(base));
    ResolvedOverlay stacked = Tools.overlay("stacked.dtso").resolve(first);
    String message = Tools.refusal(() -> base.apply(stacked));
    assertTrue(message.contains("there is no node /bus@10000/divider"), message);
  }

  private Fdt merge(String source) throws IOException {
    return base.apply(Overlay.of(Tools.tree("/dts-v1/;\n/plugin/;\n" + source)).resolve(base));
  }

  private static Node chain(int length) {
    return new Node("n", List.of(), length == 1 ? List.of() : List.of(chain(length - 1)));
  }
}
