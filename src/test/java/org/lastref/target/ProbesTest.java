package org.lastref.target;

import static org.testng.Assert.assertEquals;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lastref.image.KernelBuild;
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
          "kobject.kref", "56",
          "symbol.device_ktype", "0xffffffc00852e8d8",
          "symbol.device_links_srcu", "0xffffffc00852e998",
          "symbol.of_node_ktype", "0xffffffc008533518");

  private static List<String> lines(Map<String, String> offsets) {
    return lines(offsets, false);
  }

  private static List<String> lines(Map<String, String> offsets, boolean own) {
    KernelBuild.Provenance provenance =
        new KernelBuild.Provenance("", "", own, KernelBuild.PLAIN, "", "", 1, 1, Map.of());
    return new Probes(new KernelBuild(Path.of("kernel"), offsets, provenance))
        .lines()
        .lines()
        .toList();
  }

  @Test
  public void watchesOfAnOwnKernelOnlyTheFunctionsThatItHas() {
    Map<String, String> some = new HashMap<>(OFFSETS);
    some.put("symbol.devlink_dev_release", "0xffffffc008200000");
    List<String> own = lines(some, true);
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
