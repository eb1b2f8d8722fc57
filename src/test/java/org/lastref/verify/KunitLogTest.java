package org.lastref.verify;

import static org.testng.Assert.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.testng.annotations.Test;

/** What KUnit said of a kernel that passes, as it was recorded, and changed. */
public class KunitLogTest {

  private static final String TEST = "of_overlay_apply_kunit_cleanup";

  private static List<String> faults(String from, String to) {
    List<String> lines =
        BootLog.KUNIT.lines().stream().map(line -> line.replace(from, to)).toList();
    return KunitLog.read(lines).faults(TEST);
  }

  @Test
  public void aTestThatPassesHasNoFaults() {
    assertEquals(KunitLog.read(BootLog.KUNIT.lines()).faults(TEST), List.of());
    assertEquals(KunitLog.read(BootLog.KUNIT.lines()).results().size(), 14);
  }

  @Test
  public void aTestThatFailsSaysWhy() {
    List<String> lines = new ArrayList<>();
    for (String line : BootLog.KUNIT.lines()) {
      if (line.endsWith("ok 3 " + TEST)) {
        lines.add("    # " + TEST + ": EXPECTATION FAILED at drivers/of/overlay_test.c:91");
        lines.add(line.replace("ok 3", "not ok 3"));
      } else {
        lines.add(line);
      }
    }
    assertEquals(
        KunitLog.read(lines).faults(TEST),
        List.of("it failed", TEST + ": EXPECTATION FAILED at drivers/of/overlay_test.c:91"));
  }

  @Test
  public void aTestThatNeverRanIsMissed() {
    assertEquals(faults("ok 3 " + TEST, ""), List.of("it never reported"));
  }

  @Test
  public void aTestThatIsLeftOutIsToldWithTheReason() {
    assertEquals(
        faults(TEST, TEST + " # SKIP requires a root node"),
        List.of("it was left out: requires a root node"));
  }

  @Test
  public void whatTheKernelComplainsOfMeanwhileIsTheTests() {
    List<String> lines = new ArrayList<>();
    for (String line : BootLog.KUNIT.lines()) {
      if (line.endsWith("ok 3 " + TEST)) {
        lines.add("[    2.420000] refcount_t: underflow; use-after-free.");
      }
      lines.add(line);
    }
    assertEquals(
        KunitLog.read(lines).faults(TEST),
        List.of("the kernel complains: refcount_t: underflow; use-after-free."));
  }
}
