package org.lastref.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Channel;
import org.lastref.cases.RemovalTestCase;
import org.lastref.fault.InputFault;
import org.lastref.fdt.OverlaySource;
import org.lastref.image.Images;
import org.lastref.image.OwnSource;
import org.lastref.model.DriverProfile;
import org.lastref.model.DriverProfile.Hold;
import org.lastref.model.Drivers;
import org.lastref.model.Policy;
import org.lastref.model.Situation;
import org.lastref.offline.Learning;
import org.lastref.offline.Learning.Learnt;
import org.lastref.offline.RemovalCase;
import org.lastref.report.Text;
import org.lastref.runner.Admission;
import org.lastref.runner.BoardLanes;
import org.lastref.runner.Installed;
import org.lastref.runner.Run;
import org.lastref.runner.RunPlan;
import org.lastref.runner.TestCase;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Learns from some cycles what an overlay's drivers do, and keeps it beside the overlay. */
@Command(
    name = "learn",
    description = {
      "Applies and removes an overlay some times, and writes what drivers that the model does not"
          + " know did alike each time into NAME.drivers.yaml beside it.",
      "From then on, run, predict and replay expect that of them, exactly."
    },
    mixinStandardHelpOptions = true)
final class LearnCommand implements Callable<Integer> {

  /** The policy under which nothing is lost: what is left then is a driver's. */
  private static final Policy POLICY =
      new Policy(Policy.Release.DEDICATED_WQ, Policy.Fix.WAIT_REMOVAL, Policy.Grace.ANY);

  @Parameters(paramLabel = "OVERLAY", description = "a .dtso or .dtbo file")
  @SuppressWarnings("NullAway.Init")
  private Path overlay;

  @Mixin private LoaderParameters parameters = new LoaderParameters();

  @Mixin private KernelChoice kernelChoice = new KernelChoice();

  @Mixin private AddedToKernel added = new AddedToKernel();

  @Option(
      names = "--board",
      paramLabel = "BOARD",
      defaultValue = "qemu-virt",
      description = "a board in boards/ or a YAML file (default: ${DEFAULT-VALUE})")
  private String board = "qemu-virt";

  @Option(
      names = "--cycles",
      paramLabel = "N",
      defaultValue = "3",
      description = "from how many cycles (default: ${DEFAULT-VALUE})")
  private int cycles;

  @Option(
      names = "--results",
      paramLabel = "DIR",
      description = "where the run's folder goes (default: the project's results/)")
  private @Nullable Path results;

  @Option(
      names = "--forget",
      description = "begin anew: do not take the file beside the overlay for known")
  private boolean forget;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public Integer call() {
    if (cycles < 2 || cycles > 100) {
      throw new ParameterException(
          spec.commandLine(), "--cycles %d: 2 to 100 are possible".formatted(cycles));
    }
    List<String> words = Main.words(spec);
    Path project = Main.project();
    OverlaySource source = OverlaySource.of(overlay, parameters.chosen(spec.commandLine()));
    Path file = RemovalCase.profiles(source);
    if (forget) {
      delete(file);
    }
    Drivers known = RemovalCase.beside(source);
    BoardDefinition definition = Selection.board(board);
    Installed.refuse(definition, "learn");
    added.check();
    List<TestCase> cases =
        RemovalTestCase.all(
            project,
            kernelChoice.name().toString(),
            List.of(source),
            List.of(POLICY),
            List.of(Situation.REMOVE));
    Images images =
        Images.ensure(project, kernelChoice.name(), OwnSource.NONE, added.configs())
            .with(project, added.modules());
    Run run =
        new Run(
            new RunPlan(
                project,
                Main.results(results),
                definition,
                Channel.SSH,
                cases,
                cycles,
                words,
                added.options(),
                1),
            kernel -> images,
            new Progress("", cases.size())::ended);
    new BoardLanes(new Admission(words, Duration.ZERO, LearnCommand::tell), List.of(run)).run();
    new RunOutput(project, false).print(List.of(run), List.of(""));
    List<Path> traces = traces(run);
    if (traces.size() < 2) {
      System.err.println(
          "lastref: nothing was learnt: of %d cycles %d came to an end"
              .formatted(cycles, traces.size()));
      return Math.max(1, RunOutput.exitCode(List.of(run)));
    }
    Learning.Result learnt = Learning.from(traces);
    if (!learnt.profiles().drivers().isEmpty()) {
      write(file, learnt.profiles().with(known));
    }
    System.out.print(text(learnt, file));
    System.out.flush();
    return RunOutput.exitCode(List.of(run));
  }

  private static List<Path> traces(Run run) {
    try (Stream<Path> files = Files.list(run.folder().traces())) {
      return files.filter(each -> each.toString().endsWith(".trace.gz")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new InputFault("cannot delete %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static void write(Path file, Drivers drivers) {
    String head =
        """
        # What lastref learn saw drivers do to the references of their devices' nodes; it is
        # expected of them from now on. Delete this file, or a part of it, to forget it.
        """;
    try {
      Files.writeString(file, head + drivers.text());
    } catch (IOException e) {
      throw new InputFault(
          "cannot write what was learnt to %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static void tell(BoardDefinition board, String what) {
    System.err.println("lastref: " + Text.printable(what));
  }

  private static String text(Learning.Result result, Path file) {
    if (result.drivers().isEmpty()) {
      return "\nnothing to learn: no driver was bound that the model does not know\n";
    }
    StringBuilder out = new StringBuilder("\n");
    result.drivers().forEach(each -> out.append(text(each)));
    int profiles = result.profiles().drivers().size();
    if (profiles > 0) {
      out.append(
          "%s: %d driver%s; with %s, what was seen is what the model expects in %d of %d cycles%n"
              .formatted(
                  file,
                  profiles,
                  profiles == 1 ? "" : "s",
                  profiles == 1 ? "it" : "them",
                  result.exact(),
                  result.cycles()));
    }
    return out.toString();
  }

  private static String text(Learnt each) {
    String driver = each.driver().isEmpty() ? "" : ", driver " + each.driver();
    List<String> lines = new ArrayList<>();
    DriverProfile profile = each.profile();
    if (profile != null) {
      List<Hold> holds = profile.taken();
      if (holds.isEmpty()) {
        lines.add("holds no node that it gives back");
      }
      holds.forEach(
          hold ->
              lines.add(
                  "holds %s: %s takes it, %s gives it back%s"
                      .formatted(
                          hold.on() == DriverProfile.On.OWN_NODE ? "its node" : "each node below",
                          hold.get(),
                          hold.put(),
                          hold.onRelease() == null ? "" : " when what it made is released")));
      if (profile.populates() != null) {
        lines.add("makes %s devices of the nodes below".formatted(profile.populates()));
      }
    }
    lines.addAll(each.remarks());
    return Text.printable("%s (%s%s)".formatted(each.path(), each.device(), driver))
        + "\n"
        + String.join("", lines.stream().map(line -> "  " + Text.printable(line) + "\n").toList());
  }
}
