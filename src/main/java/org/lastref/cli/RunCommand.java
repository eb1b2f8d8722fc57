package org.lastref.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Channel;
import org.lastref.fault.Fault;
import org.lastref.image.Images;
import org.lastref.report.MailSummary;
import org.lastref.report.RunReport;
import org.lastref.report.Tested;
import org.lastref.report.Text;
import org.lastref.report.VerdictTable;
import org.lastref.suite.Orchestrator;
import org.lastref.suite.OwnKernelTrial;
import org.lastref.suite.RemovalCase;
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
    description = {
      "Removes overlays under each policy on a board and judges every reference.",
      "With --patch or --kernel-source, on a kernel of one's own: whether it keeps its promise, which"
          + " of the known policies it behaves like, and a summary for a mail."
    },
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {

  @Mixin private Selection selection = new Selection();

  @Mixin private KernelChoice kernelChoice = new KernelChoice();

  @Mixin private SuiteChoice suites = new SuiteChoice();

  @Mixin private OwnKernel own = new OwnKernel();

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
    own.check(suites.choosesSuites() || selection.choosesReleaseOrFix());
    List<Trial> trials = own.isChosen() ? ownTrials() : suites.trials(selection, kernelChoice);
    Tested tested = own.tested();
    // A kernel of one's own is built before anything is written: it may not build.
    Function<String, Images> images =
        own.isChosen()
            ? just(Images.ensure(project, kernelChoice.variant(), own.source()))
            : kernel -> Images.ensure(project, kernel);
    RunPlan plan =
        new RunPlan(
            project,
            (results == null ? project.resolve("results") : results).toAbsolutePath().normalize(),
            board,
            channel,
            trials,
            cycles,
            words);
    Run run = new Run(plan, images, new Progress(trials.size())::ended);
    System.err.printf(
        "lastref: %d cases of %d cycles on %s%n", trials.size(), cycles, plan.board().name());
    Orchestrator.run(run);
    RunReport report = run.report();
    Path folder = run.folder().path();
    Path where = folder.startsWith(project) ? project.relativize(folder) : folder;
    System.out.print(json ? report.toJson() + "\n" : table().render(report.cases(), where));
    if (own.isChosen()) {
      String summary = MailSummary.of(report, tested, rerun(words));
      run.folder().summarize(summary);
      System.out.print(json ? "" : "\n" + summary);
    }
    System.out.flush();
    for (Fault fault : run.faults()) {
      System.err.println("lastref: " + Text.printable(fault.getMessage()));
    }
    return run.exitCode();
  }

  private List<Trial> ownTrials() {
    return OwnKernelTrial.trials(
        kernelChoice.variant(),
        Images.delaysReleases(Main.project(), kernelChoice.variant()),
        own.options() + (kernelChoice.isPlain() ? "" : " --kernel " + kernelChoice.variant()),
        selection.builtInShapes(),
        selection.graces());
  }

  private static <T> Function<String, T> just(T built) {
    return kernel -> built;
  }

  private static String rerun(List<String> words) {
    return words.stream().map(RemovalCase::quoted).collect(Collectors.joining(" "));
  }

  static VerdictTable table() {
    boolean ansi = Boolean.getBoolean("lastref.terminal") && System.getenv("NO_COLOR") == null;
    return new VerdictTable(
        List.of(
            new VerdictTable.Axes(
                "overlay", List.of("kernel", "situation", "grace", "release", "fix")),
            new VerdictTable.Axes("overlay", List.of("kernel", "grace")),
            new VerdictTable.Axes("scenario", List.of("suite", "kernel", "variant"))),
        ansi);
  }
}
