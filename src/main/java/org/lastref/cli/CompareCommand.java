package org.lastref.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;
import org.lastref.report.Differences;
import org.lastref.report.RunReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares two kernels, or two runs that are stored. */
@Command(
    name = "compare",
    description = {
      "Runs the same on two kernels and tells what differs, and nothing else; or compares two runs"
          + " that are stored, without a board.",
      "What is run is chosen with the options of run; exit code 1 if the second breaks what the"
          + " first keeps."
    },
    mixinStandardHelpOptions = true)
final class CompareCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "WORD",
      arity = "2..*",
      description = {
        "two kernels as run takes them, or runs' folders in results/,",
        "then the run's options, such as --only"
      })
  private List<String> words = new ArrayList<>();

  @Option(names = "--json", description = "print what differs as JSON")
  private boolean json;

  @Option(
      names = "--results",
      paramLabel = "DIR",
      description = "where the runs' folders go (default: the project's results/)")
  private @Nullable Path results;

  @Override
  public Integer call() {
    List<RunReport> reports = new ArrayList<>();
    for (String each : words.subList(0, 2)) {
      Path folder = Path.of(each);
      reports.add(RunReport.read(file(Files.isDirectory(folder) ? folder : ran(each))));
    }
    Differences differences = Differences.of(reports.get(0), reports.get(1));
    System.out.print(json ? differences.toJson() : differences.text());
    System.out.flush();
    return differences.breaks() ? 1 : 0;
  }

  private static Path file(Path folder) {
    return folder.resolve("run.json");
  }

  /** Runs what is chosen on a kernel. */
  private Path ran(String kernel) {
    List<String> run = new ArrayList<>(List.of("run", "--kernel", kernel));
    run.addAll(words.subList(2, words.size()));
    Path folder = Main.results(results);
    run.addAll(List.of("--results", folder.toString()));
    System.err.println("lastref: running on " + kernel);
    PrintStream out = System.out;
    // What differs is all that is printed; the run's tables tell how far it is.
    System.setOut(System.err);
    int code;
    try {
      code = Main.execute(run.toArray(String[]::new));
    } finally {
      System.setOut(out);
    }
    Path latest = folder.resolve("latest");
    if (code > 1 || !Files.isRegularFile(file(latest))) {
      throw new LabFault(
          "there is nothing to compare, for the run on %s ended with exit code %d; why is above"
              .formatted(kernel, code));
    }
    try {
      return latest.toRealPath();
    } catch (IOException e) {
      throw new LabFault("cannot find the run on %s: %s".formatted(kernel, e.getMessage()), e);
    }
  }
}
