package org.lastref.cases;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.lastref.fdt.OverlaySource;
import org.lastref.image.DriverIndex;
import org.lastref.image.Images;
import org.lastref.image.KernelBuild;
import org.lastref.machine.Explorer;
import org.lastref.model.Kernel;
import org.lastref.model.Policy;
import org.lastref.model.Removal;
import org.lastref.model.Situation;
import org.lastref.offline.RemovalCase;
import org.lastref.offline.RemovalOracle;
import org.lastref.offline.Situated;
import org.lastref.offline.TraceHeaders;
import org.lastref.report.CaseOutcome;
import org.lastref.runner.ArmedBoard;
import org.lastref.runner.Attempt;
import org.lastref.runner.TestCase;
import org.lastref.verify.OverlayRemoval;

/**
 * An overlay applied and removed under a policy. It passes if what was seen conforms to the model
 * of that policy: one that is known to leak passes by leaking as modelled.
 *
 * @param suite the suite it belongs to
 * @param kernel the kernel it needs
 */
public record RemovalTestCase(String suite, String kernel, RemovalCase removal)
    implements TestCase {

  static final String DEVLINK = "devlink";
  static final String DEBUG_RELEASE = "debug-release";
  static final String LOCKDEP = "lockdep";
  static final List<Situation> REMOVE = List.of(Situation.REMOVE);
  static final List<Situation> UNBIND = List.of(Situation.UNBIND);

  private static final long MAX_BYTES = 64 << 20;

  /** The overlays whose removal has a model: those of this repository that are for no exercise. */
  public static List<OverlaySource> overlays(Path project) {
    List<OverlaySource> all = new ArrayList<>(OverlaySource.all(project.resolve("overlays")));
    all.addAll(driversOwn(project));
    return all;
  }

  /** Those of drivers that make their links themselves. */
  static List<OverlaySource> driversOwn(Path project) {
    return OverlaySource.all(project.resolve("overlays/devlink"));
  }

  /**
   * Every overlay that no other of them stands on, under every policy; overlay by overlay, because
   * telling the board what to watch takes longer than telling it a policy.
   *
   * @param kernel one of {@link Images#kernels}
   */
  public static List<TestCase> all(
      Path project,
      String kernel,
      List<OverlaySource> overlays,
      List<Policy> policies,
      List<Situation> situations) {
    List<Situated> removed = Situated.all(uppermost(overlays), situations);
    return all(project, kernel, removed, policies, new TreeSet<>());
  }

  /**
   * Every overlay in its situation, under every policy.
   *
   * @param unbound devices that are to have no driver, as {@link RemovalCase#unbound}
   */
  public static List<TestCase> all(
      Path project,
      String kernel,
      List<Situated> removed,
      List<Policy> policies,
      SortedSet<String> unbound) {
    boolean delayed = Images.delaysReleases(project, Images.kernel(project, kernel));
    boolean lockdep = Images.provesLocking(project, Images.kernel(project, kernel));
    String suite = delayed ? DEBUG_RELEASE : lockdep ? LOCKDEP : DEVLINK;
    List<TestCase> cases = new ArrayList<>();
    for (Situated each : removed) {
      for (Policy policy : policies) {
        Policy held = delayed ? policy.withDelayedRelease() : policy;
        RemovalCase removal =
            new RemovalCase(each.overlay(), held, each.situation(), lockdep, unbound);
        cases.add(new RemovalTestCase(suite, kernel, removal));
      }
    }
    return cases;
  }

  /** Those that no other of them stands on. */
  public static List<OverlaySource> uppermost(List<OverlaySource> overlays) {
    Set<String> below = new HashSet<>();
    overlays.forEach(each -> each.below().forEach(lower -> below.add(lower.name())));
    return overlays.stream().filter(each -> !below.contains(each.name())).toList();
  }

  @Override
  public TestCase on(String other) {
    return new RemovalTestCase(suite, other, removal);
  }

  @Override
  public String id() {
    return removal.name().id();
  }

  @Override
  public String title() {
    return removal.name().title();
  }

  @Override
  public SortedMap<String, String> properties() {
    SortedMap<String, String> properties = new TreeMap<>(removal.name().properties());
    properties.put("kernel", kernel);
    return properties;
  }

  @Override
  public String options() {
    return kernel.equals(KernelBuild.PLAIN)
        ? removal.options()
        : removal.options() + " --kernel " + kernel;
  }

  @Override
  public Supplier<CaseOutcome> tried(Attempt attempt) {
    ArmedBoard board = attempt.board();
    OverlayRemoval removed = removal.removal(board.base(), board.kernel(), board.modules());
    Kernel known = removal.known(board.kernel());
    if (!removed.isKnown()) {
      attempt.mayUnsettle();
    }
    Supplier<CaseOutcome> judged =
        attempt.judged(
            removed.scenario(),
            () -> RemovalOracle.of(removed),
            (cycles, each) -> attempt.board().run(removal.overlay(), removed, cycles, each),
            cycle ->
                TraceHeaders.header(
                    attempt.info(),
                    known,
                    attempt.board().layers(removal.overlay().stack()),
                    attempt.board().baseBlob(),
                    removed,
                    cycle));
    DriverIndex drivers = board.drivers();
    return () -> {
      CaseOutcome outcome = MissingDrivers.told(judged.get(), drivers);
      boolean late = outcome.leaks() && removed.policy().delayed();
      return late ? outcome.adding(delay(removed)) : outcome;
    };
  }

  /**
   * Whose doing it is that a kernel leaks that releases late: without that the policy may be clean.
   */
  static String delay(OverlayRemoval removed) {
    Policy policy = removed.policy();
    Policy prompt = new Policy(policy.release(), policy.fix(), policy.grace());
    boolean clean =
        removed.applied().values().stream()
            .allMatch(
                each ->
                    Explorer.search(
                            Removal.of(each, prompt, removed.situation()),
                            MAX_BYTES,
                            (states, open) -> {})
                        .alwaysClean());
    return "CONFIG_DEBUG_KOBJECT_RELEASE delays every release, and no fix is enough: without it "
        + (clean ? "nothing leaks under this policy" : "this policy may leak too");
  }

  @Override
  public String toString() {
    return id();
  }
}
