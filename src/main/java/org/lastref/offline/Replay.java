package org.lastref.offline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.Fault;
import org.lastref.fault.InputFault;
import org.lastref.fdt.Fdt;
import org.lastref.model.Kernel;
import org.lastref.report.CaseName;
import org.lastref.report.CaseOutcome;
import org.lastref.report.CaseResult;
import org.lastref.report.Comparison;
import org.lastref.report.PlannedCase;
import org.lastref.report.ReplayReport;
import org.lastref.report.RunReport;
import org.lastref.report.Stopwatch;
import org.lastref.trace.Event;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.lastref.trace.TraceHeader;
import org.lastref.verify.Refusal;
import org.lastref.verify.Verdict;

/** Judges stored traces again, without a board: those of a run's folder, or single ones. */
public final class Replay {

  private static final String CLASS = "replay";

  /**
   * What a trace of version 0 is of, which it does not say itself.
   *
   * @param base the tree that the board booted with
   */
  public record Assumed(RemovalCase removal, Fdt base) {}

  /**
   * A trace by what its header says.
   *
   * @param name null if it cannot be read
   * @param assumed null if it says itself what it is of
   */
  private record Kept(
      Path file, @Nullable CaseName name, Instant recorded, int cycle, @Nullable Assumed assumed) {

    String id() {
      return name == null ? file.getFileName().toString() : name.id();
    }
  }

  private final List<Path> paths;
  private final Catalogue catalogue;
  private final @Nullable Path folder;

  /** By case, in the order in which they were run; each in the order of its cycles. */
  private final List<List<Kept>> cases;

  private final Map<String, Fault> faults = new LinkedHashMap<>();
  private final Set<String> taken = new HashSet<>();
  private int judged;

  private Replay(List<Path> paths, @Nullable Path folder, List<Kept> traces, Catalogue catalogue) {
    this.paths = paths;
    this.catalogue = catalogue;
    this.folder = folder;
    Map<String, List<Kept>> byCase = new LinkedHashMap<>();
    traces.stream()
        .sorted(Comparator.comparing(Kept::recorded))
        .forEach(each -> byCase.computeIfAbsent(each.id(), id -> new ArrayList<>()).add(each));
    byCase.values().forEach(cycles -> cycles.sort(Comparator.comparing(Kept::cycle)));
    cases = List.copyOf(byCase.values());
  }

  /**
   * Finds traces and reads their headers.
   *
   * @param paths folders of runs or of traces, each replayed for itself, and files, which are
   *     replayed together
   * @param assumed is asked what a trace of version 0 is of
   * @param catalogue where the exercises are found that traces are of
   * @throws InputFault if a path leads to no trace
   */
  public static List<Replay> of(
      List<Path> paths, Function<Path, Assumed> assumed, Catalogue catalogue) {
    List<Replay> replays = new ArrayList<>();
    List<Path> files = new ArrayList<>();
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        replays.add(new Replay(List.of(path), path, kept(traces(path), assumed), catalogue));
      } else if (Files.isRegularFile(path)) {
        files.add(path);
      } else {
        throw new InputFault("%s: there is no such trace or folder".formatted(path));
      }
    }
    if (!files.isEmpty()) {
      replays.add(new Replay(List.copyOf(files), null, kept(files, assumed), catalogue));
    }
    return replays;
  }

  private static List<Path> traces(Path folder) {
    Path inside = folder.resolve("traces");
    Path where = Files.isDirectory(inside) ? inside : folder;
    try (Stream<Path> files = Files.list(where)) {
      List<Path> traces =
          files
              .filter(file -> file.getFileName().toString().matches("[\\w.-]+\\.trace(\\.gz)?"))
              .sorted()
              .toList();
      if (traces.isEmpty()) {
        throw new InputFault("%s has no traces (*.trace.gz)".formatted(where));
      }
      return traces;
    } catch (IOException e) {
      throw new InputFault("cannot read %s: %s".formatted(where, e.getMessage()), e);
    }
  }

  private static List<Kept> kept(List<Path> files, Function<Path, Assumed> assumed) {
    List<Kept> kept = new ArrayList<>();
    for (Path file : files) {
      kept.add(kept(file, kept.size() + 1, assumed));
    }
    return kept;
  }

  private static Kept kept(Path file, int place, Function<Path, Assumed> assumed) {
    @Nullable TraceHeader header;
    CaseName name;
    try {
      header = StoredTrace.header(file);
      if (header != null) {
        name = TraceHeaders.name(header, file);
        TraceHeader.Provenance from = header.provenance();
        return new Kept(file, name, from.recorded(), from.cycle(), null);
      }
    } catch (InputFault e) {
      // Read again when its turn comes, and told then.
      return new Kept(file, null, Instant.MAX, place, null);
    }
    Assumed of = assumed.apply(file);
    return new Kept(file, of.removal().name(), Instant.MIN, place, of);
  }

  /** How many cases there are. */
  public int cases() {
    return cases.size();
  }

  /**
   * Judges all traces.
   *
   * @param listener is told of each case as it ends
   * @throws InputFault if none of the traces could be judged, or {@code run.json} is damaged
   */
  public ReplayReport.Part run(Consumer<CaseResult> listener) {
    @Nullable RunReport before = null;
    if (folder != null && Files.exists(folder.resolve("run.json"))) {
      before = RunReport.read(folder.resolve("run.json"));
    }
    List<CaseResult> results = new ArrayList<>();
    for (List<Kept> each : cases) {
      CaseResult result = replayed(each);
      results.add(result);
      if (judged > 0) {
        listener.accept(result);
      }
    }
    if (judged == 0 && !faults.isEmpty()) {
      Fault first = faults.values().iterator().next();
      throw first;
    }
    return new ReplayReport.Part(
        paths.stream().map(Path::toString).toList(),
        before == null ? null : Comparison.of(before.cases(), results),
        results);
  }

  /** What kept a trace from a verdict. */
  public List<Fault> faults() {
    return List.copyOf(faults.values());
  }

  private CaseResult replayed(List<Kept> cycles) {
    Stopwatch began = Stopwatch.start();
    List<Verdict> verdicts = new ArrayList<>();
    CaseOutcome tale = CaseOutcome.tried(() -> tale(cycles, verdicts), this::blame);
    judged += verdicts.size();
    // The one that differs, or that could not be read.
    boolean differs = !verdicts.isEmpty() && !verdicts.get(verdicts.size() - 1).conforms();
    Kept last = cycles.get(Math.min(cycles.size(), verdicts.size() + (differs ? 0 : 1)) - 1);
    CaseName name = last.name();
    return tale.result(
        new PlannedCase(
            last.id(),
            CLASS,
            name == null ? last.id() : name.title(),
            name == null ? new TreeMap<>() : name.properties(),
            command("replay", last)),
        began.at(),
        began.took(),
        verdicts,
        List.of(),
        folder == null
            ? List.of()
            : cycles.stream().map(each -> folder.relativize(each.file()).toString()).toList());
  }

  private CaseOutcome tale(List<Kept> cycles, List<Verdict> verdicts) {
    @Nullable Oracle oracle = null;
    @Nullable StoredTrace stored = null;
    for (Kept each : cycles) {
      @Nullable StoredTrace before = stored;
      try {
        stored = StoredTrace.read(each.file());
      } catch (InputFault e) {
        blame(e);
        return CaseOutcome.noVerdict(e);
      }
      if (oracle == null || before == null || !isOfTheSame(before, stored)) {
        oracle = oracle(each, stored);
      }
      Refusal.check(steps(stored.trace()), log(stored.trace()), taken);
      Verdict verdict = oracle.judge(stored.trace());
      verdicts.add(verdict);
      if (!verdict.conforms()) {
        break;
      }
    }
    return Objects.requireNonNull(oracle)
        .outcome(
            verdicts,
            Objects.requireNonNull(stored).trace(),
            command("explain", cycles.get(verdicts.size() - 1)));
  }

  private static boolean isOfTheSame(StoredTrace one, StoredTrace other) {
    return one.header() == null
        ? other.header() == null
        : other.header() != null && one.header().isOfTheSame(other.header());
  }

  private Oracle oracle(Kept kept, StoredTrace stored) {
    if (stored.header() != null) {
      return TraceHeaders.oracle(stored.header(), kept.file(), catalogue);
    }
    Assumed assumed = Objects.requireNonNull(kept.assumed());
    return RemovalOracle.of(assumed.removal().removal(assumed.base(), Kernel.LINUX_6_1));
  }

  private static List<String> steps(Trace trace) {
    return trace.events().stream()
        .filter(event -> event instanceof Event.Step step && step.end())
        .map(Event.Step.class::cast)
        .map(step -> step.step() + " " + step.result())
        .toList();
  }

  private static List<String> log(Trace trace) {
    return trace.events().stream()
        .filter(Event.Logged.class::isInstance)
        .map(event -> ((Event.Logged) event).text())
        .toList();
  }

  private static String command(String verb, Kept kept) {
    String options = kept.assumed() == null ? "" : " " + kept.assumed().removal().options();
    return "./lastref " + verb + " " + RemovalCase.quoted(kept.file().toString()) + options;
  }

  private void blame(Fault fault) {
    faults.putIfAbsent(fault.getMessage(), fault);
  }
}
