package org.lastref.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Channel;
import org.lastref.fault.Fault;
import org.lastref.image.Images;
import org.lastref.report.RunReport;
import org.lastref.report.Text;
import org.lastref.report.VerdictTable;
import org.lastref.suite.Orchestrator;
import org.lastref.suite.Run;
import org.lastref.suite.RunPlan;
import org.lastref.suite.Trial;
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

  @Mixin private KernelChoice kernelChoice = new KernelChoice();

  @Mixin private SuiteChoice suites = new SuiteChoice();

  @Option(
      names = "--via",
      paramLabel = "serial|ssh",
      defaultValue = "ssh",
      description = "how commands reach the board (default: ${DEFAULT-VALUE})")
  private Channel channel = Channel.SSH;

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
    BoardDefinition board = selection.board();
    List<Trial> trials = suites.trials(selection, kernelChoice);
    RunPlan plan =
        new RunPlan(
            project,
            (results == null ? project.resolve("results") : results).toAbsolutePath().normalize(),
            board,
            channel,
            trials,
            cycles,
            words);
    Run run =
        new Run(plan, kernel -> Images.ensure(project, kernel), new Progress(trials.size())::ended);
    System.err.printf(
        "lastref: %d cases of %d cycles on %s%n", trials.size(), cycles, plan.board().name());
    Orchestrator.run(run);
    RunReport report = run.report();
    Path folder = run.folder().path();
    Path where = folder.startsWith(project) ? project.relativize(folder) : folder;
    System.out.print(json ? report.toJson() + "\n" : table().render(report.cases(), where));
    System.out.flush();
    for (Fault fault : run.faults()) {
      System.err.println("lastref: " + Text.printable(fault.getMessage()));
    }
    return run.exitCode();
  }

  static VerdictTable table() {
    boolean ansi = Boolean.getBoolean("lastref.terminal") && System.getenv("NO_COLOR") == null;
    return new VerdictTable(
        List.of(
            new VerdictTable.Axes("overlay", List.of("grace", "release", "fix")),
            new VerdictTable.Axes("scenario", List.of("suite", "kernel", "variant"))),
        ansi);
  }
}
