package org.lastref.trace;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a stored trace says of itself: all that it takes to judge it without the board that it came
 * from. {@code trace-header.schema.json} beside this class describes its JSON.
 *
 * @param overlays what was applied, the first applied first; 1 to {@value #MAX_OVERLAYS}, or none
 *     if it is of an exercise
 * @param base the tree that the board booted with
 * @param policy how the kernel let device links go
 * @param exercise what it is a trace of; null if of the removal of overlays
 * @param unbound the paths of the nodes whose devices were expected to get no driver
 * @param steps what was done, in order
 * @param drivers what was known of drivers besides Lastref's own knowledge, in its YAML; empty for
 *     nothing
 * @param provenance where the trace came from
 */
public record TraceHeader(
    List<Layer> overlays,
    Blob base,
    Words policy,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Exercise exercise,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) SortedSet<String> unbound,
    List<Step> steps,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) String drivers,
    Provenance provenance) {

  static final int MAX_OVERLAYS = 64;

  /** An overlay by name: letters, digits, dots, dashes and underscores, 61 at most. */
  public record Layer(String name, Blob blob) {
    public Layer {
      if (!requireNonNull(name, "name").matches("[A-Za-z0-9][A-Za-z0-9._-]{0,60}")) {
        throw new IllegalArgumentException("the name of an overlay has other characters than that");
      }
      requireNonNull(blob, "blob");
    }
  }

  /**
   * The policy as the command line takes it: {@code --release}, {@code --fix}, {@code --grace}. Of
   * a kernel of the user's own, release and fix are {@value #UNKNOWN}.
   *
   * @param delayed whether the kernel delays each release of a kobject
   */
  public record Words(String release, String fix, String grace, boolean delayed) {

    /** What nobody knows of a kernel of the user's own. */
    public static final String UNKNOWN = "unknown";

    /** Of a kernel of the user's own. */
    public static Words unknown(String grace, boolean delayed) {
      return new Words(UNKNOWN, UNKNOWN, grace, delayed);
    }

    /** Whether the kernel is one of the user's own. */
    @JsonIgnore
    public boolean areUnknown() {
      return release.equals(UNKNOWN);
    }

    public Words {
      requireNonNull(release, "release");
      requireNonNull(fix, "fix");
      requireNonNull(grace, "grace");
    }
  }

  /**
   * An exercise by its name, and the kernel that it ran on.
   *
   * @param kernel as {@code --kernel} takes it, such as {@code plain}
   */
  public record Exercise(String suite, String scenario, String variant, String kernel) {
    public Exercise {
      // A version of Debian's package has more.
      String named = kernel.replaceFirst("/", ".").replaceAll("[~+]", ".");
      for (String word : List.of(suite, scenario, variant, named)) {
        if (!word.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,60}")) {
          throw new IllegalArgumentException("an exercise's name has other characters than that");
        }
      }
    }

    /** Unique among all exercises. */
    public String id() {
      return suite + "/" + scenario + "/" + variant;
    }
  }

  /**
   * A step and how it should have ended.
   *
   * @param step verb and argument, such as {@code remove=diamond}
   * @param result the first words of its result
   */
  public record Step(String step, String result) {
    public Step {
      requireNonNull(step, "step");
      requireNonNull(result, "result");
    }
  }

  /**
   * Where a trace came from.
   *
   * @param board the board's name
   * @param kernel as {@code uname -r} prints it
   * @param source package and version that the kernel was built from; null for one that was not
   *     built here
   * @param lacks symbols that the kernel has not and Lastref's own kernels have, as far as the
   *     model asks
   * @param newer symbols that it has and Linux 6.1 has not, as far as the model asks
   * @param patches what was applied to that source, in order
   * @param revision Git revision of Lastref, with {@code -dirty} if changed; null if unknown
   * @param recorded when the board was done
   * @param cycle which of the case's cycles it is, from 1
   */
  public record Provenance(
      String board,
      String kernel,
      @Nullable String source,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) SortedSet<String> lacks,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) SortedSet<String> newer,
      List<Patch> patches,
      @Nullable String revision,
      Instant recorded,
      int cycle) {
    public Provenance {
      requireNonNull(board, "board");
      requireNonNull(kernel, "kernel");
      lacks = Collections.unmodifiableSortedSet(new TreeSet<>(lacks));
      newer = Collections.unmodifiableSortedSet(new TreeSet<>(newer));
      patches = List.copyOf(patches);
      requireNonNull(recorded, "recorded");
      if (cycle < 1) {
        throw new IllegalArgumentException("cycle " + cycle + ": they count from 1");
      }
    }
  }

  /** A patch by its file's name, and the hash of what was in it. */
  public record Patch(String name, String sha256) {
    public Patch {
      requireNonNull(name, "name");
      requireNonNull(sha256, "sha256");
    }
  }

  /**
   * @throws IllegalArgumentException if there is no overlay, too many, or two of one name
   */
  public TraceHeader {
    overlays = List.copyOf(overlays);
    if ((overlays.isEmpty() && exercise == null) || overlays.size() > MAX_OVERLAYS) {
      throw new IllegalArgumentException(
          "%d overlays: 1 to %d are possible".formatted(overlays.size(), MAX_OVERLAYS));
    }
    Set<String> names = new HashSet<>();
    for (Layer layer : overlays) {
      if (!names.add(layer.name())) {
        throw new IllegalArgumentException("two overlays are named " + layer.name());
      }
    }
    requireNonNull(base, "base");
    requireNonNull(policy, "policy");
    unbound = Collections.unmodifiableSortedSet(new TreeSet<>(unbound));
    steps = List.copyOf(steps);
    requireNonNull(drivers, "drivers");
    requireNonNull(provenance, "provenance");
  }

  /** Whether the same was done, on a kernel of the same policy: where it was does not matter. */
  public boolean isOfTheSame(TraceHeader other) {
    return overlays.equals(other.overlays)
        && base.equals(other.base)
        && policy.equals(other.policy)
        && Objects.equals(exercise, other.exercise)
        && unbound.equals(other.unbound)
        && steps.equals(other.steps)
        && drivers.equals(other.drivers);
  }

  /** Whether anything was done with a verb; tells it of steps too that this Lastref cannot do. */
  public boolean has(Verb verb) {
    return steps.stream().anyMatch(each -> each.step().startsWith(verb + "="));
  }

  /**
   * What was done.
   *
   * @throws IllegalArgumentException if this Lastref does not know a step
   */
  @JsonIgnore
  public Scenario scenario() {
    return new Scenario(
        steps.stream().map(each -> Instruction.of(each.step(), each.result())).toList());
  }

  /** Steps as a header has them. */
  public static List<Step> steps(Scenario scenario) {
    return scenario.instructions().stream()
        .map(each -> new Step(each.step(), each.result()))
        .toList();
  }

  /** The name of the overlay on top, which the trace is about. */
  public String overlay() {
    return overlays.get(overlays.size() - 1).name();
  }
}
