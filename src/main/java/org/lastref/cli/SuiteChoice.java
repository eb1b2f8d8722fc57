package org.lastref.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.lastref.cases.RemovalTestCase;
import org.lastref.cases.Suite;
import org.lastref.cases.Suites;
import org.lastref.fdt.OverlaySource;
import org.lastref.image.KernelBuild;
import org.lastref.runner.TestCase;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that choose what is tried: whole suites, single cases, or overlays under policies. */
final class SuiteChoice {

  @Option(
      names = "--suite",
      paramLabel = "SUITE",
      split = ",",
      completionCandidates = SuiteNames.class,
      description = {
        "${COMPLETION-CANDIDATES}",
        "(default: of all of them what needs no further kernel)"
      })
  private List<String> suites = new ArrayList<>();

  @Option(
      names = "--all",
      description =
          "every suite, each on the kernels that it needs, of every version of Linux or that of"
              + " --kernel")
  private boolean all;

  @Option(
      names = "--case",
      paramLabel = "CASE",
      split = ",",
      description = "these cases of any suite alone, by their names or the beginnings of them")
  private List<String> cases = new ArrayList<>();

  /** The command's. */
  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  /** Whether it is all suites. */
  boolean isAll() {
    return all;
  }

  /** Whether it is cases alone that are chosen. */
  boolean choosesCases() {
    return !all && suites.isEmpty() && !cases.isEmpty();
  }

  /** Those cases, on the kernels that they need. */
  List<TestCase> chosenCases(KernelChoice kernel) {
    return named(ofSuites(kernel));
  }

  private List<TestCase> ofSuites(KernelChoice kernel) {
    return chosen().stream()
        .flatMap(each -> each.cases(Main.project(), kernel.name().series()).stream())
        .filter(each -> choosesSuites() || each.kernel().equals(KernelBuild.PLAIN))
        .map(each -> kernel.isDefault() ? each : each.on(kernel.insteadOf(each.kernel())))
        .toList();
  }

  /** Whether it is suites or cases that are chosen. */
  boolean choosesSuites() {
    return all || !suites.isEmpty() || !cases.isEmpty();
  }

  /**
   * What is chosen, kernel by kernel.
   *
   * @param added what of the user's own is added to the kernel
   * @param expected which devices of overlays are expected to have no driver
   */
  List<TestCase> cases(
      Selection selection, KernelChoice kernel, AddedToKernel added, ExpectedUnbound expected) {
    // A kernel alone is one to try overlays on, a version of Linux one to try all on.
    boolean choosesOverlays =
        selection.chooses()
            || (!choosesSuites() && !kernel.isPlain())
            || added.isChosen()
            || expected.isChosen();
    if (Stream.of(choosesOverlays, all, !suites.isEmpty()).filter(chosen -> chosen).count() > 1) {
      throw new ParameterException(
          spec.commandLine(),
          "choose suites with --suite, or all with --all, or overlays with --only, --release,"
              + " --fix, --grace, --situation, --config, --module and --expect-unbound");
    }
    List<TestCase> possible =
        choosesOverlays ? overlays(selection, kernel, added, expected) : ofSuites(kernel);
    Map<String, List<TestCase>> byKernel = new LinkedHashMap<>();
    for (TestCase each : cases.isEmpty() ? possible : named(possible)) {
      byKernel.computeIfAbsent(each.kernel(), name -> new ArrayList<>()).add(each);
    }
    return byKernel.values().stream().flatMap(List::stream).toList();
  }

  private static List<TestCase> overlays(
      Selection selection, KernelChoice kernel, AddedToKernel added, ExpectedUnbound expected) {
    List<OverlaySource> overlays = selection.overlays();
    return RemovalTestCase.all(
        Main.project(),
        kernel.name().toString(),
        selection.situated(overlays, added),
        selection.policies(),
        expected.among(overlays, selection.boards()));
  }

  private List<Suite> chosen() {
    List<String> names = Words.chosen(spec.commandLine(), "--suite", suites, Suites.names());
    return Suites.ALL.stream().filter(each -> names.contains(each.name())).toList();
  }

  private List<TestCase> named(List<TestCase> possible) {
    for (String name : cases) {
      if (possible.stream().noneMatch(testCase -> isNamed(testCase, name))) {
        throw new ParameterException(
            spec.commandLine(),
            "--case %s: there is no such case; run.json of a run with --all names them"
                .formatted(name));
      }
    }
    return possible.stream()
        .filter(testCase -> cases.stream().anyMatch(name -> isNamed(testCase, name)))
        .toList();
  }

  private static boolean isNamed(TestCase testCase, String name) {
    String whole = testCase.suite() + "/" + testCase.id();
    return Stream.of(testCase.id(), whole)
        .anyMatch(id -> id.equals(name) || id.startsWith(name + "/"));
  }

  static final class SuiteNames extends Candidates {
    SuiteNames() {
      super(Suites.names());
    }
  }
}
