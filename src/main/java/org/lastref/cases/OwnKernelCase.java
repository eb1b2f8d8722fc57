package org.lastref.cases;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.function.Supplier;
import org.lastref.fault.InputFault;
import org.lastref.image.DriverIndex;
import org.lastref.model.Kernel;
import org.lastref.model.Policy;
import org.lastref.offline.OwnKernelOracle;
import org.lastref.offline.RemovalCase;
import org.lastref.offline.Situated;
import org.lastref.offline.TraceHeaders;
import org.lastref.report.CaseName;
import org.lastref.report.CaseOutcome;
import org.lastref.runner.ArmedBoard;
import org.lastref.runner.Attempt;
import org.lastref.runner.FaultAttribution;
import org.lastref.runner.TestCase;
import org.lastref.verify.OverlayRemoval;

/**
 * An overlay applied and removed on a kernel of the user's own. It passes if the kernel keeps its
 * promise, whatever its policy.
 *
 * @param kernel its configuration, one of {@link org.lastref.image.Images#kernels}, or {@link
 *     #INSTALLED}
 * @param removal the overlay; of its policy, the timing counts
 * @param source the options that choose the kernel, if any
 */
public record OwnKernelCase(String kernel, RemovalCase removal, String source) implements TestCase {

  /** The kernel of a board that runs its own system. */
  public static final String INSTALLED = "installed";

  private static final String SUITE = "own-kernel";

  /**
   * Every overlay in its situation, under each timing.
   *
   * @param delayed whether the configuration is one that releases kobjects late
   * @param unbound as {@link RemovalCase#unbound}
   */
  public static List<TestCase> all(
      String kernel,
      boolean delayed,
      String source,
      List<Situated> removed,
      List<Policy.Grace> timings,
      SortedSet<String> unbound) {
    List<TestCase> cases = new ArrayList<>();
    for (Situated each : removed) {
      for (Policy.Grace grace : timings) {
        Policy policy = Policy.UPSTREAM.with(grace);
        Policy held = delayed ? policy.withDelayedRelease() : policy;
        RemovalCase removal =
            new RemovalCase(each.overlay(), held, each.situation(), false, unbound);
        cases.add(new OwnKernelCase(kernel, removal, source));
      }
    }
    return cases;
  }

  /** Without the suites that do the same to overlays as others, on kernels that check more. */
  public static List<TestCase> possible(List<TestCase> cases) {
    return cases.stream()
        .filter(
            each ->
                !each.suite().equals(RemovalTestCase.LOCKDEP)
                    && !each.suite().equals(RemovalTestCase.DEBUG_RELEASE))
        .toList();
  }

  /**
   * What cases of suites do to overlays, under each timing that they have.
   *
   * @param kernel its configuration
   * @throws InputFault if one of them is of another kind: that needs our patches
   */
  public static List<TestCase> of(List<TestCase> cases, String kernel, String source) {
    Map<String, TestCase> all = new LinkedHashMap<>();
    for (TestCase each : cases) {
      if (!(each instanceof RemovalTestCase test) || test.removal().policy().delayed()) {
        throw new InputFault(
            "--case %s: a kernel of one's own has not what it needs: name a case of an overlay, such"
                    .formatted(each.id())
                + " as field/spi-adc or pair");
      }
      RemovalCase removal = test.removal();
      OwnKernelCase own =
          new OwnKernelCase(
              kernel,
              new RemovalCase(
                  removal.overlay(),
                  Policy.UPSTREAM.with(removal.policy().grace()),
                  removal.situation(),
                  false,
                  removal.unbound()),
              source);
      all.putIfAbsent(own.id(), own);
    }
    return List.copyOf(all.values());
  }

  /** Without those that need grace periods to be slow. */
  public static List<TestCase> withoutSlowGrace(List<TestCase> cases) {
    return cases.stream()
        .filter(
            each ->
                !(each instanceof OwnKernelCase own
                    && own.removal.policy().grace() == Policy.Grace.SLOW))
        .toList();
  }

  private CaseName name() {
    return removal.ownName();
  }

  @Override
  public String suite() {
    return SUITE;
  }

  @Override
  public String id() {
    return name().id();
  }

  @Override
  public String title() {
    return name().title();
  }

  @Override
  public SortedMap<String, String> properties() {
    return name().properties();
  }

  @Override
  public String options() {
    return "%s--only %s --grace %s%s%s"
        .formatted(
            source.isEmpty() ? "" : source + " ",
            removal.overlayOption(),
            removal.policy().grace(),
            removal.situationOption(),
            removal.unboundOption());
  }

  @Override
  public Supplier<CaseOutcome> tried(Attempt attempt) {
    ArmedBoard board = attempt.board();
    OverlayRemoval removed = removal.removal(board.base(), board.kernel(), board.modules());
    Kernel known = removal.known(board.kernel());
    if (!removed.isKnown()) {
      attempt.mayUnsettle();
    }
    DriverIndex drivers = board.drivers();
    Supplier<CaseOutcome> judged =
        attempt.judged(
            removed.scenario(),
            () -> OwnKernelOracle.of(removed),
            (cycles, each) -> attempt.board().run(removal.overlay(), removed, cycles, each),
            cycle ->
                TraceHeaders.ownHeader(
                    attempt.info(),
                    known,
                    attempt.board().layers(removal.overlay().stack()),
                    attempt.board().baseBlob(),
                    removed,
                    cycle));
    return () -> MissingDrivers.told(judged.get(), drivers);
  }

  @Override
  public CaseOutcome broughtDown(FaultAttribution.Finding finding) {
    return CaseOutcome.died(finding.sentence());
  }

  @Override
  public String toString() {
    return id();
  }
}
