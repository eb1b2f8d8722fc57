package org.lastref.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Channel;
import org.lastref.cases.OwnKernelCase;
import org.lastref.fault.Fault;
import org.lastref.fault.InputFault;
import org.lastref.fdt.OverlaySource;
import org.lastref.image.Images;
import org.lastref.image.KernelName;
import org.lastref.model.Policy;
import org.lastref.offline.RemovalCase;
import org.lastref.report.MailSummary;
import org.lastref.report.MustRun;
import org.lastref.report.RunFolder;
import org.lastref.report.Tested;
import org.lastref.report.Text;
import org.lastref.report.VerdictTable;
import org.lastref.runner.Admission;
import org.lastref.runner.BoardLanes;
import org.lastref.runner.Installed;
import org.lastref.runner.Run;
import org.lastref.runner.RunPlan;
import org.lastref.runner.TestCase;
import picocli.CommandLine;
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

  private static final String RESUME = "--resume";
  private static final String KERNEL = "--kernel";

  @Mixin private Selection selection = new Selection();

  @Mixin private KernelChoice kernelChoice = new KernelChoice();

  @Mixin private SuiteChoice suites = new SuiteChoice();

  @Mixin private OwnKernel own = new OwnKernel();

  @Mixin private AddedToKernel added = new AddedToKernel();

  @Mixin private ExpectedUnbound expected = new ExpectedUnbound();

  @Option(
      names = "--via",
      paramLabel = "CHANNEL",
      defaultValue = "ssh",
      completionCandidates = Channels.class,
      description =
          "how commands reach the board: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
  private Channel channel = Channel.SSH;

  @Option(
      names = "--cycles",
      paramLabel = "N",
      defaultValue = "3",
      description = "how often each case is repeated (default: ${DEFAULT-VALUE})")
  private int cycles;

  @Option(
      names = "--must-run",
      paramLabel = "FILE",
      description = "cases that have to come to a verdict, a name or the beginning of one a line")
  private @Nullable Path mustRun;

  @Option(
      names = "--results",
      paramLabel = "DIR",
      description = "where the run's folder goes (default: the project's results/)")
  private @Nullable Path results;

  @Option(
      names = RESUME,
      paramLabel = "DIR",
      description =
          "go on with the run of this folder, with its own options: cases that came to a verdict"
              + " are not run again")
  private @Nullable Path resume;

  @Option(names = "--json", description = "print the run's report as JSON")
  private boolean json;

  @Option(
      names = "--wait",
      paramLabel = "DURATION",
      defaultValue = "0",
      converter = Waiting.class,
      description =
          "how long to wait for a board that others use, such as 30s, 10min or 2h (default: not at"
              + " all)")
  private Duration wait = Duration.ZERO;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  /** What it is called where another run goes on beside it. */
  private String head = "";

  /** The one that this goes on with. */
  private @Nullable RunFolder begun;

  /** Whether what is asked for takes a board that there is but one of. */
  static boolean takesSharedBoard(List<String> words) {
    return parsed(words).selection.boards().stream().anyMatch(BoardDefinition::shared);
  }

  /** One with these options. */
  private static RunCommand parsed(List<String> options) {
    RunCommand command = new RunCommand();
    new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .parseArgs(options.toArray(String[]::new));
    return command;
  }

  void besideOthers(String name) {
    head = name;
  }

  @Override
  public Integer call() {
    if (resume != null) {
      return resumed(resume);
    }
    boolean everyVersion =
        suites.isAll()
            && !own.isChosen()
            && !added.isChosen()
            && !selection.chooses()
            && !spec.commandLine().getParseResult().hasMatchedOption(KERNEL);
    return everyVersion ? onEveryVersion() : run(Main.words(spec));
  }

  /** A run for each version of Linux, that of the default first; what failed on any, failed. */
  private int onEveryVersion() {
    List<String> versions =
        Images.kernels(Main.project()).stream().map(KernelName::version).distinct().toList();
    List<Integer> codes = new ArrayList<>();
    for (String version : versions) {
      System.err.printf(
          "lastref: Linux %s, version %d of %d%n", version, codes.size() + 1, versions.size());
      List<String> words = new ArrayList<>(Main.words(spec));
      words.addAll(List.of(KERNEL, version));
      try {
        codes.add(again(words).run(words));
      } catch (Fault e) {
        // What the others say is not to be lost for it.
        System.err.println("lastref: Linux " + version + ": " + Text.printable(e.getMessage()));
        codes.add(e instanceof InputFault ? CommandLine.ExitCode.USAGE : Main.LAB);
      }
    }
    return codes.contains(1) ? 1 : Collections.max(codes);
  }

  /** The same as those words say. */
  private RunCommand again(List<String> words) {
    RunCommand again = parsed(words.subList(2, words.size()));
    again.wait = wait;
    again.json = json;
    return again;
  }

  /** Goes on as the run was begun, in its place. */
  private int resumed(Path path) {
    boolean more =
        spec.commandLine().getParseResult().matchedOptions().stream()
            .anyMatch(
                option -> !List.of(RESUME, "--wait", "--json").contains(option.longestName()));
    if (more) {
      throw new ParameterException(
          spec.commandLine(),
          "--resume takes all options but --wait and --json from the run: leave the others out");
    }
    RunFolder folder = RunFolder.resume(path);
    List<String> words = folder.info().command();
    if (words.size() < 2 || !words.get(1).equals(spec.name())) {
      throw new InputFault("%s was not made by ./lastref run".formatted(path));
    }
    RunCommand first = again(words);
    first.begun = folder;
    return first.run(words);
  }

  private int run(List<String> words) {
    if (own.bisection().isPresent()
        && !spec.commandLine().getParseResult().hasMatchedOption("--cycles")) {
      cycles = Bisection.CYCLES;
    }
    if (cycles < 1 || cycles > 100_000) {
      throw new ParameterException(
          spec.commandLine(), "--cycles %d: 1 to 100000 are possible".formatted(cycles));
    }
    Path project = Main.project();
    List<BoardDefinition> boards = boards();
    own.check(
        (suites.choosesSuites() && !suites.choosesCases()) || selection.choosesReleaseOrFix());
    added.check();
    boolean installed = ownSystems(boards);
    List<TestCase> chosen =
        installed
            ? installedCases(boards)
            : own.isChosen()
                ? ownCases(boards)
                : suites.cases(selection, kernelChoice, added, expected);
    Tested tested = own.tested();
    MustRun required = mustRun == null ? MustRun.NOTHING : MustRun.read(mustRun);
    Function<String, Images> images =
        installed
            ? none -> Installed.images(boards.get(0), project).with(project, added.modules())
            : images(project, chosen);
    List<TestCase> cases = own.isChosen() ? possible(chosen, images) : chosen;
    List<Run> runs = new ArrayList<>();
    for (BoardDefinition board : boards) {
      RunPlan whole =
          new RunPlan(
              project,
              Main.results(results),
              board,
              channel,
              cases,
              cycles,
              words,
              added.options(),
              1);
      RunPlan left = begun == null ? whole : whole.without(begun);
      RunPlan plan = boards.size() == 1 && head.isEmpty() ? left.shared() : left;
      Progress progress =
          new Progress(boards.size() == 1 ? head : board.name(), plan.cases().size());
      Run run =
          begun == null
              ? new Run(plan, images, progress::ended)
              : new Run(plan, begun, images, progress::ended);
      run.folder().require(required);
      runs.add(run);
    }
    System.err.printf(
        "lastref: %d cases of %d cycles on %s%n",
        runs.get(0).remaining(),
        cycles,
        boards.stream().map(BoardDefinition::name).collect(Collectors.joining(", ")));
    RunOutput output = new RunOutput(project, json);
    boolean ended =
        new BoardLanes(new Admission(words, wait, RunCommand::tell), runs)
            .run(() -> output.print(runs, runs.stream().map(run -> "").toList()));
    if (!ended) {
      return RunOutput.exitCode(runs);
    }
    List<String> summaries = runs.stream().map(run -> summary(run, tested, rerun(words))).toList();
    output.print(runs, summaries);
    int code = RunOutput.exitCode(runs);
    own.bisection()
        .map(
            step ->
                step.told(code, cycles, summaries.get(0), Main.results(results).resolve("bisect")))
        .ifPresent(System.err::print);
    return code;
  }

  /**
   * Whether boards run systems of their own; then one does, and nothing is built for it here but
   * what it loads.
   */
  private boolean ownSystems(List<BoardDefinition> boards) {
    List<String> names =
        boards.stream().filter(BoardDefinition::hasOwnSystem).map(BoardDefinition::name).toList();
    if (names.isEmpty()) {
      return false;
    }
    if (boards.size() > 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--board: %s runs its own system and is tried alone".formatted(names.get(0)));
    }
    if (own.isChosen()
        || own.bisection().isPresent()
        || spec.commandLine().getParseResult().hasMatchedOption(KERNEL)
        || !added.configs().isEmpty()
        || suites.choosesSuites()
        || selection.choosesReleaseOrFix()
        || channel == Channel.SERIAL) {
      throw new ParameterException(
          spec.commandLine(),
          "board %s runs its own system, with its own kernel, and is reached by SSH: leave out what chooses another kernel, its configuration or its policies, suites, cases and --via"
              .formatted(names.get(0)));
    }
    added.modules().stream()
        .filter(Files::isDirectory)
        .findFirst()
        .ifPresent(
            folder -> {
              throw new ParameterException(
                  spec.commandLine(),
                  "--module %s: board %s runs its own kernel: build the module there against its headers, and give the .ko"
                      .formatted(folder, names.get(0)));
            });
    return true;
  }

  /** With the timing that its kernel has; what a driver's module is to be built with is there. */
  private List<TestCase> installedCases(List<BoardDefinition> boards) {
    List<Policy.Grace> graces =
        selection.graces().stream().filter(each -> each == Policy.Grace.ANY).toList();
    if (graces.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "--grace slow: the grace periods of a board's own kernel cannot be made slow");
    }
    List<OverlaySource> overlays = selection.builtIn();
    return OwnKernelCase.all(
        OwnKernelCase.INSTALLED,
        false,
        "",
        selection.situated(overlays, added),
        graces,
        expected.among(overlays, boards));
  }

  /** What is of one's own is built before anything is written: it may not build. */
  private Function<String, Images> images(Path project, List<TestCase> cases) {
    return own.isChosen() || added.isChosen()
        ? just(
            Images.ensure(project, kernel(cases), own.source(), added.configs())
                .with(project, added.modules()))
        : oneAtATime(
            kernel -> Images.ensure(project, Images.kernel(project, kernel), Progress.building()));
  }

  /** Those that a kernel of one's own can be put to. */
  private static List<TestCase> possible(List<TestCase> cases, Function<String, Images> images) {
    if (images.apply(cases.get(0).kernel()).kernel().provenance().hasSlowGrace()) {
      return cases;
    }
    List<TestCase> possible = OwnKernelCase.withoutSlowGrace(cases);
    if (possible.isEmpty()) {
      throw new InputFault(
          "this kernel's grace periods cannot be made slow, for our patch does not apply: choose"
              + " --grace any, or cases of that");
    }
    return possible;
  }

  /** What all cases need, where there is one kernel for all. */
  private static KernelName kernel(List<TestCase> cases) {
    return Images.kernel(Main.project(), cases.get(0).kernel());
  }

  /** Of a run that is gone on with, its own alone: each board has a folder. */
  private List<BoardDefinition> boards() {
    RunFolder folder = begun;
    List<BoardDefinition> boards = selection.boards();
    if (folder == null) {
      return boards;
    }
    String name = folder.info().board();
    List<BoardDefinition> its = boards.stream().filter(each -> each.name().equals(name)).toList();
    if (its.isEmpty()) {
      throw new InputFault(
          "%s was on the board %s, and there is none of that name any more"
              .formatted(folder.path(), Text.printable(name)));
    }
    return its;
  }

  /** For the mail, kept with the run; empty where the kernel is not one's own. */
  private String summary(Run run, Tested tested, String rerun) {
    if (!own.isChosen() && !run.board().hasOwnSystem()) {
      return "";
    }
    String summary = MailSummary.of(run.report(), tested, rerun);
    run.folder().summarize(summary);
    return summary;
  }

  private static void tell(BoardDefinition board, String what) {
    System.err.println("lastref: " + Text.printable(what));
  }

  private List<TestCase> ownCases(List<BoardDefinition> boards) {
    if (suites.choosesCases()) {
      return ownCasesOfSuites();
    }
    KernelName kernel = kernelChoice.name();
    List<OverlaySource> overlays = selection.builtIn();
    return OwnKernelCase.all(
        kernel.toString(),
        Images.delaysReleases(Main.project(), kernel),
        options(kernel),
        selection.situated(overlays, added),
        selection.graces(),
        expected.among(overlays, boards));
  }

  /** A kernel is built for all of them. */
  private List<TestCase> ownCasesOfSuites() {
    if (selection.chooses()) {
      throw new ParameterException(
          spec.commandLine(),
          "--case names overlay, situation and timing: leave out their options");
    }
    List<TestCase> named = OwnKernelCase.possible(suites.chosenCases(kernelChoice));
    if (named.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "--case: choose what checks more with --kernel, as in --kernel lockdep --only pair");
    }
    List<String> kernels = named.stream().map(TestCase::kernel).distinct().toList();
    if (kernels.size() > 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--case: these need several kernels (%s): choose cases of one"
              .formatted(String.join(", ", kernels)));
    }
    KernelName kernel = Images.kernel(Main.project(), kernels.get(0));
    return OwnKernelCase.of(named, kernel.toString(), options(kernel));
  }

  private String options(KernelName kernel) {
    return own.options() + (kernel.isDefault() ? "" : " --kernel " + kernel);
  }

  private static <T> Function<String, T> just(T built) {
    return kernel -> built;
  }

  /** Boards that boot together build a kernel once, not each its own. */
  private static <T> Function<String, T> oneAtATime(Function<String, T> build) {
    Map<String, T> built = new HashMap<>();
    return kernel -> {
      synchronized (built) {
        return built.computeIfAbsent(kernel, build);
      }
    };
  }

  private static String rerun(List<String> words) {
    return words.stream().map(RemovalCase::quoted).collect(Collectors.joining(" "));
  }

  static VerdictTable table() {
    boolean ansi = Boolean.getBoolean("lastref.terminal") && System.getenv("NO_COLOR") == null;
    return new VerdictTable(VerdictTable.PLACES, ansi);
  }

  static final class Channels extends Candidates {
    Channels() {
      super(Stream.of(Channel.values()).map(each -> each.name().toLowerCase(Locale.ROOT)).toList());
    }
  }
}
