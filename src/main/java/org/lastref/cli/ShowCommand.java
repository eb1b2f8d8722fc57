package org.lastref.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.InputFault;
import org.lastref.fdt.OverlaySource;
import org.lastref.page.PerfettoTrace;
import org.lastref.page.RunPage;
import org.lastref.report.CaseResult;
import org.lastref.report.OverlayText;
import org.lastref.report.RunReport;
import org.lastref.report.TraceText;
import org.lastref.report.VerdictTable;
import org.lastref.trace.StoredTrace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a run, its cases, a stored trace, or what a kernel is given of an overlay. */
@Command(
    name = "show",
    description = {
      "Prints a run's verdicts, or all that is known of its cases.",
      "Or prints a trace as lines: who took and returned which reference, called by whom, and what"
          + " happened in between.",
      "Or prints what a kernel is given of an overlay, and the parameters that change that."
    },
    mixinStandardHelpOptions = true)
final class ShowCommand implements Callable<Integer> {

  @Parameters(
      index = "0",
      paramLabel = "RUN|TRACE|OVERLAY",
      description =
          "a run's folder in results/, a trace in a run's folder traces/, or a .dtso or .dtbo file")
  @SuppressWarnings("NullAway.Init")
  private Path file;

  @Parameters(
      index = "1..*",
      paramLabel = "CASE",
      description = "of a run these cases alone, by their names or the beginnings of them")
  private List<String> cases = new ArrayList<>();

  @Option(
      names = "--perfetto",
      paramLabel = "FILE",
      description = "write a trace to this file as Perfetto has it, instead of printing it")
  private @Nullable Path perfetto;

  @Option(names = "--open", description = "open the run's page in a browser")
  private boolean open;

  @Mixin private LoaderParameters parameters = new LoaderParameters();

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public Integer call() {
    if (perfetto != null) {
      write(perfetto);
    } else if (open) {
      open();
    } else {
      Pager.print(text());
    }
    return 0;
  }

  private void write(Path to) {
    byte[] bytes = PerfettoTrace.of(StoredTrace.read(file).trace());
    try {
      Files.write(to, bytes);
    } catch (IOException e) {
      throw new InputFault("cannot write %s: %s".formatted(to, e.getMessage()), e);
    }
  }

  private void open() {
    Path page = (Files.isDirectory(file) ? file.resolve(RunPage.NAME) : file).toAbsolutePath();
    if (!Files.isRegularFile(page)) {
      throw new InputFault("%s: there is no page of a run".formatted(page));
    }
    Pager.open(page);
  }

  private String ofRun() {
    RunReport report = RunReport.read(file.resolve("run.json"));
    List<CaseResult> chosen =
        report.cases().stream()
            .filter(
                each ->
                    cases.isEmpty()
                        || cases.stream()
                            .anyMatch(
                                name -> each.id().equals(name) || each.id().startsWith(name + "/")))
            .toList();
    if (chosen.isEmpty()) {
      throw new InputFault("%s has no case %s".formatted(file, String.join(", ", cases)));
    }
    VerdictTable table = RunCommand.table();
    return cases.isEmpty() ? table.render(chosen, file) : table.details(chosen);
  }

  private String text() {
    if (Files.isDirectory(file)) {
      return ofRun();
    }
    if (!cases.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "cases are of a run, and %s is none".formatted(file));
    }
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
