package org.lastref.suite;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.Fault;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;
import org.lastref.image.Images;
import org.lastref.image.KernelBuild;
import org.lastref.report.CaseResult;
import org.lastref.report.PlannedCase;
import org.lastref.report.RunFolder;
import org.lastref.report.RunInfo;
import org.lastref.report.RunReport;
import org.lastref.report.Totals;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.TraceHeader;

/** One run: its plan, its folder and what stops it. */
public final class Run {

  private final RunPlan plan;
  private final Images images;
  private final RunFolder folder;
  private final Consumer<CaseResult> listener;
  private @Nullable String givenUp;
  private final Map<String, Fault> faults = new LinkedHashMap<>();
  private boolean unwritable;

  /**
   * Opens a run's folder, with every case in it that is to be run.
   *
   * @param listener is told of each case as it ends
   */
  public Run(RunPlan plan, Images images, Consumer<CaseResult> listener) {
    this.plan = plan;
    this.images = images;
    this.listener = listener;
    folder = RunFolder.create(plan.results(), plan.board().name(), Instant.now());
    folder.plan(
        plan.cases().stream()
            .map(
                each ->
                    new PlannedCase(
                        each.name().id(),
                        className(),
                        each.name().title(),
                        each.name().properties(),
                        plan.command(each)))
            .toList());
    describe(null);
  }

  RunPlan plan() {
    return plan;
  }

  /** The run's folder. */
  public RunFolder folder() {
    return folder;
  }

  String className() {
    return plan.board().name() + "." + plan.channelName() + ".overlay-removal";
  }

  /** Boots the plan's board; remembers the fault if that fails. */
  Lab boot() {
    @Nullable Lab lab = null;
    try {
      lab = Lab.open(plan.board(), images, plan.channel(), plan.project(), folder.path());
      describe(lab.kernelRelease());
      return lab;
    } catch (RuntimeException e) {
      if (lab != null) {
        lab.close();
      }
      Fault fault = e instanceof Fault known ? known : Defect.of(e);
      blame(fault);
      giveUp(fault.getMessage());
      throw fault;
    }
  }

  void ended(CaseResult result) {
    try {
      folder.addCase(result);
    } catch (LabFault e) {
      unwritable(e);
    }
    listener.accept(result);
  }

  /**
   * Keeps a trace in the run's folder, with what it takes to judge it again.
   *
   * @return its path there
   * @throws LabFault if it cannot be written, which ends the run
   */
  String keep(String name, TraceHeader header, String trace) {
    Path file = folder.traces().resolve(name + ".trace.gz");
    try {
      try (OutputStream out = Files.newOutputStream(file)) {
        StoredTrace.write(out, header, trace);
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
  private void unwritable(LabFault e) {
    if (!unwritable) {
      unwritable = true;
      blame(e);
      giveUp(e.getMessage());
    }
  }

  /** Remembers what the run's user is to be told of at its end, once. */
  void blame(Fault fault) {
    faults.putIfAbsent(fault.getMessage(), fault);
  }

  void giveUp(String reason) {
    givenUp = reason;
  }

  @Nullable String givenUp() {
    return givenUp;
  }

  /** What kept the board from booting, an overlay from a verdict or a result from the disk. */
  public List<Fault> faults() {
    return List.copyOf(faults.values());
  }

  /** The run's exit code. */
  public int exitCode() {
    return exitCode(report().totals(), faults.values());
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

  void close() {
    try {
      folder.close(givenUp == null ? "all cases ran" : "the board was given up: " + givenUp);
    } catch (LabFault e) {
      unwritable(e);
    }
  }

  /** What came of it. */
  public RunReport report() {
    return folder.report();
  }

  private void describe(@Nullable String release) {
    RunInfo before = folder.info();
    KernelBuild.Provenance build = images.kernel().provenance();
    RunInfo.Kernel kernel =
        release == null
            ? null
            : new RunInfo.Kernel(
                release,
                build.source(),
                build.patches().entrySet().stream()
                    .map(patch -> new RunInfo.Patch(patch.getKey(), patch.getValue()))
                    .toList(),
                build.config());
    TreeMap<String, String> provenance = new TreeMap<>();
    provenance.put("kernel", build.variant());
    provenance.put("compiler", build.compiler());
    provenance.put("java", Runtime.version().toString());
    provenance.put("qemu", firstLine(List.of("qemu-system-aarch64", "--version")));
    folder.describe(
        new RunInfo(
            before.id(),
            before.board(),
            before.started(),
            revision(),
            kernel,
            plan.channelName(),
            plan.command(),
            before.hostname(),
            provenance));
  }

  private @Nullable String revision() {
    String project = plan.project().toString();
    String head = firstLine(List.of("git", "-C", project, "rev-parse", "--short=12", "HEAD"));
    if (!head.matches("[0-9a-f]{12,}")) {
      return null;
    }
    boolean changed = !firstLine(List.of("git", "-C", project, "status", "--porcelain")).isEmpty();
    return changed ? head + "-dirty" : head;
  }

  /** The first line of what a program prints, empty if it prints none, fails or is not there. */
  private static String firstLine(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      try (InputStream out = process.getInputStream()) {
        String text = new String(out.readNBytes(4096), StandardCharsets.UTF_8);
        process.waitFor(5, TimeUnit.SECONDS);
        return text.lines().findFirst().orElse("");
      } finally {
        process.destroy();
      }
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
