package org.lastref.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.Fault;
import org.lastref.image.Images;
import org.lastref.report.RunReport;
import org.lastref.report.VerdictTable;
import org.lastref.suite.Orchestrator;
import org.lastref.suite.Run;
import org.lastref.suite.RunPlan;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs overlays under policies on a board and prints the verdicts. */
@Command(
    name = "run",
    description = "Removes overlays under each policy on a board and judges every reference.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {

  @Mixin private Selection selection = new Selection();

  @Option(
      names = "--cycles",
      paramLabel = "N",
      defaultValue = "3",
      description = "how often each case is repeated (default: ${DEFAULT-VALUE})")
  private int cycles;

  @Option(
      names = "--results",
      paramLabel = "DIR",
      description = "where the run's folder goes (default: the project's results/)")
  private @Nullable Path results;

  @Option(names = "--json", description = "print the run's report as JSON")
  private boolean json;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public Integer call() {
    if (cycles < 1 || cycles > 100_000) {
      throw new ParameterException(
          spec.commandLine(), "--cycles %d: 1 to 100000 are possible".formatted(cycles));
    }
    List<String> words = new ArrayList<>(List.of("./lastref"));
    words.addAll(spec.root().commandLine().getParseResult().originalArgs());
    Path project = Main.project();
    RunPlan plan =
        new RunPlan(
            project,
            (results == null ? project.resolve("results") : results).toAbsolutePath().normalize(),
            selection.board(),
            selection.channel(),
            selection.kernel(),
            selection.shapes(),
            selection.policies(),
            cycles,
            words);
    Images images = Images.ensure(project, plan.kernel());
    int cases = plan.cases().size();
    Run run = new Run(plan, images, new Progress(cases)::ended);
    System.err.printf(
        "lastref: booting %s for %d cases of %d cycles%n", plan.board().name(), cases, cycles);
    Orchestrator.run(run);
    RunReport report = run.report();
    Path folder = run.folder().path();
    Path where = folder.startsWith(project) ? project.relativize(folder) : folder;
    System.out.print(json ? report.toJson() + "\n" : table(report, where));
    System.out.flush();
    for (Fault fault : run.faults()) {
      System.err.println("lastref: " + fault.getMessage());
    }
    return run.exitCode();
  }

  private static String table(RunReport report, Path where) {
    boolean ansi = Boolean.getBoolean("lastref.terminal") && System.getenv("NO_COLOR") == null;
    return new VerdictTable("overlay", List.of("grace", "release", "fix"), ansi)
        .render(report.cases(), where);
  }
}
