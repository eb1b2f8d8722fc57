package org.lastref.klog;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.testng.annotations.Test;

/** Splats from lines as they come. */
public class SplatReaderTest {

  private static final List<String> PANIC =
      List.of(
          "[   22.329617] Kernel panic - not syncing: dumptest",
          "[   22.330439] CPU: 0 PID: 40 Comm: init Not tainted 6.1.192 #1 ",
          "[   22.331761] Call trace:",
          "[   22.336905]  panic+0x1d8/0x450",
          "[   22.339845]  lkdtm_do_action+0x38/0x3c [lkdtm]",
          "[   22.351072] SMP: stopping secondary CPUs");

  private static final String PANIC_END =
      "[   22.355823] ---[ end Kernel panic - not syncing: dumptest ]---";

  private static final String LEAK =
      "[    9.100000] OF: ERROR: memory leak before free overlay changeset,  /hil-reg";

  private static final List<String> WARNING =
      List.of(
          "[    7.000001] ------------[ cut here ]------------",
          "[    7.000002] WARNING: CPU: 1 PID: 9 at drivers/base/core.c:1 device_del+0x1/0x2",
          "[    7.000003] CPU: 1 PID: 9 Comm: sh",
          "[    7.000004] pc : device_del+0x1/0x2",
          "[    7.000005] Call trace:",
          "[    7.000006]  device_del+0x1/0x2");

  private static final String WARNING_END = "[    7.000007] ---[ end trace 0000000000000000 ]---";

  private final SplatReader reader = new SplatReader();
  private final List<Splat> seen = new ArrayList<>();

  private SplatReaderTest read(List<String> lines) {
    lines.forEach(line -> seen.addAll(reader.take(line)));
    return this;
  }

  private static SplatReaderTest reading(List<String> lines) {
    return new SplatReaderTest().read(lines);
  }

  @Test
  public void knowsUntilItsLastLineThatAPanicGoesOn() {
    SplatReaderTest reading = reading(PANIC);
    assertTrue(reading.reader.within());
    reading.read(List.of(PANIC_END));
    assertFalse(reading.reader.within());
    assertEquals(reading.reader.end().get(0).lines().size(), PANIC.size() + 1);
  }

  @Test
  public void tellsOfAPanicThatLostItsEnd() {
    List<Splat> cut = reading(PANIC).reader.end();
    assertEquals(cut.get(0).title(), "panic: dumptest");
    assertTrue(cut.get(0).deadly());
  }

  @Test
  public void mergesAPanicWithTheWarningThatLedToIt() {
    SplatReaderTest reading = reading(WARNING).read(PANIC).read(List.of(PANIC_END));
    assertEquals(reading.seen, List.of());
    Splat splat = reading.reader.end().get(0);
    assertEquals(splat.title(), "WARNING in device_del");
    assertEquals(splat.meaning(), Meaning.SPLAT);
    assertTrue(splat.deadly());
  }

  @Test
  public void tellsTwoSplatsApartOfWhichTheFirstLostItsEnd() {
    SplatReaderTest reading = reading(WARNING).read(WARNING).read(List.of(WARNING_END, LEAK));
    assertEquals(
        reading.seen.stream().map(Splat::sign).toList(),
        List.of(Sign.WARNING, Sign.WARNING, Sign.LATE_NODE_LEAK));
  }

  @Test
  public void takesALineOfAnotherProcessorOutOfASplat() {
    List<String> lines = new ArrayList<>(WARNING);
    lines.add(3, LEAK);
    lines.add(WARNING_END);
    List<Splat> splats = Splats.in(lines);
    assertEquals(
        splats.stream().map(Splat::sign).toList(), List.of(Sign.WARNING, Sign.LATE_NODE_LEAK));
    assertEquals(splats.get(0).lines().size(), WARNING.size() + 1);
  }

  @Test
  public void endsASplatWhenTheBoardBootsAgain() {
    SplatReaderTest reading =
        reading(PANIC)
            .read(
                List.of("[    0.000000] Booting Linux on physical CPU 0x0000000000 [0x410fd034]"));
    assertEquals(reading.seen.stream().map(Splat::sign).toList(), List.of(Sign.PANIC, Sign.BOOT));
    assertFalse(reading.reader.within());
  }

  @Test
  public void keepsABoundedPartOfASplatWithoutEnd() {
    SplatReaderTest reading = reading(WARNING.subList(0, 2));
    for (int i = 0; i < 1_000; i++) {
      reading.read(List.of("[    7.000003] x" + "y".repeat(2000)));
    }
    assertFalse(reading.reader.within());
    Splat splat = reading.seen.get(0);
    assertEquals(splat.lines().size(), SplatReader.MAX_LINES);
    assertTrue(splat.lines().stream().allMatch(line -> line.length() <= 1200));
  }

  @Test
  public void doesNotWaitForeverForTheKernelAmongOthersLines() {
    SplatReaderTest reading = reading(WARNING);
    for (int i = 0; i < 1000; i++) {
      reading.read(List.of("some output of a command"));
    }
    assertFalse(reading.reader.within());
  }

  @Test
  public void readsALogWithoutTimeStamps() {
    List<String> bare = WARNING.stream().map(line -> line.substring(15)).toList();
    SplatReaderTest reading = reading(bare).read(List.of("---[ end trace 0000000000000000 ]---"));
    assertEquals(reading.reader.end().get(0).title(), "WARNING in device_del");
  }
}
