package org.lastref.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Boards;
import org.lastref.board.Channel;
import org.lastref.board.Lease;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;
import org.lastref.fdt.OverlaySource;
import org.lastref.image.Images;
import org.lastref.link.Shell;
import org.lastref.model.Policy;
import org.lastref.offline.Oracle;
import org.lastref.offline.OwnKernelOracle;
import org.lastref.offline.RemovalCase;
import org.lastref.offline.RemovalOracle;
import org.lastref.report.CaseOutcome;
import org.lastref.runner.Admission;
import org.lastref.runner.ArmedBoard;
import org.lastref.runner.Installed;
import org.lastref.trace.Event;
import org.lastref.trace.Trace;
import org.lastref.verify.OverlayRemoval;
import org.lastref.verify.Taken;
import org.lastref.verify.Verdict;

/**
 * A board on which overlays are tried, booted and watched until {@link #close}. Used by one thread.
 *
 * <pre>
 * try (Lab lab = Lab.open("qemu-virt", "field")) {
 *   Removal removal = lab.remove(Path.of("mine.dtso"));
 *   assertTrue(removal.isClean(), removal.toString());
 *   try (Applied applied = lab.apply(Path.of("mine.dtso"))) {
 *     assertEquals(lab.run("cat", "/sys/class/hwmon/hwmon0/name").strip(), "lm75");
 *     assertTrue(applied.remove().isClean());
 *   }
 * }
 * </pre>
 *
 * <p>Where Lastref is, a checkout or a release, the system property {@code lastref.project} says,
 * or the environment variable {@code LASTREF_HOME}.
 */
public final class Lab implements AutoCloseable {

  /** So often an overlay is applied and removed where nobody says. */
  private static final int CYCLES = 3;

  private static final Duration COMMAND = Duration.ofMinutes(1);

  private final ArmedBoard board;
  private final boolean own;
  private final Optional<Lease> lease;
  private final Path folder;

  /** The last one. */
  private @Nullable Applied applied;

  private Lab(ArmedBoard board, boolean own, Optional<Lease> lease, Path folder) {
    this.board = board;
    this.own = own;
    this.lease = lease;
    this.folder = folder;
  }

  /**
   * Boots the board that {@code ./lastref run} takes, with the kernel that that takes.
   *
   * @throws InputFault if Lastref is not where it should be
   * @throws LabFault if the board does not come up
   */
  public static Lab open() {
    return open("qemu-virt", "plain");
  }

  /**
   * Boots a board, which may take minutes if the kernel was never built. One that runs its own
   * system is visited as it is.
   *
   * @param board a board in {@code boards/}, or a YAML file
   * @param kernel as {@code --kernel} takes it; of no matter for a board under its own system
   * @throws InputFault if there is no such board or kernel
   * @throws LabFault if somebody else uses the board, or it does not come up
   */
  public static Lab open(String board, String kernel) {
    Path project = project();
    List<BoardDefinition> boards = Boards.in(project.resolve("boards")).chosen(List.of(board));
    if (boards.size() != 1) {
      throw new InputFault("%s names %d boards: choose one".formatted(board, boards.size()));
    }
    BoardDefinition definition = boards.get(0);
    Optional<Lease> lease = Admission.now(List.of("a test with Lastref")).to(definition, "");
    Path folder = temporary();
    try {
      Images images =
          definition.hasOwnSystem()
              ? Installed.images(definition, project)
              : Images.ensure(project, Images.kernel(project, kernel));
      ArmedBoard armed = ArmedBoard.open(definition, images, Channel.SSH, project, folder);
      return new Lab(armed, images.kernel().provenance().own(), lease, folder);
    } catch (RuntimeException e) {
      lease.ifPresent(Lease::close);
      delete(folder);
      throw e;
    }
  }

  private static Path project() {
    @Nullable String home = System.getenv("LASTREF_HOME");
    Path project =
        Path.of(System.getProperty("lastref.project", home == null ? "" : home))
            .toAbsolutePath()
            .normalize();
    if (!Files.isDirectory(project.resolve("harness"))) {
      throw new InputFault(
          "%s is not where Lastref is: set lastref.project or LASTREF_HOME to its folder"
              .formatted(project));
    }
    return project;
  }

  /** The same as {@link #remove(Path, int)}, three times. */
  public Removal remove(Path overlay) {
    return remove(overlay, CYCLES);
  }

  /**
   * Applies and removes an overlay, and watches every reference to its nodes and devices.
   *
   * @param overlay a {@code .dtso} or a {@code .dtbo}
   * @param cycles how often, at least once
   * @throws InputFault if the overlay is none
   * @throws LabFault if the board fails
   */
  public Removal remove(Path overlay, int cycles) {
    requireIdle();
    OverlaySource source = OverlaySource.of(overlay);
    return judged(source, removal(source), cycles);
  }

  private void requireIdle() {
    if (applied != null && applied.isThere()) {
      throw new IllegalStateException(applied + " is still applied: remove it first");
    }
  }

  /**
   * Applies an overlay, and leaves it there until {@link Applied#remove}: one at a time.
   *
   * @throws InputFault if the overlay is none
   * @throws IllegalStateException if another one is still there
   * @throws LabFault if the kernel refuses it, or the board fails
   */
  public Applied apply(Path overlay) {
    requireIdle();
    OverlaySource source = OverlaySource.of(overlay);
    OverlayRemoval removal = removal(source).paused(Applied.PAUSE);
    Applied now = Applied.by(board, source.name(), () -> judged(source, removal, 1));
    applied = now;
    return now;
  }

  /**
   * Runs a command on the board, as root.
   *
   * @param command its words, passed on as they are
   * @return what it printed
   * @throws LabFault if it cannot be run, takes longer than a minute, or fails
   */
  public String run(String... command) {
    Shell.Reply reply = board.shell().run(List.of(command), COMMAND);
    if (reply.exitCode() != 0) {
      throw new LabFault(
          "%s failed on the board with exit code %d: %s"
              .formatted(String.join(" ", command), reply.exitCode(), reply.output()));
    }
    return reply.output();
  }

  private OverlayRemoval removal(OverlaySource source) {
    return new RemovalCase(source, Policy.UPSTREAM)
        .removal(board.base(), board.kernel(), board.modules());
  }

  private Removal judged(OverlaySource source, OverlayRemoval removal, int cycles) {
    Oracle oracle = own ? OwnKernelOracle.of(removal) : RemovalOracle.of(removal);
    List<Verdict> verdicts = new ArrayList<>();
    List<Trace> traces = new ArrayList<>();
    board.run(
        source,
        removal,
        cycles,
        observation -> {
          Trace trace = observation.records().read(source.name());
          traces.add(trace);
          Verdict verdict = oracle.judge(trace);
          verdicts.add(verdict);
          return verdict.conforms();
        });
    if (verdicts.isEmpty()) {
      throw new LabFault("%s was not tried: the board did no cycle".formatted(source.name()));
    }
    Trace last = traces.get(traces.size() - 1);
    CaseOutcome outcome = oracle.outcome(verdicts, last, "./lastref explain, of a run's trace");
    return new Removal(
        verdicts.size(),
        verdicts.stream().allMatch(each -> each.conforms() && each.keepsPromise()),
        outcome.facts().word().toString(),
        outcome.headline(),
        outcome.detail(),
        holders(traces.get(0), removal));
  }

  /** Who held what when the removal began. */
  private static List<Removal.Holder> holders(Trace trace, OverlayRemoval removal) {
    int began =
        trace.events().stream()
            .filter(each -> each instanceof Event.Step step && step.takesAway())
            .mapToInt(each -> each.at().index())
            .findFirst()
            .orElse(trace.events().size());
    return Taken.in(trace, removal.applied()).stream()
        .filter(each -> each.isOutAt(began))
        .map(
            each ->
                new Removal.Holder(
                    each.get().name(), each.get().holder(), each.device(), each.driver()))
        .toList();
  }

  /** Switches the board off, or leaves it as it was. */
  @Override
  public void close() {
    try {
      board.close();
    } finally {
      lease.ifPresent(Lease::close);
      delete(folder);
    }
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("lastref-lab");
    } catch (IOException e) {
      throw new LabFault("cannot make a temporary folder: " + e.getMessage(), e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    } catch (IOException e) {
      throw new LabFault("cannot remove %s: %s".formatted(folder, e.getMessage()), e);
    }
  }
}
