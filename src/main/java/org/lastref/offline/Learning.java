package org.lastref.offline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.InputFault;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.AppliedOverlay.Device;
import org.lastref.model.AppliedOverlay.Known;
import org.lastref.model.AppliedOverlay.Wanting;
import org.lastref.model.DriverProfile;
import org.lastref.model.DriverProfile.Hold;
import org.lastref.model.DriverProfile.On;
import org.lastref.model.Drivers;
import org.lastref.model.Refcounts;
import org.lastref.trace.Chain;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.lastref.trace.TraceHeader;
import org.lastref.trace.Watching;
import org.lastref.verify.ObservedOverlays;
import org.lastref.verify.OverlayRemoval;
import org.lastref.verify.Taken;
import org.lastref.verify.Verdict;

/**
 * What drivers that the model does not know do to the references of their devices' nodes, from
 * traces of the same overlays applied and removed: what all of them show alike.
 */
public final class Learning {

  private final List<Cycle> cycles;
  private final Map<String, Learnt> learnt = new LinkedHashMap<>();

  /** One trace, with what was there when its removal began. */
  private record Cycle(
      StoredTrace stored,
      Path file,
      OverlayRemoval removal,
      ObservedOverlays observed,
      List<Taken> taken) {}

  /**
   * A driver that was bound and that the model did not know.
   *
   * @param path its device's node
   * @param device its device's name in the first trace
   * @param driver its name; empty if that was not told
   * @param profile what it does in each cycle; null if nothing can be said of it
   * @param remarks what it did that is not in the profile, a sentence each
   */
  public record Learnt(
      String path,
      String device,
      String driver,
      @Nullable DriverProfile profile,
      List<String> remarks) {
    public Learnt {
      remarks = List.copyOf(remarks);
    }
  }

  /**
   * What came of it.
   *
   * @param drivers each driver that was not known
   * @param cycles how many traces there are
   * @param exact in how many of them everything was as the model expects it with these profiles
   */
  public record Result(List<Learnt> drivers, int cycles, int exact) {
    public Result {
      drivers = List.copyOf(drivers);
    }

    /** What can be said of them. */
    public Drivers profiles() {
      return new Drivers(
          drivers.stream().flatMap(each -> Optional.ofNullable(each.profile()).stream()).toList());
    }
  }

  private Learning(List<Cycle> cycles) {
    this.cycles = cycles;
  }

  /**
   * Learns from traces of one case.
   *
   * @param files as they are stored, at least one
   * @throws InputFault if one is not of the removal of overlays, or does not tell its callers
   */
  public static Result from(List<Path> files) {
    Learning learning = new Learning(files.stream().map(Learning::cycle).toList());
    return learning.result();
  }

  private static Cycle cycle(Path file) {
    StoredTrace stored = StoredTrace.read(file);
    TraceHeader header = stored.header();
    if (header == null
        || header.exercise() != null
        || stored.trace().watching().equals(Watching.TEXT)) {
      throw new InputFault(
          file
              + ": nothing can be learnt from it: it has to be of the removal of an overlay, with"
              + " chains of callers");
    }
    OverlayRemoval removal = TraceHeaders.removal(header, file);
    ObservedOverlays observed = ObservedOverlays.of(stored.trace(), removal.applied());
    List<Taken> taken = Taken.in(stored.trace(), observed.applied());
    return new Cycle(stored, file, removal, observed, taken);
  }

  private Result result() {
    Cycle first = cycles.get(0);
    first
        .removal()
        .applied()
        .forEach(
            (name, overlay) ->
                overlay.wanting().stream()
                    .filter(wanting -> wanting.known() == Known.NOT)
                    .forEach(wanting -> learn(name, wanting)));
    List<Learnt> drivers = List.copyOf(learnt.values());
    Result found = new Result(drivers, cycles.size(), 0);
    int exact = (int) cycles.stream().filter(each -> isExact(each, found.profiles())).count();
    return new Result(drivers, cycles.size(), exact);
  }

  private void learn(String overlay, Wanting wanting) {
    List<Seen> seen = new ArrayList<>();
    for (Cycle cycle : cycles) {
      Optional.ofNullable(cycle.observed().applied().get(overlay))
          .ifPresent(
              applied ->
                  applied
                      .deviceOf(wanting.path())
                      .filter(Device::bound)
                      .ifPresent(device -> seen.add(seen(cycle, applied, device))));
    }
    if (seen.isEmpty()) {
      return;
    }
    Seen one = seen.get(0);
    List<String> remarks = new ArrayList<>(one.remarks());
    if (seen.size() < cycles.size()) {
      remarks.add("it was bound in %d of %d cycles only".formatted(seen.size(), cycles.size()));
    }
    boolean alike = seen.stream().allMatch(each -> each.isLike(one));
    if (!alike) {
      remarks.add("what it takes and returns differs between cycles: " + differences(seen));
    }
    DriverProfile profile =
        alike
            ? new DriverProfile(
                List.of(wanting.compatible().get(0)),
                source(one),
                one.populates(),
                null,
                null,
                true,
                one.holds())
            : null;
    learnt.put(
        wanting.path(), new Learnt(wanting.path(), one.device(), one.driver(), profile, remarks));
  }

  private String source(Seen seen) {
    TraceHeader header = cycles.get(0).stored().header();
    String kernel = header == null ? "" : header.provenance().kernel();
    String driver = seen.driver().isEmpty() ? "the driver" : seen.driver();
    return "learnt of %s in %d cycles on %s".formatted(driver, cycles.size(), kernel);
  }

  private static String differences(List<Seen> seen) {
    Set<String> ways = new LinkedHashSet<>();
    seen.forEach(
        each ->
            ways.add(
                each.holds().isEmpty()
                    ? "nothing"
                    : each.holds().stream()
                        .map(hold -> hold.get() + "/" + hold.put())
                        .collect(Collectors.joining(", "))));
    return ways.stream().limit(3).collect(Collectors.joining("; or "));
  }

  /** What a driver did in one cycle. */
  private record Seen(
      String device,
      String driver,
      @Nullable String populates,
      List<Hold> holds,
      List<String> remarks) {
    boolean isLike(Seen other) {
      return holds.equals(other.holds)
          && Optional.ofNullable(populates).equals(Optional.ofNullable(other.populates));
    }
  }

  private static Seen seen(Cycle cycle, AppliedOverlay applied, Device device) {
    int removal = cycle.observed().removal();
    String driver = "";
    Map<Hold, Set<String>> held = new LinkedHashMap<>();
    Map<Hold, Integer> returned = new HashMap<>();
    List<String> remarks = new ArrayList<>();
    for (Taken each : cycle.taken()) {
      if (!each.device().equals(device.name()) || !each.doing().equals("probed")) {
        continue;
      }
      driver = each.driver().isEmpty() ? driver : each.driver();
      if (each.get().kind() != Kind.NODE || !each.isOutAt(removal) || isKnown(each, applied)) {
        continue;
      }
      String path = each.get().subject().path();
      Optional<On> on = on(path, device.path());
      if (each.put() == null) {
        remarks.add(
            "the reference to %s that %s takes never comes back"
                .formatted(path, each.get().holder()));
      } else if (on.isEmpty()) {
        remarks.add(
            "%s takes a reference to %s, which is neither its device's node nor one below, and %s returns it"
                .formatted(each.get().holder(), path, each.put().holder()));
      } else {
        Hold hold = hold(on.get(), each.get(), each.put());
        held.computeIfAbsent(hold, any -> new LinkedHashSet<>()).add(path);
        returned.put(hold, each.put().at().index());
      }
    }
    long children =
        applied.nodes().stream()
            .filter(node -> on(node.path(), device.path()).equals(Optional.of(On.EACH_CHILD)))
            .count();
    List<Hold> holds = new ArrayList<>();
    held.forEach(
        (hold, paths) -> {
          if (hold.on() == On.EACH_CHILD && paths.size() < children) {
            remarks.add(
                "%s takes references to %d of its %d nodes below only"
                    .formatted(hold.get(), paths.size(), children));
          } else {
            holds.add(hold);
          }
        });
    // What comes back last is taken for what was taken first.
    holds.sort(Comparator.comparing(hold -> -returned.getOrDefault(hold, 0)));
    return new Seen(device.name(), driver, populates(applied, device), holds, remarks);
  }

  /** What the model has of any device: that it holds its node; and what the core does by itself. */
  private static boolean isKnown(Taken taken, AppliedOverlay applied) {
    Chain chain = taken.get().chain();
    return Refcounts.isCores(chain)
        || applied
            .deviceOf(taken.get().subject().path())
            .filter(each -> Refcounts.device(each.bus()).isTakenBy(chain))
            .isPresent();
  }

  private static Optional<On> on(String path, String device) {
    if (path.equals(device)) {
      return Optional.of(On.OWN_NODE);
    }
    int slash = path.lastIndexOf('/');
    return slash > 0 && path.substring(0, slash).equals(device)
        ? Optional.of(On.EACH_CHILD)
        : Optional.empty();
  }

  private static Hold hold(On on, Reference get, Reference put) {
    boolean onRelease = put.chain().functions().contains("device_release");
    return new Hold(on, get.holder(), put.holder(), onRelease ? Boolean.TRUE : null);
  }

  /** The bus of the devices that were made of the nodes below. */
  private static @Nullable String populates(AppliedOverlay applied, Device device) {
    Set<String> buses =
        applied.devices().stream()
            .filter(each -> on(each.path(), device.path()).equals(Optional.of(On.EACH_CHILD)))
            .map(each -> each.bus().toString())
            .collect(Collectors.toSet());
    return buses.size() == 1 ? buses.iterator().next() : null;
  }

  /** Whether a trace is as the model expects it once the profiles are known. */
  private static boolean isExact(Cycle cycle, Drivers profiles) {
    TraceHeader header = cycle.stored().header();
    if (header == null) {
      return false;
    }
    OverlayRemoval expected = TraceHeaders.removal(header, cycle.file(), profiles);
    Trace trace = cycle.stored().trace();
    Oracle oracle = RemovalOracle.of(expected);
    Verdict verdict = oracle.judge(trace);
    return verdict.conforms();
  }
}
