package org.lastref.runner;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.lastref.board.BaseTree;
import org.lastref.board.Board;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Boot;
import org.lastref.board.Channel;
import org.lastref.board.Leases;
import org.lastref.board.LifeCycle;
import org.lastref.board.LifeCycle.State;
import org.lastref.fault.LabFault;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.OverlaySource;
import org.lastref.image.DriverIndex;
import org.lastref.image.Guest;
import org.lastref.image.Images;
import org.lastref.image.KernelBuild;
import org.lastref.image.KernelModule;
import org.lastref.link.Console;
import org.lastref.link.ConsoleSocket;
import org.lastref.link.Shell;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.Kernel;
import org.lastref.model.Policy;
import org.lastref.target.Observation;
import org.lastref.target.Probe;
import org.lastref.target.Target;
import org.lastref.target.Target.Looks;
import org.lastref.trace.Blob;
import org.lastref.trace.Scenario;
import org.lastref.trace.TraceHeader.Layer;
import org.lastref.trace.Verb;
import org.lastref.verify.OverlayRemoval;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A board that runs our kernel and is armed. Used by one thread. Remembers what it last told the
 * board, to say it only once.
 */
public final class ArmedBoard implements AutoCloseable {

  /** How long nothing may come of a cycle: a settle waits five seconds at most, each. */
  private static final Duration CYCLE = Duration.ofSeconds(60);

  /** The same where releases are delayed: a settle waits sixty seconds at most. */
  private static final Duration DELAYED_CYCLE = Duration.ofMinutes(5);

  /** The same where the harness says when it goes on: as long as the agent waits, and more. */
  private static final Duration PAUSED_CYCLE = Duration.ofMinutes(65);

  /** So many cycles are asked for at once: a reply over a console is bounded. */
  private static final int AT_ONCE = 10;

  private static final Logger LOG = LoggerFactory.getLogger(ArmedBoard.class);
  private static final Duration COMMAND = Duration.ofSeconds(10);

  private final BoardDefinition definition;
  private final Images images;
  private final DriverIndex drivers;
  private final Channel channel;
  private final Path folder;

  /** What it boots with; where it runs its own system, none is chosen. */
  private final Optional<Path> tree;

  private final Fdt base;
  private final Blob baseBlob;

  /** By name, what the board was given. */
  private final Map<String, Blob> uploaded = new HashMap<>();

  /** Whether it has the modules of the user's own. */
  private boolean hasModules;

  /** The probes that are set beside those for references. */
  private List<Probe> probes = List.of();

  /** What the kernel's command line has besides what its variant needs. */
  private List<String> words = List.of();

  /** Whether the last attempt to boot failed. */
  private boolean down;

  private final LifeCycle life;

  private @Nullable Kernel kernel;
  private @Nullable Policy policy;
  private @Nullable Set<String> watched;
  private Board board;
  private Target target;
  private @Nullable ConsoleSocket people;

  private ArmedBoard(
      BoardDefinition definition, Images images, Channel channel, Path project, Path folder) {
    this.definition = definition;
    this.images = images;
    drivers = images.drivers();
    this.channel = channel;
    this.folder = folder;
    life = LifeCycle.of(definition.name(), folder);
    Path trees = folder.resolve("tree");
    tree =
        definition.hasOwnSystem()
            ? Optional.empty()
            : Optional.of(makeTree(definition, images::kernel, project, trees));
    board = boot();
    Path known = tree.orElseGet(() -> running(trees));
    try {
      base = Fdt.read(known);
      baseBlob = Blob.of(bytes(known));
    } catch (RuntimeException e) {
      board.close();
      throw e;
    }
    target = arm();
  }

  /**
   * Boots a board and arms it.
   *
   * @param project the project's folder
   * @param folder where {@code console.log} goes
   * @throws LabFault if that fails
   */
  public static ArmedBoard open(
      BoardDefinition definition, Images images, Channel channel, Path project, Path folder) {
    return new ArmedBoard(definition, images, channel, project, folder);
  }

  private Path running(Path trees) {
    try {
      return BaseTree.running(board.shell(), definition.name(), trees);
    } catch (RuntimeException e) {
      board.close();
      throw e;
    }
  }

  private Board boot() {
    if (images.payload() instanceof Guest guest) {
      return Board.visit(definition, guest, folder, life);
    }
    List<String> arguments = new ArrayList<>(images.kernel().arguments());
    arguments.addAll(words);
    return Board.boot(definition, new Boot(images.image(), tree, channel, arguments), folder, life);
  }

  private Target arm() {
    try {
      Target armed = armed();
      life.to(State.ARMED, "it is watched by " + armed.watching().way());
      serve();
      return armed;
    } catch (RuntimeException e) {
      life.to(board.death().isPresent() ? State.DEAD : State.HUNG, "" + e.getMessage());
      board.close();
      throw e;
    }
  }

  /** What is asked of its shell comes first: on a console the agent takes its place. */
  private Target armed() {
    kernel();
    return Target.arm(board.courier(), images.kernel());
  }

  /** People may watch the console of a board that is held. */
  private void serve() {
    if (definition.shared() && people == null) {
      try {
        Path socket = Leases.ofHost().consoleSocket(definition.name());
        people = ConsoleSocket.serve(board.console(), socket);
      } catch (LabFault e) {
        LOG.warn("Nobody can watch board {}: {}", definition.name(), e.getMessage());
      }
    }
  }

  private void switchOff() {
    if (people != null) {
      people.close();
      people = null;
    }
    board.close();
  }

  static Path makeTree(
      BoardDefinition definition, Supplier<KernelBuild> kernel, Path project, Path folder) {
    return BaseTree.make(definition, kernel, project.resolve("boards/base.dtso"), folder);
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new LabFault("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** The tree that the board booted with. */
  public Fdt base() {
    return base;
  }

  /** The same as the board had it. */
  public Blob baseBlob() {
    return baseBlob;
  }

  /** Overlays as the board had them. */
  public List<Layer> layers(List<OverlaySource> overlays) {
    return overlays.stream()
        .map(layer -> new Layer(layer.name(), requireNonNull(uploaded.get(layer.name()))))
        .toList();
  }

  /** The names of the modules of the user's own, in the order in which they are loaded. */
  public List<String> modules() {
    return images.modules().stream().map(KernelModule::name).toList();
  }

  /** The drivers in the kernel's sources, which any thread may ask. */
  public DriverIndex drivers() {
    return drivers;
  }

  /** The board's console. */
  public Console console() {
    return board.console();
  }

  /** The board's shell. */
  public Shell shell() {
    return board.shell();
  }

  /** The kernel that it runs, as the model tells kernels apart. */
  public Kernel kernel() {
    if (kernel == null) {
      String release = shell().run(List.of("uname", "-r"), COMMAND).output().strip();
      kernel = Kernel.of(release, images.kernel()::has);
    }
    return kernel;
  }

  /**
   * Applies and removes overlays again and again.
   *
   * @param each takes what came of each cycle as it comes, and says whether more are of use
   */
  public void run(
      OverlaySource overlay, OverlayRemoval removal, int cycles, Predicate<Observation> each) {
    prepare(overlay, removal);
    // What is released late goes when it likes; on a console nobody else can speak for the agent.
    boolean prompt = !images.kernel().delaysReleases();
    cycles(removal.scenario(), cycles, prompt, prompt, each);
  }

  /**
   * Does the steps of an exercise again and again.
   *
   * @param each the same
   */
  public void run(Scenario scenario, Kit kit, int cycles, Predicate<Observation> each) {
    if (!kit.probes().equals(probes)) {
      target.watchAlso(kit.probes());
      probes = kit.probes();
      watched = null;
    }
    adopt(Policy.UPSTREAM);
    watch(new TreeSet<>(kit.devices()), Set.of());
    kit.overlays().forEach(this::upload);
    cycles(scenario, cycles, false, false, each);
  }

  /**
   * All cycles of a case, back to back. One of which a step ends in another way than it should is
   * the last; where more are of no use, those are done still that were asked for at once.
   *
   * @param compared whether what is left on the board is looked for, of the first cycle and of the
   *     others together
   * @param impatient as {@link Looks#impatient}
   */
  private void cycles(
      Scenario scenario,
      int cycles,
      boolean compared,
      boolean impatient,
      Predicate<Observation> each) {
    Duration limit = scenario.has(Verb.PAUSE) ? PAUSED_CYCLE : limit();
    AtomicBoolean more = new AtomicBoolean(true);
    for (int done = 0; done < cycles && more.get(); done += AT_ONCE) {
      int now = Math.min(AT_ONCE, cycles - done);
      target.steps(
          scenario,
          now,
          new Looks(
              compared && done == 0, compared && cycles > 1 && done + now == cycles, impatient),
          observation -> more.set(more.get() && each.test(observation)),
          // On a console what is left of a cycle's last piece comes with the next's.
          channel == Channel.SERIAL ? limit.multipliedBy(now) : limit);
    }
  }

  /** Whether the board stands in a pause of that name; for any thread, of a board with SSH. */
  public boolean isPaused(String name) {
    return shell().run(List.of("test", "-e", pause(name)), COMMAND).exitCode() == 0;
  }

  /** Has it go on; the same. */
  public void resume(String name) {
    shell().run(List.of("rm", "-f", pause(name)), COMMAND);
  }

  /** As the agent has it, harness/agent/steps.c: step_pause(). */
  private static String pause(String name) {
    return "/tmp/lastref/" + name;
  }

  /** Has the watcher watch in another way, see {@link Target#watchBy}. */
  public void watchBy(String way) {
    target.watchBy(way);
    probes = List.of();
    watched = null;
  }

  /** Asks the board's agent whether it is there. */
  public void answers() {
    target.answers();
  }

  /** What was sent to and received from the board's agent so far. */
  public Shell.Traffic traffic() {
    return target.traffic();
  }

  /** The bare cycle in a loop on the board; cycles a second. */
  public double bareCycles(OverlaySource overlay, OverlayRemoval removal, int cycles) {
    prepare(overlay, removal);
    return target.bareCycles(overlay.name(), cycles);
  }

  private Duration limit() {
    return images.kernel().delaysReleases() ? DELAYED_CYCLE : CYCLE;
  }

  private void prepare(OverlaySource overlay, OverlayRemoval removal) {
    if (!probes.isEmpty()) {
      target.watchAlso(List.of());
      probes = List.of();
      watched = null;
    }
    adopt(removal.policy());
    Set<String> devices = new TreeSet<>();
    Set<String> nodes = new TreeSet<>();
    for (AppliedOverlay applied : removal.applied().values()) {
      devices.addAll(applied.watchedDevices());
      nodes.addAll(applied.watchedNodes());
    }
    watch(devices, nodes);
    overlay.stack().forEach(this::upload);
    if (!hasModules) {
      images.modules().forEach(each -> target.uploadModule(each.name(), each.bytes()));
      hasModules = true;
    }
  }

  /** Whether its kernel's grace periods can be made slow. */
  public boolean hasSlowGrace() {
    return images.kernel().provenance().hasSlowGrace();
  }

  private void adopt(Policy wanted) {
    if (!wanted.equals(policy)) {
      boolean expedite = wanted.grace() == Policy.Grace.ANY;
      if (images.kernel().provenance().own()) {
        if (hasSlowGrace()) {
          target.grace(expedite);
        }
      } else {
        target.policy(wanted.release().toString(), wanted.fix().toString(), expedite);
      }
      policy = wanted;
    }
  }

  private void watch(Set<String> devices, Set<String> nodes) {
    Set<String> all = new TreeSet<>(nodes);
    devices.forEach(device -> all.add("device " + device));
    if (!all.equals(watched)) {
      target.watch(devices, nodes);
      watched = all;
    }
  }

  private void upload(OverlaySource overlay) {
    if (!uploaded.containsKey(overlay.name())) {
      byte[] blob = overlay.blob();
      target.upload(overlay.name(), blob);
      uploaded.put(overlay.name(), Blob.of(blob));
    }
  }

  /** Where the board stands. */
  LifeCycle life() {
    return life;
  }

  /** Whether the last attempt to boot it failed. */
  boolean isDown() {
    return down;
  }

  /** The console's place when the board was last started. */
  public Console.Mark started() {
    return board.started();
  }

  /** Why the board does no more, if that is so. */
  Optional<String> death() {
    return board.death();
  }

  /** As {@link Board#sysRq}. */
  void sysRq(char key) {
    board.sysRq(key);
  }

  /**
   * Interrupts what runs on the board, takes a new shell and arms it again.
   *
   * @throws LabFault if none answers, or an interrupted case has left something behind
   */
  void takeShell() {
    board.attach();
    forget();
    target = arm();
    target.checkIdle();
  }

  /**
   * Starts its kernel again without taking the power away, and arms it again.
   *
   * @throws LabFault if it does not come back
   */
  void reboot() {
    board.reboot();
    forget();
    target = arm();
  }

  /**
   * Takes the power away for a moment, boots what was booted before and arms the board again.
   *
   * @throws LabFault if it does not come back
   */
  void restart() {
    down = true;
    switchOff();
    forget();
    board = boot();
    target = arm();
    down = false;
  }

  /**
   * The same with nothing on the kernel's command line that a case had put there.
   *
   * @throws LabFault if it does not come back
   */
  void restartPlainly() {
    words = List.of();
    restart();
  }

  private void forget() {
    uploaded.clear();
    hasModules = false;
    probes = List.of();
    policy = null;
    watched = null;
  }

  /**
   * Boots the board with these words on the kernel's command line, if it was not.
   *
   * @return whether it was booted anew, with a new console
   * @throws LabFault if it does not come up; it can be booted again
   */
  public boolean bootWith(List<String> wanted) {
    if (!down && wanted.equals(words)) {
      return false;
    }
    words = List.copyOf(wanted);
    restart();
    return true;
  }

  @Override
  public void close() {
    switchOff();
  }
}
