package org.lastref.model;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lastref.machine.Exploration;
import org.lastref.machine.Machine;
import org.lastref.machine.Outcome;

/**
 * Searches a machine with Spin: all of it, without reduction and without hashing states away.
 *
 * @param states how many distinct states Spin stored
 * @param transitions how many steps it took, those of the process that tells the ends included
 * @param ends how many states had no step
 * @param lines what was told at those, without repetition
 * @param cpu what the search took, without what came before it
 */
record Spin(long states, long transitions, long ends, Set<String> lines, Duration cpu) {

  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final Pattern STORED = Pattern.compile("(\\d+) states, stored");
  private static final Pattern TAKEN = Pattern.compile("(\\d+) transitions");
  private static final Pattern TIME = Pattern.compile("cpu ([0-9.]+) ([0-9.]+)");

  /**
   * How Spin is to search.
   *
   * @param compiler with its options
   * @param ends whether it tells how all ended
   * @param states how many states there are, about: its table is made for twice as many
   * @param depth how many steps a way has at most
   */
  record How(String compiler, boolean ends, long states, long depth) {
    String pan() {
      int bits = Math.max(16, 65 - Long.numberOfLeadingZeros(states));
      return "./pan -n -w%d -m%d".formatted(bits, depth);
    }
  }

  /** Compiles and searches a model in a folder of its own, which is deleted. */
  static Spin search(String promela, How how) {
    try {
      Path folder = Files.createTempDirectory("lastref-spin");
      try {
        return search(promela, how, folder);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Spin search(String promela, How how, Path folder) throws IOException {
    Files.writeString(folder.resolve("model.pml"), promela);
    String ends = how.ends ? "-DENDS" : "-DNOENDS";
    run(folder, List.of("spin", ends, "-a", "-o2", "-o3", "model.pml"));
    run(
        folder,
        Stream.of(how.compiler + " -DSAFETY -DNOREDUCE -DPRINTF -o pan pan.c")
            .flatMap(words -> Stream.of(words.split(" ", 0)))
            .toList());
    String pan = "TIMEFORMAT='cpu %U %S'; time " + how.pan();
    Path out = run(folder, List.of("bash", "-c", pan));
    long states = -1;
    long transitions = -1;
    long count = 0;
    Set<String> lines = new TreeSet<>();
    double seconds = 0;
    try (BufferedReader reader = Files.newBufferedReader(out)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.startsWith("end:")) {
          lines.add(line);
          count++;
          continue;
        }
        if (line.startsWith("error:") || line.startsWith("pan:1:")) {
          throw new IllegalStateException("pan: " + line);
        }
        states = number(STORED, line, states);
        transitions = number(TAKEN, line, transitions);
        Matcher time = TIME.matcher(line);
        if (time.matches()) {
          seconds = Double.parseDouble(time.group(1)) + Double.parseDouble(time.group(2));
        }
      }
    }
    if (states < 0 || transitions < 0) {
      throw new IllegalStateException("pan said nothing of states:\n" + Files.readString(out));
    }
    return new Spin(
        states, transitions, count, lines, Duration.ofNanos((long) (seconds * 1_000_000_000)));
  }

  private static long number(Pattern pattern, String line, long otherwise) {
    Matcher matcher = pattern.matcher(line);
    return matcher.find() ? Long.parseLong(matcher.group(1)) : otherwise;
  }

  private static Path run(Path folder, List<String> command) throws IOException {
    Path out = folder.resolve(command.get(0) + ".out");
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
    } catch (IOException e) {
      throw new IllegalStateException(
          command.get(0) + " cannot be started; harness/setup --all installs it", e);
    }
    try {
      if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException(command.get(0) + " did not end within " + LIMIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + command.get(0), e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw new IllegalStateException(
          String.join(" ", command) + " failed:\n" + Files.readString(out));
    }
    return out;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** How all may end, in the machine's own words. */
  Set<Outcome> outcomes(Machine machine) {
    return lines.stream().map(line -> outcome(machine, line)).collect(Collectors.toSet());
  }

  private static Outcome outcome(Machine machine, String line) {
    Outcome outcome = Outcome.none();
    for (String word : line.substring("end:".length()).trim().split(" +", 0)) {
      if (word.startsWith("f")) {
        Machine.Fact fact = machine.facts().get(Integer.parseInt(word.substring(1)));
        outcome.add(fact);
      } else if (word.startsWith("s")) {
        outcome.stuck().add(machine.agents().get(Integer.parseInt(word.substring(1))).name());
      }
    }
    return outcome;
  }

  /** The steps, as {@link Exploration#transitions} counts them. */
  long steps() {
    // One for the initial state, one a line.
    return transitions - 1 - ends;
  }
}
