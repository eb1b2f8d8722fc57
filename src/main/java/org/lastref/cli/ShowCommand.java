package org.lastref.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.lastref.report.TraceText;
import org.lastref.trace.StoredTrace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints a stored trace. */
@Command(
    name = "show",
    description =
        "Prints a trace as lines: who took and returned which reference, called by whom, and what"
            + " happened in between.",
    mixinStandardHelpOptions = true)
final class ShowCommand implements Callable<Integer> {

  @Parameters(paramLabel = "TRACE", description = "a trace in a run's folder traces/")
  @SuppressWarnings("NullAway.Init")
  private Path file;

  @Override
  public Integer call() {
    System.out.print(TraceText.of(StoredTrace.read(file)));
    System.out.flush();
    return 0;
  }
}
