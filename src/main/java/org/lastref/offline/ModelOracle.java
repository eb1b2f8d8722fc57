package org.lastref.offline;

import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.lastref.machine.Exploration;
import org.lastref.machine.Machine;
import org.lastref.model.Kernel;
import org.lastref.model.Policy;
import org.lastref.report.CaseCoverage;
import org.lastref.report.CaseOutcome;
import org.lastref.trace.Trace;
import org.lastref.verify.Exercise;
import org.lastref.verify.Explainer;
import org.lastref.verify.Explanation;
import org.lastref.verify.OverlayRemoval;
import org.lastref.verify.Verdict;
import org.lastref.verify.Verifier;

/** Holds traces against a model of the kernel that they are of. */
public final class ModelOracle implements Oracle {

  private final Exercise exercise;
  private final Supplier<Map<String, Exercise>> others;
  private final Verifier verifier;
  private @Nullable Trace last;

  private ModelOracle(Exercise exercise, Supplier<Map<String, Exercise>> others) {
    this.exercise = exercise;
    this.others = others;
    verifier = new Verifier(exercise);
  }

  /** Of overlays that are removed under a policy; they could be of another. */
  public static ModelOracle of(OverlayRemoval removal) {
    return new ModelOracle(removal.exercise(), () -> removal.exercises(removal.policies()));
  }

  /** Of the same under that of some policies whose model explains most of a trace. */
  public static ModelOracle nearest(OverlayRemoval removal, List<Policy> policies, Trace trace) {
    return new ModelOracle(
        Explainer.nearest(removal.exercises(policies).values(), trace),
        () -> removal.exercises(removal.policies()));
  }

  /** Of an exercise; it could be of another variant. */
  public static ModelOracle of(Catalogue.Entry entry, Catalogue catalogue, Kernel kernel) {
    return of(exercise(entry), entry, catalogue, kernel);
  }

  static ModelOracle of(
      Exercise exercise, Catalogue.Entry entry, Catalogue catalogue, Kernel kernel) {
    return new ModelOracle(exercise, () -> variants(entry, catalogue, kernel));
  }

  /** An entry of a catalogue as something to be judged. */
  public static Exercise exercise(Catalogue.Entry entry) {
    return Exercise.of(entry.id(), entry.scenario(), entry.variant(), entry.modelled());
  }

  /** The same scenario under each variant of the kernel, the given one included. */
  private static Map<String, Exercise> variants(
      Catalogue.Entry entry, Catalogue catalogue, Kernel kernel) {
    Map<String, Exercise> variants = new LinkedHashMap<>();
    catalogue.entries(kernel).stream()
        .filter(each -> each.suite().equals(entry.suite()))
        .filter(each -> each.scenario().equals(entry.scenario()))
        .forEach(each -> variants.put(each.variant(), exercise(each)));
    return variants;
  }

  @Override
  public Verdict judge(Trace trace) {
    last = trace;
    return verifier.judge(trace);
  }

  @Override
  public Explanation explain(Trace trace, long budget) {
    return Explainer.explain(exercise, others.get(), trace, budget);
  }

  @Override
  public CaseOutcome outcome(List<Verdict> verdicts, Trace trace, String explain) {
    IdentityHashMap<Machine, Exploration> known = new IdentityHashMap<>();
    Function<Machine, Exploration> searched =
        machine -> known.computeIfAbsent(machine, CaseCoverage::search);
    CaseCoverage coverage = CaseCoverage.of(exercise.model(), searched, verdicts);
    return CaseOutcome.of(
        last == null ? coverage : coverage.with(verifier.allowed(last, searched)),
        verdicts,
        budget -> explain(trace, budget),
        explain);
  }
}
