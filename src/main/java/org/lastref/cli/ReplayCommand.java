package org.lastref.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.lastref.cases.Suites;
import org.lastref.fault.Fault;
import org.lastref.offline.Replay;
import org.lastref.report.ReplayReport;
import org.lastref.report.Text;
import org.lastref.runner.Run;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Judges stored traces again and prints the verdicts. */
@Command(
    name = "replay",
    description = {
      "Judges the traces of a run again, without a board, and compares with what run.json says.",
      "",
      "A trace of version 0 does not say what it is of: for these, --only, --release, --fix and"
          + " --grace have to, with one word each."
    },
    mixinStandardHelpOptions = true)
final class ReplayCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "PATH",
      arity = "1..*",
      description = "a run's folder, a folder of traces, or a trace")
  private List<Path> paths = new ArrayList<>();

  @Mixin private Selection selection = new Selection();

  @Option(names = "--json", description = "print the verdicts as JSON")
  private boolean json;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  private Replay.@Nullable Assumed assumed;

  @Override
  public Integer call() {
    List<Replay> replays = Replay.of(paths, this::assumed, Suites.CATALOGUE);
    if (assumed == null && selection.chooses()) {
      throw new ParameterException(
          spec.commandLine(),
          "these traces say themselves what they are of: leave out --only, --release, --fix and"
              + " --grace");
    }
    Progress progress = new Progress("", replays.stream().mapToInt(Replay::cases).sum());
    ReplayReport report =
        new ReplayReport(replays.stream().map(each -> each.run(progress::ended)).toList());
    System.out.print(json ? report.toJson() : text(report));
    System.out.flush();
    List<Fault> faults = replays.stream().flatMap(each -> each.faults().stream()).toList();
    for (Fault fault : faults) {
      System.err.println("lastref: " + Text.printable(fault.getMessage()));
    }
    return Run.exitCode(report.totals(), faults);
  }

  private Replay.Assumed assumed(Path file) {
    if (assumed == null) {
      if (!selection.choosesOne()) {
        throw new ParameterException(
            spec.commandLine(),
            "%s is a trace of version 0: say what it is of with --only, --release, --fix and --grace"
                .formatted(file));
      }
      assumed = OldTrace.assumed(selection);
    }
    return assumed;
  }

  private static String text(ReplayReport report) {
    StringBuilder text = new StringBuilder();
    for (ReplayReport.Part part : report.replays()) {
      if (report.replays().size() > 1) {
        text.append(text.length() == 0 ? "" : "\n");
        text.append(String.join(" ", part.paths())).append("\n\n");
      }
      text.append(RunCommand.table().render(part.cases()));
      if (part.comparison() != null) {
        text.append(part.comparison().render());
      }
    }
    return text.toString();
  }
}
