package org.lastref.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.lastref.machine.Exploration;
import org.lastref.machine.Explorer;
import org.lastref.machine.ExplorerBenchmark;
import org.lastref.machine.Machine;
import org.lastref.machine.Promela;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * What {@code ./lastref bench model} runs: the search beside Spin's, instance by instance, and how
 * it grows with the overlay. Tables go to standard output, they and plots to {@code target/bench}.
 *
 * <p>Both are measured in processor time, which others who use the machine disturb less: ours that
 * of the warm searching thread and of the collector, Spin's that of its whole process, which does
 * not tell the ends. Medians.
 */
public final class ModelBench {

  private static final Path FOLDER = Path.of("target", "bench");
  private static final int SPIN_RUNS = 3;
  private static final long MEMORY = 2L << 30;
  private static final int LONGEST = 10;

  private ModelBench() {}

  /** Takes no arguments. */
  public static void main(String[] args) throws IOException, RunnerException {
    Files.createDirectories(FOLDER);
    speed();
    scaling();
  }

  private static void speed() throws IOException, RunnerException {
    List<String> rows = new ArrayList<>();
    rows.add("| instance | states | steps | Lastref | Spin | Lastref | Spin | ratio |");
    rows.add("|---|---|---|---|---|---|---|---|");
    rows.forEach(System.out::println);
    Map<String, Double> ratios = new LinkedHashMap<>();
    for (Instance instance : Instance.values()) {
      Machine machine = instance.machine();
      Exploration found = Explorer.search(machine, MEMORY, (states, open) -> {});
      double ours = lastref(instance);
      double spins = spin(machine, found);
      String row =
          String.format(
              Locale.ROOT,
              "| %s | %,d | %,d | %.3f s | %.3f s | %.2f M/s | %.2f M/s | %.1f |",
              instance,
              found.states(),
              found.transitions(),
              ours,
              spins,
              found.states() / ours / 1e6,
              found.states() / spins / 1e6,
              spins / ours);
      System.out.println(row);
      rows.add(row);
      ratios.put(instance.toString(), spins / ours);
    }
    Files.write(FOLDER.resolve("speed.md"), rows);
    Files.writeString(
        FOLDER.resolve("speed.svg"),
        Plot.bars("distinct states a second, as times Spin's", ratios));
  }

  /** {@link ExplorerBenchmark.Spent} is all that is told beside the time. */
  private static double lastref(Instance instance) throws RunnerException {
    List<Double> seconds = new ArrayList<>();
    for (RunResult run :
        new Runner(
                new OptionsBuilder()
                    .include(ExplorerBenchmark.class.getName())
                    .param("instance", instance.name())
                    .shouldFailOnError(true)
                    .verbosity(VerboseMode.SILENT)
                    .build())
            .run()) {
      for (BenchmarkResult fork : run.getBenchmarkResults()) {
        for (IterationResult iteration : fork.getIterationResults()) {
          iteration
              .getSecondaryResults()
              .forEach((name, result) -> seconds.add(result.getScore() / 1e6));
        }
      }
    }
    return median(seconds.stream().mapToDouble(Double::doubleValue));
  }

  private static double spin(Machine machine, Exploration found) {
    // No agent of these goes back.
    long depth =
        machine.agents().stream().flatMapToLong(a -> LongStream.of(a.position().max())).sum() + 100;
    Spin.How how = new Spin.How("gcc -w -O2", false, found.states(), depth);
    String text = Promela.of(machine);
    double[] seconds = new double[SPIN_RUNS];
    for (int i = 0; i < SPIN_RUNS; i++) {
      Spin spin = Spin.search(text, how);
      if (spin.states() != found.states() || spin.steps() != found.transitions()) {
        throw new IllegalStateException(
            "%s: %d states here, %d in Spin"
                .formatted(machine.name(), found.states(), spin.states()));
      }
      seconds[i] = spin.cpu().toNanos() / 1e9;
    }
    return median(Arrays.stream(seconds));
  }

  private static double median(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static void scaling() throws IOException {
    List<String> rows = new ArrayList<>();
    rows.add("| devices | fix | states | seconds | MiB | |");
    rows.add("|---|---|---|---|---|---|");
    rows.forEach(System.out::println);
    Map<String, Map<Integer, Double>> states = new LinkedHashMap<>();
    Map<String, Map<Integer, Double>> seconds = new LinkedHashMap<>();
    for (Fix fix : List.of(Fix.NONE, Fix.WAIT_REMOVAL)) {
      for (int devices = 2; devices <= LONGEST; devices++) {
        Policy policy = new Policy(Release.DEDICATED_WQ, fix, Grace.ANY);
        Machine machine = Removal.of(Instance.chain(devices), policy, Situation.REMOVE);
        Exploration found = Explorer.search(machine, MEMORY, (known, open) -> {});
        double took = found.took().toNanos() / 1e9;
        String row =
            String.format(
                Locale.ROOT,
                "| %d | %s | %,d | %.3f | %d | %s |",
                devices,
                fix,
                found.states(),
                took,
                found.bytes() >> 20,
                found.complete() ? "" : "not finished within " + (MEMORY >> 20) + " MiB");
        System.out.println(row);
        rows.add(row);
        if (found.complete()) {
          String name = fix.toString();
          states
              .computeIfAbsent(name, key -> new LinkedHashMap<>())
              .put(devices, found.states() + 0.);
          seconds.computeIfAbsent(name, key -> new LinkedHashMap<>()).put(devices, took);
        }
      }
    }
    Files.write(FOLDER.resolve("scaling.md"), rows);
    Files.writeString(
        FOLDER.resolve("states.svg"), Plot.lines("distinct states", "devices in a chain", states));
    Files.writeString(
        FOLDER.resolve("seconds.svg"), Plot.lines("seconds", "devices in a chain", seconds));
  }
}
