package org.lastref.runner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.lastref.board.Board;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Boot;
import org.lastref.board.Channel;
import org.lastref.board.LifeCycle;
import org.lastref.fault.Defect;
import org.lastref.fault.Fault;
import org.lastref.fault.LabFault;
import org.lastref.image.Guest;
import org.lastref.image.Images;
import org.lastref.link.SerialLine;
import org.lastref.link.Shell;
import org.lastref.target.Target;
import org.lastref.trace.Watching;

/**
 * Looks at a board step by step, as a run would use it. Each step is bounded; one that needs what
 * an earlier one did not bring about is skipped.
 */
public final class BoardDiagnosis {

  /** How a step ended. */
  public enum Result {
    /** As it should. */
    OK,
    /** The board, or its place in the lab, is at fault. */
    FAILED,
    /** An earlier step failed that this one needs, or the board has nothing of the kind. */
    SKIPPED
  }

  /**
   * A step that was taken.
   *
   * @param what was seen, or what is wrong and what to do
   */
  public record Outcome(String step, Result result, String what) {}

  /** A step: what it is called, what it needs, and what it does, telling what it saw. */
  private record Check(String name, List<String> needs, Supplier<String> action) {}

  private static final Duration COMMAND = Duration.ofSeconds(10);
  private static final int ROUND_TRIPS = 20;
  private static final String IMAGE = "kernel image";
  private static final String BOOT = "power, boot, shell";
  private static final String OFF = "power off";
  private static final String INSTALLED = "SSH, sudo, modules";
  private static final String VISIT = "agent, log";

  private final BoardDefinition definition;
  private final Path project;
  private final Path folder;
  private final Supplier<Images> builder;
  private @Nullable Images images;
  private @Nullable Board board;

  /**
   * @param images finds or builds what it boots
   * @param project the project's folder
   * @param folder where {@code console.log} goes
   */
  public BoardDiagnosis(
      BoardDefinition definition, Supplier<Images> images, Path project, Path folder) {
    this.definition = definition;
    this.project = project;
    this.folder = folder;
    builder = images;
  }

  /** Takes every step, and leaves the board switched off. */
  public List<Outcome> run(Consumer<Outcome> told) {
    List<Outcome> outcomes = new ArrayList<>();
    Set<String> failed = new HashSet<>();
    try {
      for (Check check : checks()) {
        Outcome outcome = outcome(check, failed);
        if (outcome.result() != Result.OK) {
          failed.add(check.name());
        }
        outcomes.add(outcome);
        told.accept(outcome);
      }
    } finally {
      if (board != null) {
        board.close();
      }
    }
    return outcomes;
  }

  private static Outcome outcome(Check check, Set<String> failed) {
    Optional<String> missing = check.needs().stream().filter(failed::contains).findFirst();
    if (missing.isPresent()) {
      return new Outcome(check.name(), Result.SKIPPED, "after " + missing.get());
    }
    try {
      return new Outcome(check.name(), Result.OK, check.action().get());
    } catch (Fault e) {
      return new Outcome(check.name(), Result.FAILED, e.getMessage());
    } catch (RuntimeException e) {
      return new Outcome(check.name(), Result.FAILED, Defect.of(e).getMessage());
    }
  }

  private List<Check> checks() {
    if (definition.hasOwnSystem()) {
      return visit();
    }
    List<String> up = List.of(BOOT);
    return List.of(
        new Check("port", List.of(), this::port),
        new Check(IMAGE, List.of("port"), this::image),
        new Check(BOOT, List.of("port", IMAGE), () -> boot(Channel.SERIAL)),
        new Check("serial round trip", up, this::roundTrips),
        new Check("kernel", up, this::kernel),
        new Check("configfs overlays", up, this::overlays),
        new Check("watcher", up, this::watcher),
        new Check("power cycle, SSH", up, () -> boot(Channel.SSH)),
        new Check("SSH round trip", List.of(BOOT, "power cycle, SSH"), this::roundTrips),
        new Check(OFF, up, this::powerOff));
  }

  /** Of a board that runs its own system. */
  private List<Check> visit() {
    List<String> there = List.of(VISIT);
    return List.of(
        new Check(INSTALLED, List.of(), this::image),
        new Check(VISIT, List.of(INSTALLED), this::visited),
        new Check("SSH round trip", there, this::roundTrips),
        new Check("kernel", there, () -> output("uname", "-r")),
        new Check("overlays", there, this::ownOverlays),
        new Check("watcher", there, this::watcher),
        new Check("left as it was", there, this::movedOut));
  }

  private String visited() {
    if (!(built().payload() instanceof Guest guest)) {
      throw new AssertionError(definition.hardware());
    }
    LifeCycle life = LifeCycle.of(definition.name(), folder);
    board = Board.visit(definition, guest, folder, life);
    return "root's, by " + definition.ssh().user();
  }

  private String ownOverlays() {
    return built().kernel().provenance().lacks().contains("overlays")
        ? "by a module of ours: the kernel has no interface for them"
        : "by the kernel's own interface";
  }

  private String port() {
    String device = definition.console().device();
    if (!definition.shared()) {
      return "a pty of QEMU's";
    }
    SerialLine.open(device, definition.console().baud()).close();
    return "%s at %d baud".formatted(device, definition.console().baud());
  }

  private String image() {
    images = builder.get();
    return images.kernel().folder().toString();
  }

  private String boot(Channel channel) {
    if (board != null) {
      board.close();
      board = null;
    }
    Images built = built();
    long begin = System.nanoTime();
    Path tree =
        ArmedBoard.makeTree(definition, built::kernel, project, folder.resolve("tree-" + channel));
    Boot boot = new Boot(built.image(), Optional.of(tree), channel, built.kernel().arguments());
    try {
      board = Board.boot(definition, boot, folder, LifeCycle.of(definition.name(), folder));
    } catch (LabFault e) {
      throw new LabFault(e.getMessage() + "\nHow far it came:\n" + lastSteps(), e);
    }
    return "%.1f s".formatted((System.nanoTime() - begin) / 1e9);
  }

  private String lastSteps() {
    try {
      List<String> steps = Files.readAllLines(folder.resolve("board.log"));
      return String.join("\n", steps.subList(Math.max(0, steps.size() - 5), steps.size()));
    } catch (IOException e) {
      return "not known: " + e.getMessage();
    }
  }

  private String roundTrips() {
    double[] millis = new double[ROUND_TRIPS];
    for (int i = 0; i < ROUND_TRIPS; i++) {
      String wanted = "lastref " + i;
      long begin = System.nanoTime();
      String said = output("echo", wanted);
      millis[i] = (System.nanoTime() - begin) / 1e6;
      if (!said.equals(wanted)) {
        throw new LabFault(
            "the board was to say \"%s\" and said \"%s\": check the cable and the rate"
                .formatted(wanted, said));
      }
    }
    Arrays.sort(millis);
    return String.format(
        Locale.ROOT, "%d of %d, median %.1f ms", ROUND_TRIPS, ROUND_TRIPS, millis[ROUND_TRIPS / 2]);
  }

  private String kernel() {
    String release = output("uname", "-r");
    // Of 0002 in harness/kernel/6.1/patches.
    said(
        "this is not Lastref's kernel: it came up with " + release + ", check what it boots",
        "cat",
        "/sys/module/device_link/parameters/release");
    return release;
  }

  private String overlays() {
    String folder = "/sys/kernel/config/device-tree/overlays";
    said("the kernel has no interface for overlays, or configfs is not mounted", "ls", folder);
    return folder;
  }

  private String watcher() {
    Watching watching = Target.arm(running().courier(), built().kernel()).watching();
    return "by %s, %s".formatted(watching.way(), watching.exact() ? "exact" : "inexact");
  }

  private String movedOut() {
    String done = powerOff();
    Board.leftOn(definition)
        .ifPresent(
            what -> {
              throw new LabFault("it is not as it was, for this is left on it: " + what);
            });
    return done;
  }

  private String powerOff() {
    running().close();
    board = null;
    return "done";
  }

  private String output(String... words) {
    return said("\"%s\" failed on the board".formatted(String.join(" ", words)), words);
  }

  private String said(String problem, String... words) {
    Shell.Reply reply = running().shell().run(List.of(words), COMMAND);
    if (reply.exitCode() != 0) {
      throw new LabFault(problem + ": " + reply.output().strip());
    }
    return reply.output().strip();
  }

  private Board running() {
    if (board == null) {
      throw new LabFault("the board is not up");
    }
    return board;
  }

  private Images built() {
    if (images == null) {
      throw new LabFault("there is nothing to boot");
    }
    return images;
  }
}
