package org.lastref.model;

import static org.testng.Assert.assertEquals;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lastref.Recorded;
import org.lastref.fdt.OverlaySource;
import org.lastref.model.AppliedOverlay.Change;
import org.lastref.model.AppliedOverlay.ChangedNode;
import org.lastref.model.AppliedOverlay.Device;
import org.lastref.model.AppliedOverlay.Link;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * What each overlay becomes. The expectations were read off traces of Linux 6.1.192: gets by {@code
 * of_changeset_action}, {@code device_add}, {@code device_link_add} and the drivers, and links
 * released before the removal.
 */
public class OverlayApplierTest {

  /**
   * What an overlay should become; words are separated by blanks.
   *
   * @param nodes path and number of entries, in the order of the changeset
   * @param devices in the order of their creation
   * @param unbound those of the devices to which no driver binds
   * @param links supplier and consumer, in the order of their creation
   * @param dropped the same, in any order
   * @param held the nodes that drivers hold, in any order
   */
  private record Expected(
      String nodes, String devices, String unbound, String links, String dropped, String held) {}

  private static final Map<String, Expected> EXPECTED =
      Map.ofEntries(
          Map.entry(
              "devlink/autoremove-pair",
              new Expected(
                  "/lr-source=3 /lr-sink=4", "lr-source lr-sink", "", "lr-source>lr-sink", "", "")),
          Map.entry(
              "devlink/sleepy-release",
              new Expected(
                  "/lr-source=4 /lr-sink=4", "lr-source lr-sink", "", "lr-source>lr-sink", "", "")),
          Map.entry(
              "devlink/autoremove-fan",
              new Expected(
                  "/lr-early=4 /lr-osc=6 /lr-source=3 /lr-late=5",
                  "lr-early lr-osc lr-source lr-late",
                  "",
                  "lr-osc>lr-early lr-source>lr-early lr-osc>lr-late lr-source>lr-late",
                  "",
                  "/lr-osc")),
          Map.entry(
              "base-supplier",
              new Expected("/lr-io=7", "lr-io", "", "lr-base-main>lr-io", "", "/lr-io")),
          Map.entry(
              "chain",
              new Expected(
                  "/lr-osc=6 /lr-div=8 /lr-reg=7",
                  "lr-osc lr-div lr-reg",
                  "",
                  "lr-osc>lr-div lr-div>lr-reg",
                  "",
                  "/lr-osc /lr-div /lr-reg")),
          Map.entry(
              "consumer-first",
              new Expected(
                  "/lr-div=7 /lr-osc=6",
                  "lr-div lr-osc",
                  "",
                  "lr-osc>lr-div",
                  "",
                  "/lr-osc /lr-div")),
          Map.entry(
              "cycle",
              new Expected(
                  "/lr-osc=7 /lr-div=8",
                  "lr-osc lr-div",
                  "",
                  "",
                  "lr-div>lr-osc lr-osc>lr-div",
                  "/lr-div /lr-osc")),
          Map.entry(
              "diamond",
              new Expected(
                  "/lr-osc=6 /lr-left=8 /lr-right=8 /lr-reg=7",
                  "lr-osc lr-left lr-right lr-reg",
                  "",
                  "lr-osc>lr-left lr-osc>lr-right lr-right>lr-reg lr-left>lr-reg",
                  "",
                  "/lr-osc /lr-left /lr-right /lr-reg")),
          Map.entry(
              "disabled",
              new Expected(
                  "/lr-osc=6 /lr-off=7 /lr-waits=7 /lr-runs=7",
                  "lr-osc lr-waits lr-runs",
                  "",
                  "lr-osc>lr-runs",
                  "",
                  "/lr-osc /lr-waits /lr-runs")),
          Map.entry(
              "fan-in",
              new Expected(
                  "/lr-osc1=6 /lr-osc2=6 /lr-osc3=6 /lr-osc4=6 /lr-osc5=6 /lr-reg=7",
                  "lr-osc1 lr-osc2 lr-osc3 lr-osc4 lr-osc5 lr-reg",
                  "",
                  "lr-osc5>lr-reg lr-osc4>lr-reg lr-osc3>lr-reg lr-osc2>lr-reg lr-osc1>lr-reg",
                  "",
                  "/lr-osc1 /lr-osc2 /lr-osc3 /lr-osc4 /lr-osc5 /lr-reg")),
          Map.entry(
              "fan-out",
              new Expected(
                  "/lr-osc=6 /lr-div1=7 /lr-div2=7 /lr-div3=7 /lr-div4=7 /lr-div5=7",
                  "lr-osc lr-div1 lr-div2 lr-div3 lr-div4 lr-div5",
                  "",
                  "lr-osc>lr-div1 lr-osc>lr-div2 lr-osc>lr-div3 lr-osc>lr-div4 lr-osc>lr-div5",
                  "",
                  "/lr-osc /lr-div1 /lr-div2 /lr-div3 /lr-div4 /lr-div5")),
          Map.entry(
              "leds",
              new Expected(
                  "/lr-gpio=3 /lr-gpio/lr-bank=6 /lr-leds=3 /lr-leds/lr-red=4 /lr-leds/lr-green=4",
                  "lr-gpio lr-leds",
                  "",
                  "",
                  "lr-gpio>lr-leds",
                  "/lr-gpio/lr-bank")),
          Map.entry(
              "nested",
              new Expected(
                  "/lr-bus=6 /lr-bus/lr-osc=6 /lr-bus/lr-div=7",
                  "lr-bus lr-bus:lr-div lr-bus:lr-osc",
                  "",
                  "lr-bus>lr-bus:lr-div",
                  "",
                  "/lr-bus/lr-osc /lr-bus/lr-div")),
          Map.entry("one-node", new Expected("/lr-osc=5", "lr-osc", "", "", "", "/lr-osc")),
          Map.entry(
              "pair",
              new Expected(
                  "/lr-osc=6 /lr-div=7",
                  "lr-osc lr-div",
                  "",
                  "lr-osc>lr-div",
                  "",
                  "/lr-osc /lr-div")),
          Map.entry("properties", new Expected("/lr-base-main=2", "", "", "", "", "")),
          Map.entry(
              "stacked",
              new Expected(
                  "/lr-osc=6 /lr-div=7",
                  "lr-osc lr-div",
                  "",
                  "lr-osc>lr-div",
                  "",
                  "/lr-osc /lr-div")),
          Map.entry(
              "stacked-upper",
              new Expected(
                  "/lr-osc/lr-note=3 /lr-osc2=6 /lr-div2=7",
                  "lr-osc2 lr-div2",
                  "",
                  "lr-osc2>lr-div2",
                  "",
                  "/lr-osc2 /lr-div2")),
          Map.entry(
              "supply",
              new Expected(
                  "/lr-main=7 /lr-io=7",
                  "lr-main lr-io",
                  "",
                  "lr-main>lr-io",
                  "",
                  "/lr-main /lr-io")));

  @DataProvider
  public Object[][] overlays() {
    return new TreeSet<>(EXPECTED.keySet())
        .stream()
            .map(name -> new Object[] {name, populated(name), EXPECTED.get(name)})
            .toArray(Object[][]::new);
  }

  /** The uppermost overlay's part, once all of the stack is applied. */
  static AppliedOverlay populated(String overlay) {
    OverlayApplier populator = new OverlayApplier(Recorded.base(), Kernel.LINUX_6_1);
    return Recorded.shape(overlay).stack().stream()
        .map(OverlaySource::overlay)
        .map(populator::apply)
        .reduce((below, above) -> above)
        .orElseThrow();
  }

  @Test
  public void everyOverlayOfTheRepositoryIsExpected() {
    assertEquals(
        Stream.concat(
                OverlaySource.all(Path.of("overlays")).stream().map(OverlaySource::name),
                OverlaySource.all(Path.of("overlays/devlink")).stream()
                    .map(shape -> "devlink/" + shape.name()))
            .collect(Collectors.toSet()),
        EXPECTED.keySet());
  }

  @Test(dataProvider = "overlays")
  public void countsTheEntriesOfEachNode(
      String name, AppliedOverlay population, Expected expected) {
    assertEquals(
        words(population.nodes(), node -> node.path() + "=" + node.entries()), expected.nodes());
  }

  @Test(dataProvider = "overlays")
  public void makesTheKernelsDevices(String name, AppliedOverlay population, Expected expected) {
    assertEquals(words(population.devices(), Device::name), expected.devices());
  }

  @Test(dataProvider = "overlays")
  public void bindsTheKernelsDrivers(String name, AppliedOverlay population, Expected expected) {
    assertEquals(
        words(population.devices().stream().filter(d -> !d.bound()).toList(), Device::name),
        expected.unbound());
  }

  @Test(dataProvider = "overlays")
  public void keepsTheKernelsLinks(String name, AppliedOverlay population, Expected expected) {
    assertEquals(words(population.links(), OverlayApplierTest::ends), expected.links());
  }

  @Test(dataProvider = "overlays")
  public void dropsTheKernelsLinks(String name, AppliedOverlay population, Expected expected) {
    List<String> dropped = population.dropped().stream().map(OverlayApplierTest::ends).toList();
    assertEquals(new HashSet<>(dropped), set(expected.dropped()));
    assertEquals(dropped.size(), set(expected.dropped()).size());
  }

  @Test(dataProvider = "overlays")
  public void holdsTheNodesThatDriversHold(
      String name, AppliedOverlay population, Expected expected) {
    Set<String> held =
        population.devices().stream()
            .flatMap(device -> device.holds().stream())
            .map(AppliedOverlay.NodeHold::path)
            .collect(Collectors.toSet());
    assertEquals(held, set(expected.held()));
  }

  @Test
  public void tellsAChangedNodeFromAnAddedOne() {
    assertEquals(
        populated("properties").nodes(),
        List.of(new ChangedNode("/lr-base-main", 2, Change.PROPERTIES)));
  }

  @Test
  public void takesTheChildOfAGpioControllerForHeldByItsParentsDriver() {
    assertEquals(
        populated("leds").deviceOf("/lr-gpio").orElseThrow().holds(),
        List.of(
            new AppliedOverlay.NodeHold(
                "/lr-gpio/lr-bank", "of_gpiochip_add", "of_gpiochip_remove", false)));
  }

  @Test
  public void leavesADisabledNodeWithoutADevice() {
    assertEquals(populated("disabled").deviceOf("/lr-off").isPresent(), false);
  }

  @Test
  public void watchesTheSupplierOutsideOfTheOverlay() {
    assertEquals(populated("base-supplier").watchedDevices(), Set.of("lr-base-main", "lr-io"));
  }

  @Test
  public void namesALinkAsTheKernelDoes() {
    assertEquals(
        populated("nested").links().stream().map(Link::name).toList(),
        List.of("platform:lr-bus--platform:lr-bus:lr-div"));
  }

  private static String ends(Link link) {
    return link.supplier() + ">" + link.consumer();
  }

  private static <T> String words(List<T> list, Function<T, String> word) {
    return list.stream().map(word).collect(Collectors.joining(" "));
  }

  private static Set<String> set(String words) {
    return Arrays.stream(words.split(" ", -1))
        .flatMap(word -> word.isEmpty() ? Stream.empty() : Stream.of(word))
        .collect(Collectors.toSet());
  }
}
