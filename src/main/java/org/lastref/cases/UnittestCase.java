package org.lastref.cases;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.lastref.fault.LabFault;
import org.lastref.report.CaseOutcome;
import org.lastref.runner.Attempt;
import org.lastref.runner.TestCase;

/**
 * A part of what the kernel's unittest said while it booted.
 *
 * @param kernel the kernel it needs
 * @param place what places it in a table
 * @param judge boots the board as it needs it, if it is not, and looks at what it said
 * @param unbooted what it says of a kernel that does not boot, if that is what it is about
 */
record UnittestCase(
    String kernel,
    String id,
    String title,
    Map<String, String> place,
    Function<Attempt, CaseOutcome> judge,
    Function<LabFault, Optional<CaseOutcome>> unbooted)
    implements TestCase {

  private static final String SUITE = "unittest";

  UnittestCase {
    place = Map.copyOf(place);
  }

  /** One that is a row of the suite's own table. */
  UnittestCase(
      String kernel,
      String scenario,
      String variant,
      Function<Attempt, CaseOutcome> judge,
      Function<LabFault, Optional<CaseOutcome>> unbooted) {
    this(
        kernel,
        String.join("/", SUITE, scenario, kernel, variant),
        "%s %s on %s".formatted(scenario, variant, kernel),
        Map.of("suite", SUITE, "kernel", kernel, "scenario", scenario, "variant", variant),
        judge,
        unbooted);
  }

  /** The same for one that is not about a kernel that does not boot. */
  UnittestCase(
      String kernel, String scenario, String variant, Function<Attempt, CaseOutcome> judge) {
    this(kernel, scenario, variant, judge, fault -> Optional.empty());
  }

  @Override
  public TestCase on(String other) {
    Map<String, String> there = new HashMap<>(place);
    there.put("kernel", other);
    return new UnittestCase(other, id, title, there, judge, unbooted);
  }

  @Override
  public String suite() {
    return SUITE;
  }

  @Override
  public SortedMap<String, String> properties() {
    return new TreeMap<>(place);
  }

  @Override
  public String options() {
    return byName();
  }

  @Override
  public boolean readsConsole() {
    return true;
  }

  /**
   * Boots and reads the console on the board's thread, all of it: what it says is known at once.
   */
  @Override
  public Supplier<CaseOutcome> tried(Attempt attempt) {
    CaseOutcome outcome = judge.apply(attempt);
    return () -> outcome;
  }

  @Override
  public Optional<CaseOutcome> unbootable(LabFault fault) {
    return unbooted.apply(fault);
  }

  @Override
  public String toString() {
    return id;
  }
}
