package org.lastref.runner;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.lastref.board.BoardDefinition;
import org.lastref.fault.Fault;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;
import org.lastref.image.HostTools;
import org.lastref.image.Images;
import org.lastref.image.KernelBuild;
import org.lastref.image.KernelModule;
import org.lastref.image.Revision;
import org.lastref.klog.Splat;
import org.lastref.page.PageFile;
import org.lastref.page.ResultsPage;
import org.lastref.report.CaseResult;
import org.lastref.report.RunFolder;
import org.lastref.report.RunInfo;
import org.lastref.report.RunReport;
import org.lastref.report.Totals;
import org.lastref.trace.Records;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.TraceHeader;

/**
 * One run: its plan, its folder and what stops it. Results come from the thread that judges,
 * whatever is asked or said of the board from the board's; all methods may be called from any.
 */
public final class Run {

  /** Why a run ends that is stopped from outside. */
  static final String INTERRUPTED = "interrupted";

  /** So many complaints at a time; the console's log has them all. */
  private static final int MOST_COMPLAINTS = 10;

  private final RunPlan plan;
  private final Function<String, Images> images;
  private final RunFolder folder;
  private final Consumer<CaseResult> listener;
  private final PageFile page;

  /** Held by who adds a result and tells of it. */
  private final Object telling = new Object();

  private @Nullable String givenUp;
  private final Map<String, Fault> faults = new LinkedHashMap<>();
  private boolean unwritable;
  private int complaints;
  private boolean quarantined;
  private volatile boolean interrupted;

  /**
   * Opens a run's folder, with every case in it that is to be run.
   *
   * @param images finds or builds a kernel of that name
   * @param listener is told of each case as it ends
   */
  public Run(RunPlan plan, Function<String, Images> images, Consumer<CaseResult> listener) {
    this(
        plan,
        RunFolder.create(plan.results(), plan.board().name(), Instant.now()),
        images,
        listener);
  }

  /**
   * Goes on with a run.
   *
   * @param plan of what is left of it
   * @param folder its own, {@link RunFolder#resume}
   */
  public Run(
      RunPlan plan,
      RunFolder folder,
      Function<String, Images> images,
      Consumer<CaseResult> listener) {
    this.plan = plan;
    this.folder = folder;
    this.images = images;
    this.listener = listener;
    page = new PageFile(folder.path());
    complaints = (int) folder.report().cases().stream().filter(CaseResult::isBetween).count();
    folder.plan(plan.cases().stream().map(plan::planned).toList());
    describe();
  }

  RunPlan plan() {
    return plan;
  }

  /** The board that it is on. */
  public BoardDefinition board() {
    return plan.board();
  }

  /** How many cases it is still to run, from its beginning on. */
  public int remaining() {
    return plan.cases().size();
  }

  /** The run's folder. */
  public RunFolder folder() {
    return folder;
  }

  /**
   * Boots the plan's board, or a further one like it.
   *
   * @param kernel one of {@link Images#kernels}, built now if it never was
   * @param number of the board: what is logged of the first is in the run's folder, of another in a
   *     folder there, {@code board-2}
   */
  ArmedBoard boot(String kernel, int number) {
    Images built = images.apply(kernel);
    ArmedBoard board =
        ArmedBoard.open(plan.board(), built, plan.channel(), plan.project(), folder.board(number));
    try {
      describe(kernel, built, board.kernel().release());
      return board;
    } catch (RuntimeException e) {
      board.close();
      throw e;
    }
  }

  /**
   * Another kernel is tried: what was given up, if anything, was the board with the last one.
   *
   * @param last that kernel
   */
  synchronized void startOver(String last) {
    if (givenUp == null || unwritable || interrupted) {
      return;
    }
    Set<String> ids =
        plan.cases().stream()
            .filter(each -> each.kernel().equals(last))
            .map(TestCase::id)
            .collect(Collectors.toSet());
    try {
      folder.skip(ids, boardGivenUp());
      givenUp = null;
    } catch (LabFault e) {
      unwritable(e);
    }
  }

  private String boardGivenUp() {
    return "the board was given up: " + givenUp;
  }

  /** Keeps a result and tells of it: of each board in the order of the cases. */
  void ended(CaseResult result) {
    synchronized (telling) {
      try {
        folder.addCase(result);
      } catch (LabFault e) {
        unwritable(e);
      }
      page.draw(result);
      page.changed(folder::report);
      listener.accept(result);
    }
  }

  /**
   * Keeps what the kernel complained of while no case ran, as a case of its own: no other one is at
   * fault.
   */
  void complained(List<Splat> splats) {
    String className = plan.board().name() + "." + plan.channelName();
    synchronized (telling) {
      for (Splat splat : splats.subList(0, Math.min(splats.size(), MOST_COMPLAINTS))) {
        ended(CaseResult.between(++complaints, className, splat.title(), splat.lines()));
      }
    }
  }

  /**
   * Keeps a trace in the run's folder, with what it takes to judge it again.
   *
   * @return its path there
   * @throws LabFault if it cannot be written, which ends the run
   */
  String keep(String name, TraceHeader header, Records records) {
    Path file = folder.traces().resolve(name + ".trace.gz");
    try {
      try (OutputStream out = Files.newOutputStream(file)) {
        StoredTrace.write(out, header, records);
      } catch (IOException e) {
        Files.deleteIfExists(file);
        throw e;
      }
    } catch (IOException e) {
      LabFault fault = new LabFault("cannot write %s: %s".formatted(file, e.getMessage()), e);
      unwritable(fault);
      throw fault;
    }
    return folder.path().relativize(file).toString();
  }

  /** Results that cannot be written end the run; what follows from that is not told again. */
  private synchronized void unwritable(LabFault e) {
    if (!unwritable) {
      unwritable = true;
      blame(e);
      giveUp(e.getMessage());
    }
  }

  /** Remembers what the run's user is to be told of at its end, once. */
  synchronized void blame(Fault fault) {
    faults.putIfAbsent(fault.getMessage(), fault);
  }

  synchronized void giveUp(String reason) {
    givenUp = reason;
  }

  /** The board could not be brought back: nobody is to use it before someone has looked at it. */
  synchronized void quarantine(String reason) {
    quarantined = true;
    giveUp(reason);
  }

  synchronized boolean quarantined() {
    return quarantined;
  }

  synchronized @Nullable String givenUp() {
    return interrupted ? INTERRUPTED : givenUp;
  }

  /** The program is being ended: no further case is begun. */
  void interrupt() {
    interrupted = true;
  }

  /** Whether the program is being ended. */
  boolean isInterrupted() {
    return interrupted;
  }

  /**
   * Ends a run that cannot go on, if it ever began; what has not run is skipped for that reason.
   */
  void abandon(Fault why) {
    blame(why);
    giveUp(why.getMessage());
    close();
  }

  /** What kept the board from booting, an overlay from a verdict or a result from the disk. */
  public synchronized List<Fault> faults() {
    return List.copyOf(faults.values());
  }

  /** The run's exit code. */
  public int exitCode() {
    return exitCode(report().totals(), faults());
  }

  /**
   * The exit code of cases and what came between: 1 if a verdict failed, else 2 if an input was at
   * fault, else 3 if the lab was, else 0.
   */
  public static int exitCode(Totals totals, Collection<Fault> faults) {
    int verdicts = totals.exitCode();
    if (verdicts == 1) {
      return 1;
    }
    if (faults.stream().anyMatch(InputFault.class::isInstance)) {
      return 2;
    }
    return faults.isEmpty() ? verdicts : 3;
  }

  synchronized void close() {
    try {
      folder.close(interrupted ? INTERRUPTED : givenUp == null ? "all cases ran" : boardGivenUp());
      page.write(folder.report());
      ResultsPage.write(plan.results());
    } catch (LabFault e) {
      unwritable(e);
    }
  }

  /** What came of it. */
  public RunReport report() {
    return folder.report();
  }

  /** What was known before a board was booted. */
  private void describe() {
    TreeMap<String, String> provenance = new TreeMap<>();
    provenance.put("java", Runtime.version().toString());
    provenance.put("qemu", HostTools.firstLine(List.of("qemu-system-aarch64", "--version")));
    describe(null, provenance);
  }

  /** What is known of a kernel once it runs; where there are several, the last is described. */
  private synchronized void describe(String kernel, Images booted, String release) {
    KernelBuild.Provenance build = booted.kernel().provenance();
    TreeMap<String, String> provenance = new TreeMap<>(folder.info().provenance());
    provenance.merge(
        "kernel",
        kernel,
        (before, next) ->
            List.of(before.split(" ", -1)).contains(next) ? before : before + " " + next);
    provenance.put("compiler", build.compiler());
    if (!build.lacks().isEmpty()) {
      provenance.put("lacks", String.join(" ", build.lacks()));
    }
    build
        .fragments()
        .forEach((name, sha256) -> provenance.put("config." + name, "sha256:" + sha256));
    for (KernelModule each : booted.modules()) {
      provenance.put("module." + each.name(), "sha256:" + each.sha256());
    }
    describe(
        new RunInfo.Kernel(
            release,
            build.source(),
            build.patches().entrySet().stream()
                .map(patch -> new RunInfo.Patch(patch.getKey(), patch.getValue()))
                .toList(),
            build.config()),
        provenance);
  }

  private void describe(RunInfo.@Nullable Kernel kernel, SortedMap<String, String> provenance) {
    RunInfo before = folder.info();
    folder.describe(
        new RunInfo(
            before.id(),
            before.board(),
            before.started(),
            Revision.of(plan.project()).orElse(null),
            kernel,
            plan.channelName(),
            plan.command(),
            before.hostname(),
            provenance));
  }
}
