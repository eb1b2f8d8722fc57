package org.lastref.suite;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.InputFault;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.Overlay;
import org.lastref.model.Policy;
import org.lastref.report.RunInfo;
import org.lastref.trace.Blob;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.TraceHeader;
import org.lastref.trace.TraceHeader.Layer;
import org.lastref.verify.Exercise;
import org.lastref.verify.Scenario;
import org.lastref.verify.Scenario.ExpectedStep;

/** What a scenario is stored as with its trace, and how it is had back. */
public final class Recording {

  private Recording() {}

  /**
   * Makes the header of a trace that a board has just sent.
   *
   * @param info of the run, with its kernel
   * @param layers the overlays as the board had them
   * @param base the tree that the board booted with
   * @param cycle from 1
   */
  static TraceHeader header(
      RunInfo info, List<Layer> layers, Blob base, Scenario scenario, int cycle) {
    return header(info, layers, base, words(scenario.policy()), null, scenario.steps(), cycle);
  }

  /** The same of a kernel of the user's own: of its policy, nothing but the timing is known. */
  static TraceHeader ownHeader(
      RunInfo info, List<Layer> layers, Blob base, Scenario scenario, int cycle) {
    Policy policy = scenario.policy();
    return header(
        info,
        layers,
        base,
        TraceHeader.Words.unknown(policy.grace().toString(), policy.delayed()),
        null,
        scenario.steps(),
        cycle);
  }

  private static TraceHeader.Words words(Policy policy) {
    return new TraceHeader.Words(
        policy.release().toString(),
        policy.fix().toString(),
        policy.grace().toString(),
        policy.delayed());
  }

  /**
   * The same of an exercise.
   *
   * @param name its name, and the kernel that it ran on
   */
  static TraceHeader header(
      RunInfo info,
      List<Layer> layers,
      Blob base,
      Exercise exercise,
      TraceHeader.Exercise name,
      int cycle) {
    return header(info, layers, base, words(Policy.UPSTREAM), name, exercise.steps(), cycle);
  }

  private static TraceHeader header(
      RunInfo info,
      List<Layer> layers,
      Blob base,
      TraceHeader.Words policy,
      TraceHeader.@Nullable Exercise exercise,
      List<ExpectedStep> steps,
      int cycle) {
    RunInfo.Kernel kernel = Objects.requireNonNull(info.kernel(), "kernel");
    return new TraceHeader(
        layers,
        base,
        policy,
        exercise,
        steps.stream().map(each -> new TraceHeader.Step(each.step(), each.result())).toList(),
        new TraceHeader.Provenance(
            info.board(),
            kernel.release(),
            kernel.sourceVersion(),
            kernel.patches().stream()
                .map(patch -> new TraceHeader.Patch(patch.name(), patch.sha256()))
                .toList(),
            info.revision(),
            Instant.now(),
            cycle));
  }

  /**
   * What the case is called that a trace is of.
   *
   * @throws InputFault as {@link #scenario}
   */
  static CaseName name(TraceHeader header, Path file) {
    if (header.exercise() != null) {
      return CaseName.of(header.exercise());
    }
    Policy policy = policy(header, file);
    return header.policy().areUnknown()
        ? CaseName.own(header.overlay(), policy)
        : CaseName.of(
            header.overlay(),
            policy,
            Scenario.situation(header.steps().stream().map(TraceHeader.Step::step)),
            header.steps().stream().anyMatch(step -> step.step().startsWith(Scenario.LOCKDEP)));
  }

  /**
   * What a trace is to be held against.
   *
   * @param file that has the header, for messages
   * @throws InputFault as {@link #scenario} and {@link #exercise}
   */
  public static Subject subject(TraceHeader header, Path file) {
    if (header.exercise() != null) {
      return Subject.of(exercise(header.exercise(), header, file));
    }
    Scenario scenario = scenario(header, file);
    return header.policy().areUnknown() ? new OwnKernelSubject(scenario) : Subject.of(scenario);
  }

  /**
   * The exercise that a trace is of.
   *
   * @throws InputFault if this Lastref has none of that name
   */
  private static Exercise exercise(TraceHeader.Exercise name, TraceHeader header, Path file) {
    Exercise exercise =
        Exercises.named(name.id())
            .orElseThrow(
                () ->
                    new InputFault(
                        "%s: a trace of %s, which this Lastref does not have: use the one that wrote it"
                            .formatted(where(file), name.id())));
    List<ExpectedStep> steps =
        header.steps().stream().map(each -> new ExpectedStep(each.step(), each.result())).toList();
    return new Exercise(
        exercise.suite(),
        exercise.scenario(),
        exercise.variant(),
        steps,
        exercise.machine(),
        exercise.reading());
  }

  /**
   * What was done on the board and what the model knows of it.
   *
   * @param file that has the header, for messages
   * @throws InputFault naming the file and the header's line, if a blob is no devicetree, an
   *     overlay does not fit, or a word of the policy is not known
   */
  public static Scenario scenario(TraceHeader header, Path file) {
    String where = where(file);
    Policy policy = policy(header, file);
    Map<String, Overlay> layers = new LinkedHashMap<>();
    for (Layer layer : header.overlays()) {
      String name = "%s, overlay %s".formatted(where, layer.name());
      layers.put(layer.name(), Overlay.of(Fdt.parse(layer.blob().bytes(), name)));
    }
    Fdt base = Fdt.parse(header.base().bytes(), where + ", base");
    return new Scenario(
        policy,
        RemovalCase.populations(base, layers),
        header.steps().stream().map(each -> new ExpectedStep(each.step(), each.result())).toList());
  }

  /**
   * The policy that a trace was recorded under; of a kernel of the user's own, upstream's with the
   * timing that it had.
   *
   * @throws InputFault as {@link #scenario}
   */
  public static Policy policy(TraceHeader header, Path file) {
    TraceHeader.Words words = header.policy();
    if (words.areUnknown()) {
      Policy.Grace grace = word("grace", words.grace(), Policy.Grace.values(), file);
      Policy policy = Policy.UPSTREAM.with(grace);
      return words.delayed() ? policy.withDelayedRelease() : policy;
    }
    return new Policy(
        word("release", words.release(), Policy.Release.values(), file),
        word("fix", words.fix(), Policy.Fix.values(), file),
        word("grace", words.grace(), Policy.Grace.values(), file),
        words.delayed());
  }

  private static <W> W word(String axis, String word, W[] values, Path file) {
    return Arrays.stream(values)
        .filter(value -> value.toString().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new InputFault(
                    "%s: the header has a policy.%s that this Lastref does not know; it knows %s"
                        .formatted(
                            where(file),
                            axis,
                            Arrays.stream(values)
                                .map(Object::toString)
                                .collect(Collectors.joining(", ")))));
  }

  private static String where(Path file) {
    return file + ":" + StoredTrace.HEADER_LINE;
  }
}
