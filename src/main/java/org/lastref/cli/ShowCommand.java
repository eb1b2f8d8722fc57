package org.lastref.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.lastref.fdt.OverlaySource;
import org.lastref.report.OverlayText;
import org.lastref.report.TraceText;
import org.lastref.trace.StoredTrace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a stored trace, or what a kernel is given of an overlay. */
@Command(
    name = "show",
    description = {
      "Prints a trace as lines: who took and returned which reference, called by whom, and what"
          + " happened in between.",
      "Or prints what a kernel is given of an overlay, and the parameters that change that."
    },
    mixinStandardHelpOptions = true)
final class ShowCommand implements Callable<Integer> {

  @Parameters(
      paramLabel = "TRACE|OVERLAY",
      description = "a trace in a run's folder traces/, or a .dtso or .dtbo file")
  @SuppressWarnings("NullAway.Init")
  private Path file;

  @Mixin private LoaderParameters parameters = new LoaderParameters();

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public Integer call() {
    System.out.print(text());
    System.out.flush();
    return 0;
  }

  private String text() {
    if (Selection.isFile(file.toString())) {
      return OverlayText.of(
          OverlaySource.of(file, parameters.chosen(spec.commandLine())),
          OverlaySource.settings(file));
    }
    if (parameters.areChosen()) {
      throw new ParameterException(
          spec.commandLine(), "--param is for overlays, and %s is a trace".formatted(file));
    }
    return TraceText.of(StoredTrace.read(file));
  }
}
