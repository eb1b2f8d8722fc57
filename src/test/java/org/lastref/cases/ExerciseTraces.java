package org.lastref.cases;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.zip.GZIPInputStream;
import org.lastref.model.Kernel;
import org.lastref.model.Observed;
import org.lastref.offline.Catalogue;
import org.lastref.offline.ModelOracle;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.lastref.trace.TraceReader;
import org.lastref.verify.Verifier;

/**
 * The recorded traces of a suite's exercises, one cycle each, and what can be made of them.
 *
 * @param suite the suite's name, and its folder's
 */
record ExerciseTraces(String suite) {

  static Catalogue.Entry named(String id) {
    return Suites.CATALOGUE.named(id, Kernel.LINUX_6_1).orElseThrow();
  }

  static Verifier verifier(Catalogue.Entry exercise) {
    return new Verifier(ModelOracle.exercise(exercise));
  }

  Path file(Catalogue.Entry exercise) {
    return Path.of("src/test/resources/traces", suite)
        .resolve(exercise.id().replace('/', '-') + "-1.trace.gz");
  }

  Trace trace(Catalogue.Entry exercise) {
    return StoredTrace.read(file(exercise)).trace();
  }

  List<Observed> observed(Catalogue.Entry exercise) {
    return exercise.modelled().reading().of(trace(exercise).events());
  }

  /** The events, each with all of its lines. */
  List<String> lines(Catalogue.Entry exercise) {
    List<String> events = new ArrayList<>();
    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file(exercise)))) {
      new String(in.readAllBytes(), ISO_8859_1)
          .lines()
          .filter(line -> !line.startsWith("#") && !line.isBlank())
          .filter(line -> !line.endsWith(": lastref: last"))
          .forEach(
              line -> {
                if (line.matches(" (which|\\d+-byte) .*")) {
                  int last = events.size() - 1;
                  events.set(last, events.get(last) + "\n" + line);
                } else {
                  events.add(line);
                }
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return events;
  }

  /** A trace of these lines. */
  static Trace read(List<String> lines) {
    return TraceReader.read(String.join("\n", lines) + "\n# end\n", "mutant");
  }

  /**
   * Its text with one step of the model gone, doubled, or swapped with the next: each by what was
   * done to it.
   *
   * @param ordered whether a step and the next may not change places
   */
  Map<String, List<String>> mutants(
      Catalogue.Entry exercise, BiPredicate<Observed, Observed> ordered) {
    List<String> lines = lines(exercise);
    List<Observed> observed = observed(exercise);
    Map<String, List<String>> mutants = new TreeMap<>();
    for (int i = 0; i < observed.size(); i++) {
      int at = observed.get(i).at().index();
      String step = at + " " + observed.get(i).label();
      List<String> deleted = new ArrayList<>(lines);
      deleted.remove(at);
      mutants.put("deleted " + step, deleted);
      List<String> doubled = new ArrayList<>(lines);
      doubled.add(at, lines.get(at));
      mutants.put("doubled " + step, doubled);
      if (i + 1 < observed.size() && ordered.test(observed.get(i), observed.get(i + 1))) {
        List<String> swapped = new ArrayList<>(lines);
        Collections.swap(swapped, at, observed.get(i + 1).at().index());
        mutants.put("swapped " + step, swapped);
      }
    }
    return mutants;
  }

  /** Those of some mutants that conform all the same. */
  static List<String> survivors(Catalogue.Entry exercise, Map<String, List<String>> mutants) {
    Verifier verifier = verifier(exercise);
    List<String> survivors = new ArrayList<>();
    mutants.forEach(
        (name, text) -> {
          if (verifier.judge(read(text)).conforms()) {
            survivors.add(name);
          }
        });
    return survivors;
  }
}
