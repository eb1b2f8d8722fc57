package org.lastref.verify;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.lastref.verify.UnittestLog.Flaw;
import org.lastref.verify.UnittestLog.Remark;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class UnittestLogTest {

  private static final String OURS = "[    1.000000] ### dt-test ### ";
  private static final String CLOCK = "of_unittest_overlay_clk";

  @DataProvider
  public Object[][] good() {
    return new Object[][] {{BootLog.WAITED}, {BootLog.BARRIER}};
  }

  @Test(dataProvider = "good")
  public void findsNothingWrongWithAGoodBoot(BootLog boot) {
    UnittestLog log = boot.read();
    assertEquals(log.faults(), List.of());
    assertEquals(log.faulty(), Set.of());
    assertEquals(log.checks().size(), 322);
    assertEquals(log.functions().size(), 41);
  }

  @Test
  public void findsTheLeakAndNothingElse() {
    UnittestLog log = BootLog.LEAKING.read();
    assertEquals(log.faults(), List.of());
    assertEquals(log.failing(), Set.of(CLOCK));
    assertEquals(log.faulty(), Set.of(CLOCK));
    assertTrue(log.faults(CLOCK).get(0).endsWith("2 nodes of the overlay are still referred to"));
    assertTrue(
        log.faults(CLOCK).get(1).startsWith("said, though it must not be: OF: ERROR: memory"));
  }

  @Test
  public void findsATestThatIsAboutNothing() {
    assertTrue(
        BootLog.UNLINKED
            .read()
            .faults(CLOCK)
            .get(0)
            .endsWith("the clock's user has no device link"));
  }

  /** An error by its number instead of its name, and buses numbered otherwise. */
  @Test
  public void findsWhatUpstreamExpectsOfAnotherMachine() {
    UnittestLog log = BootLog.UPSTREAM.read();
    assertEquals(log.faults(), List.of());
    assertEquals(log.failing(), Set.of());
    assertEquals(
        log.remarks().stream().map(Remark::function).toList(),
        List.of(
            "of_unittest_platform_populate",
            "of_unittest_overlay_i2c_init",
            "of_unittest_overlay_i2c_15"));
    assertTrue(log.remarks().stream().allMatch(each -> each.flaw() == Flaw.MISSING));
  }

  @Test
  public void findsWhatLateReleasesBreak() {
    UnittestLog log = BootLog.LATE.read();
    assertEquals(log.faults(), List.of());
    assertEquals(
        log.failing(),
        Set.of(
            "of_unittest_apply_revert_overlay_check",
            "of_unittest_remove_tracked_overlays",
            "of_unittest_overlay_notify",
            CLOCK));
    assertTrue(
        log.remarks().stream().anyMatch(each -> each.text().contains("refcount_t: underflow")));
  }

  /** As {@link org.lastref.link.Console#lines} shows them. */
  @Test
  public void readsDoubledBackslashes() {
    List<String> doubled =
        BootLog.LEAKING.lines().stream().map(line -> line.replace("\\", "\\\\")).toList();
    assertEquals(UnittestLog.read(doubled), BootLog.LEAKING.read());
  }

  /** What is expected, what is said, the beginning and the end of brackets, a check, the total. */
  @Test
  public void missesAnyLineThatIsTakenOut() {
    List<String> lines = BootLog.WAITED.lines();
    int end =
        IntStream.range(0, lines.size())
            .filter(i -> is(lines, i, "end of"))
            .findFirst()
            .orElseThrow();
    int found = 0;
    for (int at = 0; at <= end; at++) {
      List<String> mutant = new ArrayList<>(lines);
      String gone = mutant.remove(at);
      UnittestLog log = UnittestLog.read(mutant);
      if (gone.contains("### dt-test ###") || isExpected(lines, gone)) {
        assertFalse(log.faults().isEmpty() && log.faulty().isEmpty(), gone);
        found++;
      }
    }
    assertTrue(found > 450, found + " lines matter");
  }

  private static boolean is(List<String> lines, int at, String what) {
    return lines.get(at).contains("### dt-test ### " + what);
  }

  private static boolean isExpected(List<String> lines, String line) {
    String text = line.replaceFirst("^\\[ *[0-9.]+\\] ", "");
    return lines.stream().anyMatch(each -> each.endsWith("### dt-test ### EXPECT \\ : " + text));
  }

  @Test
  public void tellsALogThatBreaksOff() {
    List<String> lines = BootLog.WAITED.lines();
    UnittestLog log = UnittestLog.read(lines.subList(0, lines.size() / 2));
    assertEquals(log.faults().get(0), "the unittest did not come to its end");
  }

  @Test
  public void tellsALogWithoutAUnittest() {
    assertEquals(UnittestLog.read(List.of("a", "b")).faults(), List.of("the unittest never began"));
  }

  @DataProvider
  public Object[][] brackets() {
    return new Object[][] {
      {List.of("EXPECT \\ : a <<int>> b", "-a -12 b", "EXPECT / : a <<int>> b"), List.of()},
      {
        List.of("EXPECT \\ : a <<int>> b", "-a x b", "EXPECT / : a <<int>> b"),
        List.of(Flaw.MISSING)
      },
      {List.of("EXPECT \\ : at <<hex>>", "-at 0x1f and more", "EXPECT / : at <<hex>>"), List.of()},
      {
        List.of("EXPECT \\ : at <<hex>>", "-at zero", "EXPECT / : at <<hex>>"),
        List.of(Flaw.MISSING)
      },
      {List.of("EXPECT \\ : a", "EXPECT / : a", "-a"), List.of(Flaw.MISSING)},
      {List.of("-a", "EXPECT \\ : a", "EXPECT / : a"), List.of(Flaw.MISSING)},
      {List.of("EXPECT \\ : a.c", "-abc", "EXPECT / : a.c"), List.of(Flaw.MISSING)},
      {List.of("EXPECT_NOT \\ : a<<all>>z", "-b", "EXPECT_NOT / : a<<all>>z"), List.of()},
      {
        List.of("EXPECT_NOT \\ : a<<all>>z", "-ab", "EXPECT_NOT / : a<<all>>z"),
        List.of(Flaw.FORBIDDEN)
      },
      // Nested: each of them, in either order.
      {
        List.of("EXPECT \\ : a", "EXPECT \\ : b", "-a", "-b", "EXPECT / : b", "EXPECT / : a"),
        List.of()
      },
      {
        List.of("EXPECT \\ : a", "EXPECT \\ : b", "-b", "-a", "EXPECT / : b", "EXPECT / : a"),
        List.of()
      },
      {
        List.of("EXPECT \\ : a", "EXPECT \\ : b", "-a", "EXPECT / : b", "EXPECT / : a"),
        List.of(Flaw.MISSING)
      },
      // The same twice is said twice.
      {
        List.of("EXPECT \\ : a", "EXPECT \\ : a", "-a", "EXPECT / : a", "EXPECT / : a"),
        List.of(Flaw.MISSING)
      },
      {List.of("EXPECT / : a"), List.of(Flaw.UNOPENED)},
      {List.of("EXPECT \\ : a", "-a"), List.of(Flaw.UNCLOSED)},
      {
        List.of("EXPECT \\ : a", "EXPECT \\ : b", "-a", "-b", "EXPECT / : a"),
        List.of(Flaw.UNCLOSED)
      },
      {List.of("EXPECT_NOT \\ : a", "EXPECT / : a"), List.of(Flaw.UNOPENED, Flaw.UNCLOSED)},
      {List.of("-refcount_t: underflow; use-after-free."), List.of(Flaw.COMPLAINT)},
      {
        List.of(
            "EXPECT \\ : refcount_t: underflow",
            "-refcount_t: underflow; use-after-free.",
            "EXPECT / : refcount_t: underflow"),
        List.of()
      },
    };
  }

  @Test(dataProvider = "brackets")
  public void readsBrackets(List<String> said, List<Flaw> flaws) {
    List<String> lines = new ArrayList<>(List.of(OURS + "start of unittest - you will see errors"));
    said.forEach(
        each -> lines.add(each.startsWith("-") ? "[    1.0] " + each.substring(1) : OURS + each));
    lines.add(OURS + "pass of_unittest_one():1");
    lines.add(OURS + "end of unittest - 1 passed, 0 failed");
    UnittestLog log = UnittestLog.read(lines);
    assertEquals(log.remarks().stream().map(Remark::flaw).toList(), flaws);
    assertEquals(log.faults(), List.of());
    assertTrue(log.remarks().stream().allMatch(each -> each.function().equals("of_unittest_one")));
  }
}
