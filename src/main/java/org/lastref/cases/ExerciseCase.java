package org.lastref.cases;

import java.util.List;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.lastref.fault.InputFault;
import org.lastref.image.KernelBuild;
import org.lastref.model.Kernel;
import org.lastref.offline.Catalogue;
import org.lastref.offline.ModelOracle;
import org.lastref.offline.TraceHeaders;
import org.lastref.report.CaseName;
import org.lastref.report.CaseOutcome;
import org.lastref.runner.Attempt;
import org.lastref.runner.Kit;
import org.lastref.runner.TestCase;
import org.lastref.trace.Scenario;

/**
 * An exercise on a board. It passes if what was seen conforms to the model of its variant: one that
 * is known to break a promise passes by breaking it as modelled.
 *
 * @param kernel the kernel it needs
 */
record ExerciseCase(Catalogue.Entry exercise, String kernel, Kit kit) implements TestCase {

  /** Exercises that take the same along, on the plain kernel. */
  static List<TestCase> plain(List<Catalogue.Entry> exercises, Function<Catalogue.Entry, Kit> kit) {
    return exercises.stream()
        .<TestCase>map(each -> new ExerciseCase(each, KernelBuild.PLAIN, kit.apply(each)))
        .toList();
  }

  @Override
  public String suite() {
    return exercise.suite();
  }

  @Override
  public TestCase on(String other) {
    return new ExerciseCase(exercise, other, kit);
  }

  @Override
  public String id() {
    return exercise.id();
  }

  @Override
  public String title() {
    return name().title();
  }

  @Override
  public SortedMap<String, String> properties() {
    return name().properties();
  }

  private CaseName name() {
    return CaseName.of(TraceHeaders.name(exercise, kernel));
  }

  @Override
  public String options() {
    return byName();
  }

  @Override
  public Supplier<CaseOutcome> tried(Attempt attempt) {
    Kernel runs = attempt.board().kernel();
    Catalogue.Entry here =
        Suites.CATALOGUE
            .named(exercise.id(), runs)
            .orElseThrow(
                () ->
                    new InputFault(
                        "%s is not possible on %s, which the board runs: leave it out"
                            .formatted(exercise.id(), runs.release())));
    Scenario scenario = here.modelled().scenario();
    return attempt.judged(
        scenario,
        () -> ModelOracle.of(here, Suites.CATALOGUE, runs),
        (cycles, each) -> attempt.board().run(scenario, kit, cycles, each),
        cycle ->
            TraceHeaders.header(
                attempt.info(),
                attempt.board().kernel(),
                attempt.board().layers(kit.overlays()),
                attempt.board().baseBlob(),
                here,
                kernel,
                cycle));
  }

  @Override
  public String toString() {
    return id();
  }
}
