package org.lastref.cli;

import static java.util.Objects.requireNonNull;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.lastref.board.BaseTree;
import org.lastref.board.BoardDefinition;
import org.lastref.fault.Defect;
import org.lastref.fault.Fault;
import org.lastref.fault.InputFault;
import org.lastref.fdt.Fdt;
import org.lastref.image.Images;
import org.lastref.report.Text;
import org.lastref.runner.Installed;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** Entry point. */
@Command(
    name = "lastref",
    description = "Who holds the last reference to a devicetree overlay's nodes, on a real kernel.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      RunCommand.class,
      PredictCommand.class,
      LearnCommand.class,
      CompareCommand.class,
      ReplayCommand.class,
      ExplainCommand.class,
      ShowCommand.class,
      BenchCommand.class,
      BoardsCommand.class,
      AutoComplete.GenerateCompletion.class
    },
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "  lastref test   passes the project's own tests",
      "",
      "Exit codes: 0 all as expected, 1 a verdict failed, 2 wrong usage or input, 3 the lab failed."
    })
public final class Main implements Callable<Integer> {

  private static final String NEXT =
      """
      Who holds the last reference to a devicetree overlay's nodes, on a real kernel.

        ./lastref run                                   every case, on the emulated board
        ./lastref run --kernel field --only mine.dtso   an overlay of yours
        ./lastref run --patch my-fix.patch              a patch of yours
        ./lastref compare 6.1 6.12                      what differs between two kernels
        ./lastref predict pair                          what may come of it, without a board
        ./lastref show results/latest                   the last run again; --open for its page
        ./lastref boards                                the boards, and who uses them
        ./lastref --help                                everything
      """;

  /** What the lab's faults exit with. */
  static final int LAB = 3;

  private Main() {}

  /** Called with nothing to do. */
  @Override
  public Integer call() {
    System.out.print(NEXT);
    System.out.flush();
    return 0;
  }

  /** Runs a command and exits with its code. */
  public static void main(String[] args) {
    System.exit(execute(args));
  }

  static int execute(String... args) {
    return execute("", args);
  }

  /**
   * The same.
   *
   * @param head stands before what a run says of its progress, if another one goes on beside it
   */
  static int execute(String head, String... args) {
    CommandLine commands = commands();
    requireNonNull(commands.getSubcommands().get("run"))
        .<RunCommand>getCommand()
        .besideOthers(head);
    commands.setExecutionExceptionHandler((e, command, parsed) -> told(e));
    commands.setParameterExceptionHandler((e, words) -> misused(e));
    int code;
    try {
      code = commands.execute(args);
    } catch (StackOverflowError | OutOfMemoryError e) {
      code = told(e);
    }
    // To git bisect run, whatever is neither good nor skipped is bad.
    boolean bisect = Arrays.asList(args).contains(OwnKernel.BISECT);
    return bisect && code > 1 ? OwnKernel.SKIP : code;
  }

  /** All of them, as their words are read. */
  static CommandLine commands() {
    CommandLine commands = new CommandLine(new Main());
    commands.setCaseInsensitiveEnumValuesAllowed(true);
    // What stands behind the two is the run's.
    requireNonNull(commands.getSubcommands().get("compare")).setStopAtPositional(true);
    return commands;
  }

  private static int told(Throwable e) {
    if (e instanceof InvalidPathException) {
      return told(new InputFault("there can be no such file: " + e.getMessage()));
    }
    Fault fault = e instanceof Fault known ? known : Defect.of(e);
    System.err.println("lastref: " + Text.printable(fault.getMessage()));
    return fault instanceof InputFault ? CommandLine.ExitCode.USAGE : LAB;
  }

  private static int misused(CommandLine.ParameterException e) {
    System.err.println("lastref: " + e.getMessage());
    System.err.printf(
        "lastref: ./%s --help says what is possible%n",
        e.getCommandLine().getCommandSpec().qualifiedName());
    return CommandLine.ExitCode.USAGE;
  }

  /** The folder of the boards' files, or another's for tests. */
  static Path boards() {
    String named = System.getenv("LASTREF_BOARDS");
    return named == null || named.isEmpty() ? project().resolve("boards") : Path.of(named);
  }

  /** The project's folder; the launcher says where. */
  static Path project() {
    return Path.of(System.getProperty("lastref.project", "")).toAbsolutePath().normalize();
  }

  /**
   * Where runs' folders go, unless another folder is given: the project's results/, of a release
   * that of where the user stands.
   */
  static Path results(@Nullable Path given) {
    String standing = System.getProperty("lastref.results", "");
    Path usual = standing.isEmpty() ? project().resolve("results") : Path.of(standing);
    return (given == null ? usual : given).toAbsolutePath().normalize();
  }

  /**
   * The tree that a board boots with; nothing is booted, but the plain kernel is built if it is
   * that kernel's tree, and a board that runs its own system is asked for its own.
   */
  static Fdt base(BoardDefinition board) {
    if (board.hasOwnSystem()) {
      return Installed.tree(board);
    }
    return BaseTree.read(
        board, () -> Images.ensure(project()).kernel(), project().resolve("boards/base.dtso"));
  }

  /** The command as it was typed. */
  static List<String> words(CommandSpec spec) {
    List<String> words = new ArrayList<>(List.of("./lastref"));
    words.addAll(spec.root().commandLine().getParseResult().originalArgs());
    return words;
  }
}
