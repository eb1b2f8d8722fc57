package org.lastref.target;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.lastref.fault.LabFault;
import org.lastref.image.KernelBuild;
import org.lastref.image.Symbols;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The probes that go to a board. */
public class ProbesTest {

  private static final Map<String, String> OFFSETS =
      Map.of(
          "device_node.full_name", "16",
          "device_node._flags", "288",
          "device_node.kobj", "128",
          "kobject.name", "0",
          "kobject.ktype", "40",
          "kobject.kref", "56");

  /** As {@code System.map} has it. */
  private static final List<String> SYMBOLS =
      List.of(
          "ffffffc00806c7d4 T srcu_barrier",
          "ffffffc00806cfb0 T call_srcu",
          "ffffffc00806d094 T synchronize_srcu",
          "ffffffc0081d3244 T device_link_wait_removal",
          "ffffffc0081d4ad0 t device_link_release_fn",
          "ffffffc0081d4b04 t __device_link_free_srcu",
          "ffffffc0081d5088 t devlink_dev_release",
          "ffffffc0081dbc4c t platform_device_release",
          "ffffffc008268824 T of_changeset_destroy",
          "ffffffc008269050 T of_node_release",
          "ffffffc00826c4ac T of_overlay_remove",
          "ffffffc00826cd94 T of_overlay_fdt_apply",
          "ffffffc008335914 T kobject_get",
          "ffffffc008335b8c T kobject_put",
          "ffffffc00852e8d8 d device_ktype",
          "ffffffc00852e998 d device_links_srcu",
          "ffffffc008533518 D of_node_ktype");

  /** Of its own only where releases are late. */
  private static final List<String> LATE_SYMBOLS =
      List.of("ffffffc008335a00 t kobject_release", "ffffffc008335a80 t kobject_cleanup");

  private static final Pattern LETS_GO =
      Pattern.compile(
          ".* (device_link_wait_removal|device_link_release_fn|__device_link_free_srcu"
              + "|devlink_dev_release)");

  private static List<String> lines(Map<String, String> offsets) {
    List<String> all = Stream.concat(SYMBOLS.stream(), LATE_SYMBOLS.stream()).toList();
    return lines(offsets, all, false);
  }

  private static List<String> lines(
      Map<String, String> offsets, List<String> symbols, boolean own) {
    return probes(offsets, symbols, own).lines().lines().toList();
  }

  private static Probes probes(Map<String, String> offsets, List<String> symbols, boolean own) {
    KernelBuild.Provenance provenance =
        new KernelBuild.Provenance("", "", own, "6.1", KernelBuild.PLAIN, "", "", 1, 1, Map.of());
    Symbols map = Symbols.of(String.join("\n", symbols) + "\n");
    return new Probes(new KernelBuild(Path.of("kernel"), offsets, map, provenance));
  }

  /** All that a kernel without a symbol is told when a case is run on it. */
  private static String toldWithout(String symbol, boolean own) {
    List<String> symbols = SYMBOLS.stream().filter(line -> !line.endsWith(" " + symbol)).toList();
    Probes probes = probes(OFFSETS, symbols, own);
    return probes.lines() + probes.nodeFilter(List.of()) + probes.deviceFilter(List.of("lr-div"));
  }

  @DataProvider
  static Object[][] symbols() {
    return SYMBOLS.stream()
        .map(line -> new Object[] {line.replaceFirst(".* ", "")})
        .toArray(Object[][]::new);
  }

  @Test(dataProvider = "symbols")
  public void saysWhatAKernelOfOursLacks(String symbol) {
    LabFault fault = expectThrows(LabFault.class, () -> toldWithout(symbol, false));
    assertTrue(fault.getMessage().contains(symbol), fault.getMessage());
  }

  @Test(dataProvider = "symbols")
  public void anOwnKernelMayLackNothingButHowLinksLetGo(String symbol) {
    if (LETS_GO.matcher(" " + symbol).matches()) {
      assertFalse(toldWithout(symbol, true).contains(symbol));
    } else {
      assertThrows(LabFault.class, () -> toldWithout(symbol, true));
    }
  }

  @Test
  public void saysThatAKernelThatDelaysReleasesLacksThem() {
    Map<String, String> late = new HashMap<>(OFFSETS);
    late.put("kobject.release", "64");
    LabFault fault = expectThrows(LabFault.class, () -> lines(late, SYMBOLS, false));
    assertEquals(
        fault.getMessage(),
        "the kernel in kernel has no function kobject_release, whose calls are watched");
  }

  @Test
  public void watchesOfAnOwnKernelOnlyTheFunctionsThatItHas() {
    List<String> some =
        SYMBOLS.stream()
            .filter(
                line -> line.endsWith(" devlink_dev_release") || !LETS_GO.matcher(line).matches())
            .toList();
    List<String> own = lines(OFFSETS, some, true);
    List<String> missing =
        lines(OFFSETS).stream()
            .filter(line -> !own.contains(line))
            .map(line -> line.substring(0, line.indexOf('\t')))
            .toList();
    assertEquals(
        missing,
        List.of(
            "lastref/work",
            "lastref/work_end",
            "lastref/callback",
            "lastref/callback_end",
            "lastref/wait",
            "lastref/wait_end"));
  }

  @Test
  public void watchesLateReleasesOnlyWhereThereAreSome() {
    Map<String, String> late = new HashMap<>(OFFSETS);
    late.put("kobject.release", "64");
    List<String> more =
        lines(late).stream().filter(line -> !lines(OFFSETS).contains(line)).toList();

    assertEquals(
        more,
        List.of(
            "lastref/kobject_release\tkref == 0\tp:lastref/kobject_release kobject_release kref=%x0:x64",
            "lastref/kobject_cleanup\tktype == 0xffffffc008533518 || ktype == 0xffffffc00852e8d8"
                + "\tp:lastref/kobject_cleanup kobject_cleanup"
                + " ktype=+40(%x0):x64 obj=%x0:x64 name=+0(+0(%x0)):string",
            "lastref/kobject_cleanup_end\t-\tr64:lastref/kobject_cleanup_end kobject_cleanup"));
  }
}
