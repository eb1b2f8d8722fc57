package org.lastref.cli;

import java.util.ArrayList;
import java.util.List;
import org.lastref.model.Policy;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Options that choose policies. The fixes that there are depend on who asks. */
abstract class PolicyChoice {

  @Option(
      names = "--release",
      paramLabel = "RELEASE",
      split = ",",
      completionCandidates = Releases.class,
      description = "${COMPLETION-CANDIDATES} (default: all)")
  private List<String> releases = new ArrayList<>();

  @Option(
      names = "--grace",
      paramLabel = "any|slow",
      split = ",",
      completionCandidates = Graces.class,
      description = "grace periods as they come, or never expedited (default: both)")
  private List<String> graces = new ArrayList<>();

  /** The command's. */
  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  protected CommandSpec spec;

  /** The words of {@code --fix}. */
  abstract List<String> fixes();

  /** All policies that there are. */
  abstract List<Policy> possible();

  /** Those of the model, whether a board has them or not. */
  static final class Modelled extends PolicyChoice {

    @Option(
        names = "--fix",
        paramLabel = "FIX",
        split = ",",
        completionCandidates = Fixes.class,
        description = "${COMPLETION-CANDIDATES} (default: all)")
    private List<String> fixes = new ArrayList<>();

    @Override
    List<String> fixes() {
      return fixes;
    }

    @Override
    List<Policy> possible() {
      return Policy.modelled();
    }
  }

  /** Whether a part of a policy was chosen. */
  boolean choosesPolicy() {
    return choosesReleaseOrFix() || !graces.isEmpty();
  }

  /** Whether a way of release or a fix was chosen. */
  boolean choosesReleaseOrFix() {
    return !releases.isEmpty() || !fixes().isEmpty();
  }

  /** Whether one policy was chosen. */
  boolean choosesOnePolicy() {
    return releases.size() == 1 && fixes().size() == 1 && graces.size() == 1;
  }

  /** Whether of release, fix and grace at most one each was chosen. */
  boolean choosesNothingTwice() {
    return releases.size() < 2 && fixes().size() < 2 && graces.size() < 2;
  }

  /** The timings that are chosen. */
  List<Policy.Grace> graces() {
    return Words.chosen(spec.commandLine(), "--grace", graces, List.of(Policy.Grace.values()));
  }

  /** Those that are chosen; of an axis without a word, all. */
  List<Policy> policies() {
    CommandLine command = spec.commandLine();
    List<Policy> possible = possible();
    List<Policy.Release> release =
        Words.chosen(command, "--release", releases, List.of(Policy.Release.values()));
    List<Policy.Fix> fix =
        Words.chosen(
            command,
            "--fix",
            fixes(),
            possible.stream().map(Policy::fix).distinct().toList(),
            List.of(Policy.Fix.values()),
            "no board's kernel has it, only ./lastref predict knows it; ");
    List<Policy.Grace> grace = graces();
    return possible.stream()
        .filter(each -> release.contains(each.release()))
        .filter(each -> fix.contains(each.fix()))
        .filter(each -> grace.contains(each.grace()))
        .toList();
  }

  /** What is chosen of a policy, and the rest as given. */
  Policy policy(Policy otherwise) {
    return policies().stream()
        .filter(each -> !releases.isEmpty() || each.release() == otherwise.release())
        .filter(each -> !fixes().isEmpty() || each.fix() == otherwise.fix())
        .filter(each -> !graces.isEmpty() || each.grace() == otherwise.grace())
        .findFirst()
        .map(each -> otherwise.delayed() ? each.withDelayedRelease() : each)
        .orElse(otherwise);
  }

  static final class Releases extends Candidates {
    Releases() {
      super(List.of(Policy.Release.values()));
    }
  }

  static final class Fixes extends Candidates {
    Fixes() {
      super(List.of(Policy.Fix.values()));
    }
  }

  static final class Graces extends Candidates {
    Graces() {
      super(List.of(Policy.Grace.values()));
    }
  }
}
