package org.lastref.offline;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.InputFault;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.Overlay;
import org.lastref.model.Drivers;
import org.lastref.model.Kernel;
import org.lastref.model.OverlayApplier;
import org.lastref.model.Policy;
import org.lastref.model.Situation;
import org.lastref.report.CaseName;
import org.lastref.report.RunInfo;
import org.lastref.trace.Blob;
import org.lastref.trace.Scenario;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.TraceHeader;
import org.lastref.trace.TraceHeader.Layer;
import org.lastref.trace.Verb;
import org.lastref.verify.OverlayRemoval;

/** What a scenario is stored as with its trace, and how it is had back. */
public final class TraceHeaders {

  private TraceHeaders() {}

  /**
   * Makes the header of a trace that a board has just sent.
   *
   * @param info of the run, with its kernel
   * @param kernel the same, as the model tells kernels apart
   * @param layers the overlays as the board had them
   * @param base the tree that the board booted with
   * @param cycle from 1
   */
  public static TraceHeader header(
      RunInfo info,
      Kernel kernel,
      List<Layer> layers,
      Blob base,
      OverlayRemoval removal,
      int cycle) {
    return header(
        info,
        kernel,
        layers,
        base,
        words(removal.policy()),
        null,
        removal.unbound(),
        removal.scenario(),
        cycle);
  }

  /** The same of a kernel of the user's own: of its policy, nothing but the timing is known. */
  public static TraceHeader ownHeader(
      RunInfo info,
      Kernel kernel,
      List<Layer> layers,
      Blob base,
      OverlayRemoval removal,
      int cycle) {
    Policy policy = removal.policy();
    return header(
        info,
        kernel,
        layers,
        base,
        TraceHeader.Words.unknown(policy.grace().toString(), policy.delayed()),
        null,
        removal.unbound(),
        removal.scenario(),
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
   * @param kernelName the kernel that it ran on, as {@code --kernel} takes it
   */
  public static TraceHeader header(
      RunInfo info,
      Kernel kernel,
      List<Layer> layers,
      Blob base,
      Catalogue.Entry exercise,
      String kernelName,
      int cycle) {
    return header(
        info,
        kernel,
        layers,
        base,
        words(Policy.UPSTREAM),
        name(exercise, kernelName),
        new TreeSet<>(),
        exercise.modelled().scenario(),
        cycle);
  }

  /** An exercise as a header names it. */
  public static TraceHeader.Exercise name(Catalogue.Entry entry, String kernel) {
    return new TraceHeader.Exercise(entry.suite(), entry.scenario(), entry.variant(), kernel);
  }

  private static TraceHeader header(
      RunInfo info,
      Kernel kernel,
      List<Layer> layers,
      Blob base,
      TraceHeader.Words policy,
      TraceHeader.@Nullable Exercise exercise,
      SortedSet<String> unbound,
      Scenario scenario,
      int cycle) {
    Drivers further = kernel.drivers().further();
    RunInfo.Kernel built = Objects.requireNonNull(info.kernel(), "kernel");
    return new TraceHeader(
        layers,
        base,
        policy,
        exercise,
        unbound,
        TraceHeader.steps(scenario),
        further.drivers().isEmpty() ? "" : further.text(),
        new TraceHeader.Provenance(
            info.board(),
            built.release(),
            built.sourceVersion(),
            kernel.lacks(),
            kernel.newer(),
            built.patches().stream()
                .map(patch -> new TraceHeader.Patch(patch.name(), patch.sha256()))
                .toList(),
            info.revision(),
            Instant.now(),
            cycle));
  }

  /**
   * What the case is called that a trace is of.
   *
   * @throws InputFault as {@link #removal}
   */
  static CaseName name(TraceHeader header, Path file) {
    if (header.exercise() != null) {
      return CaseName.of(header.exercise());
    }
    Policy policy = policy(header, file);
    Situation situation =
        Situation.of(header.steps().stream().map(TraceHeader.Step::step).toList());
    String overlay =
        situation == Situation.BESIDE
            ? CaseName.beside(header.overlays().stream().map(Layer::name).toList())
            : header.overlay();
    return header.policy().areUnknown()
        ? CaseName.own(overlay, policy, situation)
        : CaseName.of(overlay, policy, situation, header.has(Verb.LOCKDEP));
  }

  /**
   * What a trace is to be held against.
   *
   * @param file that has the header, for messages
   * @param catalogue where its exercise is found
   * @throws InputFault as {@link #removal}, or if this Lastref has no such exercise
   */
  public static Oracle oracle(TraceHeader header, Path file, Catalogue catalogue) {
    if (header.exercise() != null) {
      return exercise(header.exercise(), header, file, catalogue);
    }
    OverlayRemoval removal = removal(header, file);
    return header.policy().areUnknown() ? OwnKernelOracle.of(removal) : RemovalOracle.of(removal);
  }

  private static Oracle exercise(
      TraceHeader.Exercise name, TraceHeader header, Path file, Catalogue catalogue) {
    Kernel kernel = kernel(header, file);
    Catalogue.Entry entry =
        catalogue
            .named(name.id(), kernel)
            .orElseThrow(
                () ->
                    new InputFault(
                        "%s: a trace of %s, which this Lastref does not have: use the one that wrote it"
                            .formatted(where(file), name.id())));
    return ModelOracle.of(
        ModelOracle.exercise(entry).with(steps(header, file)), entry, catalogue, kernel);
  }

  /** The kernel that a trace is of, with what was known of its drivers. */
  static Kernel kernel(TraceHeader header, Path file) {
    Kernel kernel =
        Kernel.of(
            header.provenance().kernel(), header.provenance().lacks(), header.provenance().newer());
    return header.drivers().isEmpty()
        ? kernel
        : kernel.with(Drivers.of(Path.of(where(file) + ", drivers"), header.drivers()));
  }

  private static Scenario steps(TraceHeader header, Path file) {
    try {
      return header.scenario();
    } catch (IllegalArgumentException e) {
      throw new InputFault("%s: %s".formatted(where(file), e.getMessage()), e);
    }
  }

  /**
   * What was done on the board and what the model knows of it.
   *
   * @param file that has the header, for messages
   * @throws InputFault naming the file and the header's line, if a blob is no devicetree, an
   *     overlay does not fit, or a word of the policy or a step is not known
   */
  public static OverlayRemoval removal(TraceHeader header, Path file) {
    return removal(header, file, Drivers.NONE);
  }

  /** The same where more is known of drivers. */
  static OverlayRemoval removal(TraceHeader header, Path file, Drivers more) {
    String where = where(file);
    Policy policy = policy(header, file);
    Map<String, Overlay> layers = new LinkedHashMap<>();
    for (Layer layer : header.overlays()) {
      String name = "%s, overlay %s".formatted(where, layer.name());
      layers.put(layer.name(), Overlay.of(Fdt.parse(layer.blob().bytes(), name)));
    }
    Fdt base = Fdt.parse(header.base().bytes(), where + ", base");
    return new OverlayRemoval(
        policy,
        OverlayApplier.apply(base, kernel(header, file).with(more), layers),
        steps(header, file),
        header.unbound());
  }

  /**
   * The policy that a trace was recorded under; of a kernel of the user's own, upstream's with the
   * timing that it had.
   *
   * @throws InputFault as {@link #removal}
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
