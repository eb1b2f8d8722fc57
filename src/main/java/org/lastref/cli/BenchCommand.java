package org.lastref.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.lastref.board.BoardDefinition.Physical;
import org.lastref.board.Channel;
import org.lastref.board.Lease;
import org.lastref.fault.LabFault;
import org.lastref.fdt.OverlaySource;
import org.lastref.image.Images;
import org.lastref.link.Shell;
import org.lastref.model.Policy;
import org.lastref.offline.RemovalCase;
import org.lastref.runner.Admission;
import org.lastref.runner.ArmedBoard;
import org.lastref.runner.Installed;
import org.lastref.verify.OverlayRemoval;
import org.lastref.verify.Verdict;
import org.lastref.verify.Verifier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures the harness on a board: latency, cycles a second, bytes and events a cycle. */
@Command(
    name = "bench",
    description =
        "Measures command latency and watched against bare cycles, over both channels; on a physical"
            + " board the time of cases over its line against that of their bytes.",
    mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {

  private static final int WARM_UP = 5;
  private static final int ROUNDS = 7;

  /** So many overlays, and policies, make a run of cases over a line. */
  private static final int SOME = 4;

  private static final double BITS_A_BYTE = 10;

  @Mixin private Selection selection = new Selection();

  @Mixin private KernelChoice kernelChoice = new KernelChoice();

  @Option(
      names = "--cycles",
      paramLabel = "N",
      defaultValue = "50",
      description = "cycles and commands to measure (default: ${DEFAULT-VALUE})")
  private int cycles;

  @Option(names = "--json", description = "print the figures as JSON")
  private boolean json;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public Integer call() {
    if (cycles < 1 || cycles > 10_000) {
      throw new ParameterException(
          spec.commandLine(), "--cycles %d: 1 to 10000 are possible".formatted(cycles));
    }
    Installed.refuse(selection.board(), "bench");
    Images images = Images.ensure(Main.project(), kernelChoice.name());
    Map<String, Map<String, Double>> figures = new TreeMap<>();
    Optional<Lease> lease = Admission.now(List.of("./lastref", "bench")).to(selection.board(), "");
    try {
      for (Channel channel : Channel.values()) {
        figures.put(channel.name().toLowerCase(Locale.ROOT), measure(images, channel));
      }
    } finally {
      lease.ifPresent(Lease::close);
    }
    System.out.println(json ? toJson(figures) : toText(figures));
    return 0;
  }

  private Map<String, Double> measure(Images images, Channel channel) {
    Path folder = temporary();
    Map<String, Double> figures = new TreeMap<>();
    long begin = System.nanoTime();
    OverlaySource overlay = selection.overlays().get(0);
    Policy policy = selection.policies().get(0);
    try (ArmedBoard board =
        ArmedBoard.open(selection.board(), images, channel, Main.project(), folder)) {
      figures.put("boot and arm, s", seconds(begin));
      OverlayRemoval removal =
          new RemovalCase(overlay, policy).removal(board.base(), board.kernel());
      Judged judged = new Judged(board, overlay, removal);
      judged.cycles(1);
      figures.put("start to first verdict, s", seconds(begin));
      requests(board, figures);
      if (channel == Channel.SERIAL && selection.board().hardware() instanceof Physical) {
        figures.put("cases over the line, against their bytes' own time", overTheLine(board));
      }
      judged.cycles(WARM_UP);
      for (String way : List.of("kprobes", "auto")) {
        board.watchBy(way);
        // Until what judges is compiled, it is the compiler that is measured.
        judged.cycles(4 * cycles);
        rounds(judged, way.equals("auto") ? "hook" : way, figures);
      }
      Shell.Traffic before = board.traffic();
      long events = judged.cycles(cycles);
      Shell.Traffic after = board.traffic();
      figures.put("events a cycle", (double) events / cycles);
      figures.put("bytes sent a cycle", (double) (after.sent() - before.sent()) / cycles);
      figures.put(
          "bytes received a cycle", (double) (after.received() - before.received()) / cycles);
    }
    return figures;
  }

  /**
   * A run of some cases of three cycles, each with its blobs and policies: its time against what
   * all bytes, both ways, take at the rate of the line.
   */
  private double overTheLine(ArmedBoard board) {
    Shell.Traffic before = board.traffic();
    long at = System.nanoTime();
    for (Policy policy : selection.policies().stream().limit(SOME).toList()) {
      for (OverlaySource overlay : selection.overlays().stream().limit(SOME).toList()) {
        OverlayRemoval removal =
            new RemovalCase(overlay, policy).removal(board.base(), board.kernel());
        new Judged(board, overlay, removal).cycles(3);
      }
    }
    double took = seconds(at);
    Shell.Traffic after = board.traffic();
    long bytes = after.sent() - before.sent() + after.received() - before.received();
    return took / (bytes * BITS_A_BYTE / selection.board().console().baud());
  }

  private void requests(ArmedBoard board, Map<String, Double> figures) {
    double[] requests = new double[cycles];
    for (int i = -WARM_UP; i < cycles; i++) {
      long at = System.nanoTime();
      board.answers();
      if (i >= 0) {
        requests[i] = seconds(at) * 1000;
      }
    }
    Arrays.sort(requests);
    figures.put("request, median ms", requests[cycles / 2]);
    figures.put("request, 95th percentile ms", requests[cycles * 95 / 100]);
  }

  /** Bare cycles and watched ones in turn, so that what else the machine does slows both. */
  private void rounds(Judged judged, String way, Map<String, Double> figures) {
    double[] bare = new double[ROUNDS];
    double[] watched = new double[ROUNDS];
    double[] ratios = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      bare[round] = judged.board().bareCycles(judged.overlay(), judged.removal(), cycles);
      judged.cycles(1);
      long at = System.nanoTime();
      judged.cycles(cycles);
      watched[round] = cycles / seconds(at);
      ratios[round] = bare[round] / watched[round];
    }
    spread(figures, "bare cycles a second, beside " + way, bare);
    spread(figures, "watched and judged cycles a second, " + way, watched);
    spread(figures, "watched and judged against bare, " + way, ratios);
  }

  private static void spread(Map<String, Double> figures, String name, double[] values) {
    Arrays.sort(values);
    figures.put(name + ": least", values[0]);
    figures.put(name + ": median", values[values.length / 2]);
    figures.put(name + ": most", values[values.length - 1]);
  }

  /** Cycles that are judged while the board does the next. */
  private record Judged(ArmedBoard board, OverlaySource overlay, OverlayRemoval removal) {
    /** How many events they had. */
    long cycles(int count) {
      Verifier verifier = new Verifier(removal.exercise());
      AtomicLong events = new AtomicLong();
      board.run(
          overlay,
          removal,
          count,
          observation -> {
            Verdict verdict = verifier.judge(observation.records().read("bench"));
            if (!verdict.conforms()) {
              throw new LabFault(
                  "what is measured differs from the model, so it is not measured: "
                      + verdict.findings().get(0).sentence());
            }
            events.addAndGet(verdict.events());
            return true;
          });
      return events.get();
    }
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("lastref-bench");
    } catch (IOException e) {
      throw new LabFault("cannot make a temporary folder: " + e.getMessage(), e);
    }
  }

  private static String toJson(Map<String, Map<String, Double>> figures) {
    return new JsonMapper().valueToTree(figures).toPrettyString();
  }

  private static String toText(Map<String, Map<String, Double>> figures) {
    StringBuilder text = new StringBuilder();
    figures.forEach(
        (channel, values) -> {
          text.append(channel).append('\n');
          values.forEach(
              (name, value) ->
                  text.append(String.format(Locale.ROOT, "  %-62s %10.2f%n", name, value)));
        });
    return text.toString().stripTrailing();
  }
}
