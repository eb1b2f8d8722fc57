package org.lastref.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
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
import org.lastref.target.Observation;
import org.lastref.trace.Trace;
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
    description = "Measures command latency and watched against bare cycles, over both channels.",
    mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {

  private static final Duration COMMAND = Duration.ofSeconds(10);
  private static final int WARM_UP = 5;

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
      cycle(board, overlay, removal);
      figures.put("start to first verdict, s", seconds(begin));

      double[] commands = new double[cycles];
      for (int i = -WARM_UP; i < cycles; i++) {
        long at = System.nanoTime();
        board.shell().run(List.of("true"), COMMAND);
        if (i >= 0) {
          commands[i] = seconds(at) * 1000;
        }
      }
      Arrays.sort(commands);
      figures.put("command, median ms", commands[cycles / 2]);
      figures.put("command, 95th percentile ms", commands[cycles * 95 / 100]);

      for (int i = 0; i < WARM_UP; i++) {
        cycle(board, overlay, removal);
      }
      Shell.Traffic before = board.shell().traffic();
      long events = 0;
      long at = System.nanoTime();
      for (int i = 0; i < cycles; i++) {
        events += cycle(board, overlay, removal);
      }
      figures.put("watched and judged cycles a second", cycles / seconds(at));
      Shell.Traffic after = board.shell().traffic();
      figures.put("events a cycle", (double) events / cycles);
      figures.put("bytes sent a cycle", (double) (after.sent() - before.sent()) / cycles);
      figures.put(
          "bytes received a cycle", (double) (after.received() - before.received()) / cycles);
      figures.put("bare cycles a second on the board", board.bareCycles(overlay, removal, cycles));
    }
    return figures;
  }

  private static int cycle(ArmedBoard board, OverlaySource overlay, OverlayRemoval removal) {
    Observation observation = board.run(overlay, removal);
    Trace trace = observation.records().read("bench");
    Verdict verdict = Verifier.judge(removal.exercise(), trace);
    if (!verdict.conforms()) {
      throw new LabFault(
          "what is measured differs from the model, so it is not measured: "
              + verdict.findings().get(0).sentence());
    }
    return verdict.events();
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
                  text.append(String.format(Locale.ROOT, "  %-36s %10.2f%n", name, value)));
        });
    return text.toString().stripTrailing();
  }
}
