package org.lastref.target;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
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
          "ffffffc00852e998 d device_links_srcu");

  /** Of its own only where releases are late. */
  private static final List<String> LATE_SYMBOLS =
      List.of("ffffffc008335a00 t kobject_release", "ffffffc008335a80 t kobject_cleanup");

  private static final Pattern LETS_GO =
      Pattern.compile(
          ".* (device_link_wait_removal|device_link_release_fn|__device_link_free_srcu"
              + "|devlink_dev_release)");

  private static List<Probe> probes(
      Map<String, String> offsets, List<String> symbols, boolean own) {
    KernelBuild.Provenance provenance =
        new KernelBuild.Provenance(
            "", "", own, "6.1", KernelBuild.PLAIN, "", "", 1, 1, Map.of(), List.of(), Map.of());
    Symbols map = Symbols.of(String.join("\n", symbols) + "\n");
    return Probes.of(new KernelBuild(Path.of("kernel"), offsets, map, provenance));
  }

  private static List<Probe> probes(Map<String, String> offsets) {
    List<String> all = Stream.concat(SYMBOLS.stream(), LATE_SYMBOLS.stream()).toList();
    return probes(offsets, all, false);
  }

  /** All that a kernel without a symbol is told when a case is run on it. */
  private static List<Probe> toldWithout(String symbol, boolean own) {
    List<String> symbols = SYMBOLS.stream().filter(line -> !line.endsWith(" " + symbol)).toList();
    return probes(OFFSETS, symbols, own);
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
      assertTrue(
          toldWithout(symbol, true).stream().noneMatch(probe -> probe.function().equals(symbol)));
    } else {
      assertThrows(LabFault.class, () -> toldWithout(symbol, true));
    }
  }

  @Test
  public void saysThatAKernelThatDelaysReleasesLacksThem() {
    Map<String, String> late = new HashMap<>(OFFSETS);
    late.put("kobject.release", "64");
    LabFault fault = expectThrows(LabFault.class, () -> probes(late, SYMBOLS, false));
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
    List<Probe> own = probes(OFFSETS, some, true);
    List<String> missing =
        probes(OFFSETS).stream().filter(probe -> !own.contains(probe)).map(Probe::event).toList();
    assertEquals(
        missing, List.of("work", "work_end", "callback", "callback_end", "wait", "wait_end"));
  }

  @Test
  public void watchesLateReleasesOnlyWhereThereAreSome() {
    Map<String, String> late = new HashMap<>(OFFSETS);
    late.put("kobject.release", "64");
    List<String> more =
        probes(late).stream()
            .filter(probe -> !probes(OFFSETS).contains(probe))
            .map(Probe::event)
            .toList();
    assertEquals(more, List.of("kobject_release", "kobject_cleanup", "kobject_cleanup_end"));
  }

  /** {@code struct lrw_probe} behind the event's name, as the agent and the module have it. */
  @Test
  public void areWrittenAsTheWatcherReadsThem() {
    Probe probe = Probe.entry("probe", "really_probe", Argument.name("name", 0)).where("a", "b");
    ByteBuffer bytes = ByteBuffer.wrap(probe.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(bytes.limit(), Probe.NAME_SIZE + 224);
    assertEquals(text(bytes, 0), "probe");
    assertEquals(text(bytes, 32), "really_probe");
    assertEquals(bytes.get(96), 0); // LRW_ENTRY
    assertEquals(bytes.get(97), 1); // arguments
    assertEquals(bytes.get(98), 1); // LRW_EQUALS
    assertEquals(bytes.get(99), 0); // of the first
    assertEquals(text(bytes, 112), "a|b");
    assertEquals(bytes.get(176), 0); // x0
    assertEquals(bytes.get(177), 3); // LRW_STRING
    assertEquals(bytes.get(178), 2); // by two pointers
  }

  private static String text(ByteBuffer from, int at) {
    byte[] bytes = new byte[64];
    from.get(at, bytes, 0, Math.min(64, from.limit() - at));
    String all = new String(bytes, StandardCharsets.US_ASCII);
    return all.substring(0, all.indexOf('\0'));
  }
}
