package org.lastref.cli;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.NavigableSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.Defect;
import org.lastref.fault.Fault;
import org.lastref.fault.LabFault;
import org.lastref.offline.Course;
import org.lastref.report.CaseResult;
import org.lastref.report.Differences;
import org.lastref.report.RunFolder;
import org.lastref.report.RunReport;
import org.lastref.trace.StoredTrace;
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

  private static final String TRACE = ".trace.gz";

  /** What stands before a patch's name; versions of packages have a plus too. */
  private static final Pattern PATCH = Pattern.compile("\\+(?=[^+]*\\.(?:patch|diff)(?:\\+|$))");

  /** So many cycles of a case tell what is always so. */
  private static final int MOST_CYCLES = 10;

  @Parameters(
      paramLabel = "WORD",
      arity = "2..*",
      description = {
        "two kernels as run takes them, with patches of one's own as in 6.12+my.patch, or runs'"
            + " folders in results/,",
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
    List<String> both = words.subList(0, 2);
    Path kept = Main.results(results).resolve(RunFolder.time(Instant.now()) + "-compare");
    List<Path> runs = ran(both, kept);
    List<RunReport> reports = new ArrayList<>();
    IdentityHashMap<RunReport, Path> folders = new IdentityHashMap<>();
    for (Path folder : runs) {
      RunReport report = RunReport.read(file(folder));
      reports.add(report);
      folders.put(report, folder);
    }
    RunReport other = reports.get(1);
    Differences differences =
        Differences.of(
            reports.get(0),
            other,
            (report, each) -> courses(requireNonNull(folders.get(report)), each));
    differences.keep(kept, other);
    System.out.print(json ? differences.toJson() : differences.text());
    System.out.flush();
    System.err.println("lastref: kept in " + kept);
    return differences.breaks() ? 1 : 0;
  }

  /**
   * The folders of both, those of kernels once they were run on: side by side where there are
   * processors for two boards, each with results of its own.
   */
  private List<Path> ran(List<String> both, Path kept) {
    boolean own = both.stream().anyMatch(CompareCommand::isPatched);
    List<Callable<Path>> tasks = new ArrayList<>();
    for (String each : both) {
      Path stored = Path.of(each);
      Path results = kept.resolve(tasks.size() == 0 ? "first" : "second");
      tasks.add(Files.isDirectory(stored) ? () -> stored : () -> ran(each, own, results));
    }
    boolean alone = RunCommand.takesSharedBoard(words.subList(2, words.size()));
    int lanes = alone ? 1 : Math.min(2, Runtime.getRuntime().availableProcessors());
    ExecutorService threads =
        Executors.newFixedThreadPool(lanes, task -> new Thread(task, "compare"));
    PrintStream out = System.out;
    // What differs is all that is printed; the runs' tables tell how far they are.
    System.setOut(System.err);
    try {
      List<Path> folders = new ArrayList<>();
      for (Future<Path> each : threads.invokeAll(tasks)) {
        folders.add(each.get());
      }
      return folders;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Fault fault ? fault : Defect.of(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabFault("interrupted while kernels were compared", e);
    } finally {
      threads.shutdownNow();
      System.setOut(out);
    }
  }

  private static Path file(Path folder) {
    return folder.resolve("run.json");
  }

  /** As far as its traces are there. */
  private static List<NavigableSet<String>> courses(Path folder, CaseResult result) {
    return result.last().attachments().stream()
        .filter(each -> each.endsWith(TRACE))
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .limit(MOST_CYCLES)
        .map(file -> Course.of(StoredTrace.read(file).trace()))
        .toList();
  }

  private static boolean isPatched(String word) {
    return PATCH.matcher(word).find() && !Files.isDirectory(Path.of(word));
  }

  /** Of a word such as {@code 6.12+my.patch}. */
  private static List<String> kernel(String word, boolean own) {
    List<String> parts = List.of(PATCH.split(word, -1));
    List<String> options = new ArrayList<>(List.of("--kernel", parts.get(0)));
    parts.stream().skip(1).forEach(patch -> options.addAll(List.of("--patch", patch)));
    // Where one has a patch of the user's own, neither has the policies of ours.
    if (own && parts.size() == 1) {
      options.add(OwnKernel.STOCK);
    }
    return options;
  }

  /** Runs what is chosen on a kernel. */
  private Path ran(String kernel, boolean own, Path results) throws IOException {
    List<String> run = new ArrayList<>(List.of("run"));
    run.addAll(kernel(kernel, own));
    run.addAll(words.subList(2, words.size()));
    run.addAll(List.of("--results", results.toString()));
    System.err.println("lastref: running on " + kernel);
    int code = Main.execute(kernel, run.toArray(String[]::new));
    Path latest = results.resolve("latest");
    if (code > 1 || !Files.isRegularFile(file(latest))) {
      throw new LabFault(
          "there is nothing to compare, for the run on %s ended with exit code %d; why is above"
              .formatted(kernel, code));
    }
    return latest.toRealPath();
  }
}
