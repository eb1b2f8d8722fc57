package org.lastref.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.lastref.fault.Fault;
import org.lastref.report.RunReport;
import org.lastref.report.Text;
import org.lastref.report.Totals;
import org.lastref.runner.Run;

/**
 * What a command prints of the runs that it did, one a board.
 *
 * @param json whether for a program: one run's report, or a list of them
 */
record RunOutput(Path project, boolean json) {

  /**
   * Prints reports or tables, then what the user has to know besides.
   *
   * @param below a run's own, what stands below its tables, may be empty
   */
  void print(List<Run> runs, List<String> below) {
    System.out.print(json ? json(runs) : tables(runs, below));
    System.out.flush();
    for (Run run : runs) {
      String board = runs.size() == 1 ? "" : run.report().run().board();
      for (Fault fault : run.faults()) {
        System.err.println("lastref: " + Progress.head(board) + Text.printable(fault.getMessage()));
      }
    }
  }

  private static String json(List<Run> runs) {
    return runs.size() == 1
        ? runs.get(0).report().toJson() + "\n"
        : runs.stream()
            .map(run -> run.report().toJson().strip())
            .collect(Collectors.joining(",\n", "[\n", "\n]\n"));
  }

  private String tables(List<Run> runs, List<String> below) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < runs.size(); i++) {
      Run run = runs.get(i);
      if (runs.size() > 1) {
        out.append("== ").append(run.report().run().board()).append('\n');
      }
      out.append(RunCommand.table().render(run.report().cases(), where(run)));
      out.append(below.get(i).isEmpty() ? "" : "\n" + below.get(i));
      out.append(runs.size() > 1 ? "\n" : "");
    }
    if (runs.size() > 1) {
      runs.forEach(run -> out.append(line(run)));
    }
    return out.toString();
  }

  private static String line(Run run) {
    RunReport report = run.report();
    return "%s: exit code %d, %s%n"
        .formatted(report.run().board(), run.exitCode(), Totals.of(report.cases()));
  }

  private Path where(Run run) {
    Path folder = run.folder().path();
    return folder.startsWith(project) ? project.relativize(folder) : folder;
  }

  /** The worst: a failed verdict, then an input at fault, then the lab. */
  static int exitCode(List<Run> runs) {
    List<Integer> codes = runs.stream().map(Run::exitCode).toList();
    return codes.contains(1) ? 1 : codes.contains(2) ? 2 : codes.contains(Main.LAB) ? 3 : 0;
  }
}
