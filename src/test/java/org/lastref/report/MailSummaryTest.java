package org.lastref.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.lastref.model.Policy;
import org.lastref.verify.Finding;
import org.testng.annotations.Test;

/** What is pasted below a patch: short lines, and no more than was seen. */
public class MailSummaryTest {

  private static final Tested PATCHED =
      new Tested(
          null,
          List.of(
              new Tested.Patch(
                  "0001-of-wait.patch",
                  "of: dynamic: wait for device links in of_changeset_destroy() once more",
                  "0123456789abcdef".repeat(4))));

  private static final CaseWord CLEAN = new CaseWord(CaseWord.Kind.CLEAN);
  private static final CaseWord NEW = new CaseWord(CaseWord.Kind.CLEAN_NEW);
  private static final CaseWord LEAKS = new CaseWord(CaseWord.Kind.LEAKS, 3, 3);
  private static final CaseWord NONE = new CaseWord(CaseWord.Kind.NO_VERDICT);

  private static final String COMMAND = "./lastref run --patch 0001-of-wait.patch";

  private static final Finding ANOTHER = new Finding(Finding.Type.ORDER, 3, "x", "this", "that");

  private static CaseResult result(
      String overlay, Policy.Grace grace, Status status, CaseWord word, String... like) {
    List<Policy> left = Stream.of(like).map(each -> policy(each, grace)).toList();
    Likeness.Nearest nearest =
        left.isEmpty()
            ? new Likeness.Nearest(policy("system-wq+none", grace), ANOTHER, "because")
            : null;
    Cycles cycles =
        new Cycles(3, 100, new TreeSet<>(Set.of("/lr-div", "/lr-osc")), new TreeSet<>(), null);
    List<String> breaches =
        status == Status.FAILED
            ? List.of("in 3 of 3 cycles it reports /lr-div /lr-osc")
            : List.of();
    CaseResult bare =
        Cases.result(
            overlay + "/own/" + grace,
            status,
            "the promise is broken: in 3 of 3 cycles it reports /lr-div /lr-osc",
            "",
            List.of(),
            new TreeMap<>(Map.of("overlay", overlay, "grace", "" + grace)));
    return new CaseResult(
        bare.planned(),
        status,
        bare.last(),
        List.of(),
        new Facts(word, cycles, null, new Likeness(left, nearest), List.of(), breaches));
  }

  private static Policy policy(String words, Policy.Grace grace) {
    return Policy.all().stream()
        .filter(each -> (each.release() + "+" + each.fix()).equals(words))
        .filter(each -> each.grace() == grace)
        .findFirst()
        .orElseThrow();
  }

  private static String summary(Tested tested, CaseResult... cases) {
    RunInfo info =
        new RunInfo(
            "20260131-120000-qemu-virt",
            "qemu-virt",
            Instant.parse("2026-01-31T12:00:00Z"),
            "0123456789ab",
            new RunInfo.Kernel("6.1.192", "linux-source-6.1 6.1.192-2", List.of(), null),
            "ssh",
            List.of("./lastref", "run"),
            "host",
            new TreeMap<>());
    return MailSummary.of(
        new RunReport(RunReport.FORMAT, info, null, null, List.of(cases)), tested, COMMAND);
  }

  @Test
  public void saysThatThePromiseIsKeptAndWhichPolicyItIs() {
    assertEquals(
        summary(
            PATCHED,
            result(
                "pair",
                Policy.Grace.ANY,
                Status.PASSED,
                CLEAN,
                "dedicated-wq+none",
                "dedicated-wq+wait-removal"),
            result("pair", Policy.Grace.SLOW, Status.PASSED, CLEAN, "dedicated-wq+wait-removal")),
        """
        Devicetree overlays applied and removed, every reference watched:

        Patch:  of: dynamic: wait for device links in of_changeset_destroy()
                once more
                0001-of-wait.patch, sha256 0123456789abcdef
        Base:   linux-source-6.1 6.1.192-2, arm64, uname -r 6.1.192
        Board:  qemu-virt
        Cases:  2, 6 cycles

          overlay  grace=any     grace=slow
          pair     clean         clean
        (slow: srcutree.exp_holdoff=0, no grace period is expedited)

        The promise is kept: in 6 of 6 cycles no node was reported as leaked,
        every reference was given back and the log said nothing worse.

        Device links let go as under the known policy dedicated-wq with
        wait-removal.

        Tested-with: Lastref 0123456789ab
          ./lastref run --patch 0001-of-wait.patch
        """);
  }

  @Test
  public void namesTheCasesThatBreakThePromise() {
    String summary =
        summary(
            PATCHED,
            result(
                "pair",
                Policy.Grace.ANY,
                Status.PASSED,
                CLEAN,
                "system-wq+none",
                "dedicated-wq+none"),
            result(
                "pair",
                Policy.Grace.SLOW,
                Status.FAILED,
                LEAKS,
                "system-wq+none",
                "dedicated-wq+none"));
    assertTrue(summary.contains("  pair     clean         LEAKS 3/3\n"), summary);
    assertTrue(
        summary.contains(
            """
            The promise is broken in 1 of 2 cases:

            - case pair/own/slow: in 3 of 3 cycles it reports /lr-div /lr-osc
            """),
        summary);
    assertTrue(
        summary.contains(
            """
            Device links let go as under one of these known policies, which these
            cycles do not tell apart: release dedicated-wq or system-wq with none.
            """),
        summary);
  }

  @Test
  public void saysWhatIsLikeNoKnownPolicy() {
    String summary =
        summary(
            PATCHED,
            result("pair", Policy.Grace.ANY, Status.PASSED, CLEAN, "dedicated-wq+none"),
            result("pair", Policy.Grace.SLOW, Status.PASSED, NEW));
    assertTrue(summary.contains("The promise is kept: in 6 of 6 cycles"), summary);
    assertTrue(
        summary.contains(
            """
            Device links let go in a way that no known policy explains as a whole:
            under grace=any as dedicated-wq with none.

            1 of 2 cases are like none, case pair/own/slow the first: nearest is
            release=system-wq fix=none grace=slow, but event 3, x: seen: this;
            allowed: that
            """),
        summary);
  }

  @Test
  public void doesNotJudgeByCasesWithoutAVerdict() {
    String summary =
        summary(
            PATCHED,
            result("pair", Policy.Grace.ANY, Status.PASSED, CLEAN, "dedicated-wq+none"),
            result("pair", Policy.Grace.SLOW, Status.ERROR, NONE));
    assertTrue(summary.contains("in 3 of 3 cycles no node"), summary);
    assertTrue(summary.contains("1 of 2 cases came to no verdict"), summary);
    assertTrue(summary.contains("the known policy dedicated-wq with none"), summary);
    String nothing = summary(PATCHED, result("pair", Policy.Grace.ANY, Status.ERROR, NONE));
    assertTrue(nothing.contains("Nothing can be said of this kernel"), nothing);
  }

  @Test
  public void namesTheCommitOfATree() {
    String summary =
        summary(
            new Tested(
                new Tested.Tree("../linux", "abcdef012345-dirty", "driver core: wait"), List.of()),
            result("pair", Policy.Grace.ANY, Status.PASSED, CLEAN, "dedicated-wq+none"));
    assertTrue(summary.contains("Tree:   abcdef012345-dirty driver core: wait\n"), summary);
    assertTrue(summary.contains("  (../linux at abcdef012345-dirty)\n"), summary);
  }

  /** Commands excepted. */
  @Test
  public void hasNoLongLineAndNothingThatATerminalActsUpon() {
    Tested hostile =
        new Tested(
            new Tested.Tree("/tree\u001b[2J", "abcdef012345", Cases.HOSTILE.repeat(3)),
            List.of(new Tested.Patch("a\u001b.patch", Cases.HOSTILE, "0".repeat(64))));
    List<CaseResult> cases = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      cases.add(result("shape-" + i, Policy.Grace.SLOW, Status.FAILED, LEAKS, "system-wq+none"));
    }
    cases.add(result("x".repeat(60), Policy.Grace.SLOW, Status.PASSED, CLEAN, "system-wq+none"));
    String summary = summary(hostile, cases.toArray(CaseResult[]::new));
    assertTrue(summary.contains("- and 14 more\n"), summary);
    for (String line : summary.lines().toList()) {
      assertTrue(line.codePointCount(0, line.length()) <= 72 || !line.contains(" "), line);
      assertTrue(line.chars().noneMatch(c -> c < ' '), line);
    }
  }
}
