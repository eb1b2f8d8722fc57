package org.lastref;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.Overlay;
import org.lastref.fdt.OverlayCompiler;
import org.lastref.fdt.OverlaySource;
import org.lastref.model.Kernel;
import org.lastref.model.Policy;
import org.lastref.model.Situation;
import org.lastref.offline.RemovalCase;
import org.lastref.trace.Trace;
import org.lastref.trace.TraceReader;
import org.lastref.verify.Exercise;
import org.lastref.verify.OverlayRemoval;

/**
 * Traces recorded on a booted kernel, one cycle each, in {@code traces/} of the test resources.
 *
 * @param shape the overlay that was applied and removed
 * @param policy how that kernel let links go
 * @param situation what else was done
 * @param lockdep whether the kernel proved its locking
 */
public record Recorded(String shape, Policy policy, Situation situation, boolean lockdep) {

  /** One of an overlay that was removed and nothing else. */
  public Recorded(String shape, Policy policy) {
    this(shape, policy, Situation.REMOVE, false);
  }

  /** The overlays of which there are traces. */
  public static final List<String> SHAPES =
      List.of("pair", "chain", "diamond", "consumer-first", "cycle", "stacked-upper", "leds");

  /** Leaves every link to a work item, for which nobody waits. */
  public static final Policy LEAKING =
      new Policy(Policy.Release.SYSTEM_WQ, Policy.Fix.NONE, Policy.Grace.SLOW);

  public static final Policy BARRIER =
      new Policy(Policy.Release.CALL_SRCU, Policy.Fix.SRCU_BARRIER, Policy.Grace.SLOW);
  public static final Policy WAITED =
      new Policy(Policy.Release.DEDICATED_WQ, Policy.Fix.WAIT_REMOVAL, Policy.Grace.SLOW);
  public static final Policy AT_ONCE =
      new Policy(Policy.Release.DEDICATED_WQ, Policy.Fix.SYNC_OVERLAY, Policy.Grace.ANY);

  /** The policies under which each of them was recorded. */
  public static final List<Policy> POLICIES = List.of(LEAKING, BARRIER, WAITED, AT_ONCE);

  private static final Map<String, OverlaySource> COMPILED = new ConcurrentHashMap<>();
  private static final Fdt BASE = makeBase();

  /** Every trace. */
  public static List<Recorded> all() {
    return SHAPES.stream()
        .flatMap(shape -> POLICIES.stream().map(policy -> new Recorded(shape, policy)))
        .toList();
  }

  /** Leaves links to a work item at an unbinding, when the nodes are not detached yet. */
  public static final Policy TOO_EARLY =
      new Policy(Policy.Release.DEDICATED_WQ, Policy.Fix.SYNC_OVERLAY, Policy.Grace.SLOW);

  public static final Policy FLAGGED =
      new Policy(Policy.Release.DEDICATED_WQ, Policy.Fix.FLAG_OVERLAY, Policy.Grace.SLOW);

  /** Every trace of drivers that were unbound before the overlay was removed. */
  public static List<Recorded> allUnbound() {
    return Stream.of("devlink/autoremove-pair", "devlink/autoremove-fan")
        .flatMap(
            shape ->
                Stream.of(LEAKING, TOO_EARLY, FLAGGED, WAITED)
                    .map(policy -> new Recorded(shape, policy, Situation.UNBIND, false)))
        .toList();
  }

  /** An SRCU callback released a device that sleeps then. */
  public static final Recorded SLEPT =
      new Recorded(
          "devlink/sleepy-release",
          new Policy(Policy.Release.CALL_SRCU, Policy.Fix.NONE, Policy.Grace.SLOW),
          Situation.REMOVE,
          true);

  /** Every trace of the kernel that releases late: {@code CONFIG_DEBUG_KOBJECT_RELEASE}. */
  public static List<Recorded> allDelayed() {
    return List.of("pair", "chain", "diamond", "supply").stream()
        .flatMap(
            shape ->
                POLICIES.stream()
                    .map(policy -> new Policy(policy.release(), policy.fix(), Policy.Grace.ANY))
                    .map(policy -> new Recorded(shape, policy.withDelayedRelease())))
        .toList();
  }

  /** The tree of the machine with what {@code boards/base.dtso} adds to it. */
  public static Fdt base() {
    return BASE;
  }

  private static Fdt makeBase() {
    OverlayCompiler compiler = new OverlayCompiler();
    Path source = Path.of("src/test/resources/machine.dts");
    Fdt machine = Fdt.parse(compiler.compile(source, true), "machine");
    byte[] addition = compiler.compile(Path.of("boards/base.dtso"), true);
    return machine.apply(Overlay.of(Fdt.parse(addition, "addition")).resolve(machine));
  }

  /** The same as a blob, as {@code fdtoverlay} merges it. */
  public static byte[] baseBlob() {
    OverlayCompiler compiler = new OverlayCompiler();
    try {
      Path folder = Files.createTempDirectory("lastref-base");
      Path machine = folder.resolve("machine.dtb");
      Path addition = folder.resolve("addition.dtbo");
      Path merged = folder.resolve("base.dtb");
      try {
        Files.write(machine, compiler.compile(Path.of("src/test/resources/machine.dts"), true));
        Files.write(addition, compiler.compile(Path.of("boards/base.dtso"), true));
        Process merging =
            new ProcessBuilder("fdtoverlay", "-i", "" + machine, "-o", "" + merged, "" + addition)
                .inheritIO()
                .start();
        if (!merging.waitFor(30, TimeUnit.SECONDS) || merging.exitValue() != 0) {
          throw new IllegalStateException("fdtoverlay failed");
        }
        return Files.readAllBytes(merged);
      } finally {
        for (Path file : List.of(machine, addition, merged, folder)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** An overlay of the repository, with those below it. */
  public static OverlaySource shape(String name) {
    return COMPILED.computeIfAbsent(
        name, each -> OverlaySource.of(Path.of("overlays", each + ".dtso")));
  }

  public String name() {
    String name = shape.substring(shape.lastIndexOf('/') + 1);
    return "%s-%s-%s-%s".formatted(name, policy.release(), policy.fix(), policy.grace());
  }

  /** As the board sent it. */
  public String text() {
    String folder =
        policy.delayed()
            ? "debug-release/"
            : lockdep ? "lockdep/" : situation == Situation.REMOVE ? "" : situation + "/";
    String file = "/traces/" + folder + name() + ".trace.gz";
    try (InputStream in =
        new GZIPInputStream(Objects.requireNonNull(Recorded.class.getResourceAsStream(file)))) {
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }

  public Trace trace() {
    return TraceReader.read(text(), name());
  }

  public OverlayRemoval removal() {
    return removal(policy);
  }

  /** What the model would have it be under another policy. */
  public OverlayRemoval removal(Policy other) {
    return new RemovalCase(shape(shape), other, situation, lockdep, new TreeSet<>())
        .removal(base(), Kernel.LINUX_6_1);
  }

  /** What it is held against. */
  public Exercise exercise() {
    return exercise(policy);
  }

  /** What it would be held against under another policy. */
  public Exercise exercise(Policy other) {
    return removal(other).exercise();
  }

  @Override
  public String toString() {
    return name();
  }
}
