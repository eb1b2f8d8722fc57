package org.lastref.target;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;
import org.lastref.image.KernelBuild;
import org.lastref.link.Courier;
import org.lastref.link.Shell;
import org.lastref.trace.Instruction;
import org.lastref.trace.Scenario;
import org.lastref.trace.WatchedEvents;
import org.lastref.trace.Watching;

/** A board that is armed: its watcher is told what to record. Used by one thread. */
public final class Target {
  private static final Duration SHORT = Duration.ofSeconds(20);

  /** Arming a kernel that delays releases waits until those of its boot are over. */
  private static final Duration LONG = Duration.ofMinutes(2);

  /** How long nothing may come while so many cycles are done that are not watched. */
  private static final Duration BARE = Duration.ofMinutes(10);

  private static final int MAX_NAME = 63;

  private final Courier courier;
  private final KernelBuild kernel;
  private String way = "auto";
  private Watching watching = Watching.TEXT;
  private RecordStream stream = new RecordStream(List.of(), Set.of());

  private Target(Courier courier, KernelBuild kernel) {
    this.courier = courier;
    this.kernel = kernel;
  }

  /**
   * Has the agent of a board load the watcher and tells it what to record.
   *
   * @param kernel the kernel that runs there
   * @throws LabFault if the kernel lacks a function that is watched, or the board fails
   */
  public static Target arm(Courier courier, KernelBuild kernel) {
    Target target = new Target(courier, kernel);
    target.watchAlso(List.of());
    return target;
  }

  /**
   * Tells the watcher anew what to record, with further events beside those of every trace; what
   * {@link #watch} was told is forgotten.
   */
  public void watchAlso(List<Probe> further) {
    List<Probe> probes = Stream.concat(Probes.of(kernel).stream(), further.stream()).toList();
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    probes.forEach(probe -> content.writeBytes(probe.bytes()));
    List<String> words = new ArrayList<>(List.of("arm"));
    if (kernel.provenance().own()) {
      words.add("own");
    }
    words.add("way=" + way);
    Duration limit = kernel.delaysReleases() ? LONG : SHORT;
    armed(courier.call(words, content.toByteArray(), piece -> {}, limit).words(), probes);
  }

  private void armed(List<String> words, List<Probe> probes) {
    if (words.size() < 2) {
      throw new LabFault("the board's agent does not say how it watches: " + words);
    }
    watching = new Watching(words.get(0), words.get(1).equals("exact"));
    Set<Long> types =
        Stream.of("of_node_ktype", "device_ktype")
            .filter(type -> kernel.delaysReleases())
            .map(kernel::address)
            .collect(Collectors.toSet());
    stream = new RecordStream(probes, types);
  }

  /**
   * Has the watcher loaded anew, to watch in another way.
   *
   * @param how {@code hook}, {@code kprobes}, or {@code auto}: the hook where the kernel has it
   */
  public void watchBy(String how) {
    way = how;
    watchAlso(List.of());
  }

  /** Asks the agent whether it is there. */
  public void answers() {
    courier.call(List.of("true"), SHORT);
  }

  /** What was sent to and received from the agent so far. */
  public Shell.Traffic traffic() {
    return courier.traffic();
  }

  /** How it watches. */
  public Watching watching() {
    return watching;
  }

  /**
   * Switches the kernel to a policy.
   *
   * @param release as {@code device_link.release=} takes it
   * @param fix as {@code device_link.fix=} takes it
   * @param expedite whether SRCU may expedite grace periods
   */
  public void policy(String release, String fix, boolean expedite) {
    switchTo(List.of("policy", release, fix, holdoff(expedite)));
  }

  /**
   * Switches a kernel that has no policies to choose.
   *
   * @param expedite whether SRCU may expedite grace periods
   */
  public void grace(boolean expedite) {
    switchTo(List.of("grace", holdoff(expedite)));
  }

  /** In nanoseconds; 25 µs is DEFAULT_SRCU_EXP_HOLDOFF of kernel/rcu/srcutree.c. */
  private static String holdoff(boolean expedite) {
    return expedite ? "25000" : "0";
  }

  private void switchTo(List<String> words) {
    String now = said(words);
    String wanted = String.join(" ", words.subList(1, words.size()));
    if (!now.equals(wanted)) {
      throw new LabFault("the board's policy is \"%s\", not \"%s\"".formatted(now, wanted));
    }
  }

  private String said(List<String> words) {
    return String.join(" ", courier.call(words, SHORT).words()).strip();
  }

  /**
   * Whether nothing is left of a case that was interrupted.
   *
   * @throws LabFault naming what is left
   */
  public void checkIdle() {
    String left = said(List.of("idle"));
    if (!left.isEmpty()) {
      throw new LabFault(
          "an interrupted case left on the board: "
              + left.substring(0, Math.min(200, left.length())).replace('\n', ' '));
    }
  }

  /**
   * Tells the watcher what else matters beside the nodes of overlays and their devices.
   *
   * @param devices names of devices
   * @param nodes paths of nodes of the base tree
   */
  public void watch(Collection<String> devices, Collection<String> nodes) {
    List<String> words = new ArrayList<>(List.of("watch"));
    words.addAll(nodes);
    for (String device : devices) {
      if (device.isEmpty() || device.length() > MAX_NAME || device.startsWith("/")) {
        throw new InputFault("no device can be watched whose name is \"%s\"".formatted(device));
      }
      words.add(device);
    }
    courier.call(words, SHORT);
    stream.watch(devices);
  }

  /** Puts an overlay's blob on the board, for later steps to apply by that name. */
  public void upload(String overlay, byte[] blob) {
    courier.call(List.of("file", overlay + ".dtbo"), blob, piece -> {}, SHORT);
  }

  /** Puts a module on the board, for later steps to load by that name. */
  public void uploadModule(String module, byte[] file) {
    courier.call(List.of("file", module + ".ko"), file, piece -> {}, SHORT);
  }

  /**
   * What a board looks at beside its steps.
   *
   * @param first whether what there is on it after the first cycle is compared with what there was
   *     before
   * @param last whether what there is after the last is compared with what there was after the
   *     cycle for which that was asked before
   * @param impatient whether a removal is given up that stands in the kernel for some seconds
   */
  public record Looks(boolean first, boolean last, boolean impatient) {
    private String word() {
      return (first ? "+" : "") + (last ? "=" : "") + (impatient ? "!" : "");
    }
  }

  /**
   * Does a scenario some times, one directly after the other. A cycle of which a step ends in
   * another way than it should is the last.
   *
   * @param cycles how often
   * @param looks what else the board looks at
   * @param each is given what came of each cycle, while the next is done
   * @param limit how long nothing may come
   * @throws LabFault if the board fails, or anything that was watched got lost
   */
  public void steps(
      Scenario scenario, int cycles, Looks looks, Consumer<Observation> each, Duration limit) {
    List<String> words = new ArrayList<>(List.of("steps", cycles + looks.word()));
    for (Instruction instruction : scenario.instructions()) {
      words.add(instruction.step());
      words.add(instruction.result());
    }
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    courier.call(
        words,
        new byte[0],
        piece -> {
          if (piece instanceof Courier.Records some) {
            records.writeBytes(some.bytes());
          } else if (piece instanceof Courier.CycleEnd end) {
            byte[] bytes = records.toByteArray();
            records.reset();
            each.accept(observation(end.text(), bytes));
          }
        },
        limit);
  }

  private Observation observation(String end, byte[] records) {
    stream.add(records);
    List<String> steps = new ArrayList<>();
    for (String line : end.split("\n", -1)) {
      if (line.startsWith("# ")) {
        throw new LabFault(
            "the watcher on the board did not see all of this cycle (%s): run the case alone"
                .formatted(line.substring(2)));
      } else if (!line.isEmpty()) {
        steps.add(line.strip());
      }
    }
    return new Observation(steps, new WatchedEvents(watching, stream.cycle()));
  }

  /**
   * Runs the bare cycle on the board: mkdir, write, rmdir, nothing watched.
   *
   * @return cycles a second
   */
  public double bareCycles(String overlay, int cycles) {
    String seconds =
        String.join(" ", courier.call(List.of("bare", overlay, "" + cycles), BARE).words());
    try {
      return cycles / Double.parseDouble(seconds.strip());
    } catch (NumberFormatException e) {
      throw new LabFault("the board says that %d cycles took \"%s\"".formatted(cycles, seconds), e);
    }
  }
}
