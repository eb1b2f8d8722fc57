package org.lastref.cases;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.lastref.machine.Exploration;
import org.lastref.report.CaseOutcome;
import org.lastref.report.CaseWord;
import org.lastref.report.CaseWord.Kind;
import org.lastref.report.Status;
import org.lastref.verify.KunitLog;
import org.lastref.verify.UnittestLog;

/**
 * Judges what the kernel's unittest said while it booted.
 *
 * @param tests the functions that have to report
 */
record UnittestJudge(List<String> tests) {

  /** Added by our patch: an overlay with a clock and its user is applied and removed. */
  static final String CLOCK = "of_unittest_overlay_clk";

  /** Those that remove an overlay with a device: its release is what comes too late. */
  private static final NavigableSet<String> REMOVE_DEVICES =
      new TreeSet<>(
          Set.of(
              "of_unittest_apply_revert_overlay_check",
              "of_unittest_remove_tracked_overlays",
              "of_unittest_overlay_notify",
              CLOCK));

  /** One test: it reported, nothing failed, and what it expected was said. */
  CaseOutcome test(UnittestLog log, String test) {
    long checks = log.checks().stream().filter(check -> check.function().equals(test)).count();
    if (checks == 0) {
      List<String> why = new ArrayList<>(List.of("it never reported"));
      why.addAll(log.faults());
      return differs(why);
    }
    List<String> faults = log.faults(test);
    return faults.isEmpty()
        ? passed(new CaseWord(Kind.PASS), checks + " checks passed", "")
        : differs(faults);
  }

  /** One of KUnit's: it reported that it passed, and the kernel had nothing to complain of. */
  static CaseOutcome kunit(KunitLog log, String test) {
    List<String> faults = log.faults(test);
    return faults.isEmpty() ? passed(new CaseWord(Kind.PASS), "it passed", "") : differs(faults);
  }

  /** That it began and ended, and that nothing was said that belongs to no other case. */
  CaseOutcome whole(UnittestLog log) {
    List<String> faults = new ArrayList<>(log.faults());
    NavigableSet<String> others = log.faulty();
    others.removeAll(tests);
    faults.addAll(told(log, others));
    without(log.functions(), tests)
        .forEach(each -> faults.add("a test of the kernel's has no case: " + each));
    return faults.isEmpty()
        ? passed(new CaseWord(Kind.PASS), "%d checks passed".formatted(log.checks().size()), "")
        : differs(faults);
  }

  /**
   * The clock and its user under a policy. Its test fails as the model of a link between two
   * devices says, and no other does.
   *
   * @param boots how many it took until it failed, or did not
   */
  CaseOutcome clock(UnittestLog log, Exploration model, int boots) {
    List<String> faults = new ArrayList<>(log.faults());
    NavigableSet<String> others = log.faulty();
    others.remove(CLOCK);
    faults.addAll(told(log, others));
    boolean failed = log.failing().contains(CLOCK);
    String seen = CLOCK + (failed ? "() fails" : "() passes");
    String allowed =
        model.neverClean() ? "has to fail" : model.alwaysClean() ? "has to pass" : "may do either";
    if (!log.functions().contains(CLOCK)) {
      faults.add(CLOCK + "() never reported");
    } else if (failed ? model.alwaysClean() : model.neverClean()) {
      faults.add(
          "%s in each of %d boots; by the model of its link it %s".formatted(seen, boots, allowed));
    }
    return faults.isEmpty()
        ? passed(
            failed ? new CaseWord(Kind.LEAKS, 1, boots) : new CaseWord(Kind.CLEAN),
            "%s, and by the model of its link %s".formatted(seen, allowed),
            String.join("\n", log.faults(CLOCK)))
        : differs(faults);
  }

  /** The whole where every kobject is released late. Nobody's fix helps against that. */
  CaseOutcome delayed(UnittestLog log) {
    List<String> faults = new ArrayList<>(log.faults());
    NavigableSet<String> failing = log.failing();
    if (!failing.equals(REMOVE_DEVICES)) {
      faults.add("checks fail in %s; known to fail: %s".formatted(failing, REMOVE_DEVICES));
    }
    without(tests, log.functions()).forEach(each -> faults.add(each + "() never reported"));
    if (!faults.isEmpty()) {
      return differs(faults);
    }
    long failed = log.checks().stream().filter(check -> !check.passed()).count();
    return passed(
        new CaseWord(Kind.BOOTS),
        "boots; %d of %d checks fail, in every test that removes an overlay with a device:"
                .formatted(failed, log.checks().size())
            + " CONFIG_DEBUG_KOBJECT_RELEASE delays each release, and no fix helps against that",
        String.join("\n", told(log, log.faulty())));
  }

  private static List<String> told(UnittestLog log, NavigableSet<String> functions) {
    return functions.stream()
        .flatMap(each -> log.faults(each).stream().map(fault -> each + "(): " + fault))
        .toList();
  }

  private static Set<String> without(Collection<String> all, Collection<String> some) {
    Set<String> rest = new TreeSet<>(all);
    rest.removeAll(some);
    return rest;
  }

  static CaseOutcome passed(CaseWord word, String headline, String detail) {
    return new CaseOutcome(Status.PASSED, word, headline, detail);
  }

  /**
   * @param faults at least one
   */
  static CaseOutcome differs(List<String> faults) {
    return new CaseOutcome(
        Status.FAILED,
        Kind.DIFFERS,
        faults.get(0),
        String.join("\n", faults.subList(1, faults.size())));
  }
}
