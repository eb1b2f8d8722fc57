package org.lastref.cases;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.lastref.model.AsyncProbe;
import org.lastref.model.Kernel;
import org.lastref.model.Observed;
import org.lastref.model.Registration;
import org.lastref.offline.Catalogue;
import org.lastref.offline.ModelOracle;
import org.lastref.offline.Oracle;
import org.lastref.offline.TraceHeaders;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.lastref.trace.TraceReader;
import org.lastref.verify.Verdict;
import org.lastref.verify.Verifier;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * What kernels did with drivers that probe asynchronously, and with devices that are registered so,
 * conforms to the model, and each event that is a step of the model is needed, in its place.
 */
public class AsyncTracesTest {

  private static final Path FOLDER = Path.of("src/test/resources/traces/async");

  private static final String REPORTED = "/lr-slow is reported as leaked";
  private static final String KEPT = "a reference to /lr-slow is never given back";

  /** What is broken by those that were recorded. */
  private static final Map<String, Set<String>> RECORDED =
      Map.ofEntries(
          Map.entry("async/remove-before-probe/as-is", Set.of(REPORTED)),
          Map.entry("async/remove-before-probe/waits", Set.of()),
          Map.entry("async/remove-while-probing/as-is", Set.of()),
          Map.entry("async/remove-while-probing/waits", Set.of()),
          Map.entry("async/remove-while-probing/driver-keeps-node", Set.of(REPORTED, KEPT)),
          Map.entry("async/remove-while-deferring/as-is", Set.of()),
          // On a busy machine: the attach had unlocked the device, but not put it yet.
          Map.entry("async/remove-while-failing/as-is", Set.of(REPORTED)),
          Map.entry("async/remove-after-probe/driver-keeps-device", Set.of(REPORTED, KEPT)),
          Map.entry("async/remove-deferred/as-is", Set.of()),
          Map.entry("async/remove-deferred/driver-keeps-node", Set.of(REPORTED, KEPT)),
          Map.entry("async/remove-failed/as-is", Set.of()),
          Map.entry("async/remove-failed/driver-keeps-device", Set.of(REPORTED, KEPT)),
          Map.entry("async/remove-before-load-probes/as-is", Set.of(REPORTED)),
          Map.entry("async/remove-before-load-probes/waits", Set.of()),
          Map.entry("async/remove-while-load-probes/as-is", Set.of()),
          Map.entry("async/unload-before-probe/as-is", Set.of()),
          Map.entry("async/unload-while-probing/as-is", Set.of()),
          Map.entry("async/unload-before-driver-probes/as-is", Set.of()),
          Map.entry("async/unload-while-driver-probes/as-is", Set.of()),
          Map.entry("async/register-fails/bare", Set.of(Registration.USED_LATE)),
          Map.entry("async/register-fails/reference", Set.of()),
          Map.entry("async/register-succeeds/bare", Set.of()),
          Map.entry("async/register-succeeds/reference", Set.of()),
          Map.entry("async/register-fails/bare-kasan", Set.of(Registration.USED_LATE)),
          Map.entry("async/register-fails/reference-kasan", Set.of()));

  @DataProvider
  public Object[][] recorded() {
    return RECORDED.keySet().stream()
        .sorted()
        .map(id -> new Object[] {id})
        .toArray(Object[][]::new);
  }

  private static Path file(Catalogue.Entry exercise) {
    return FOLDER.resolve(exercise.id().replace('/', '-') + "-1.trace.gz");
  }

  private static Trace trace(Catalogue.Entry exercise) {
    return StoredTrace.read(file(exercise)).trace();
  }

  @Test(dataProvider = "recorded")
  public void conformsAndBreaksWhatItIsKnownToBreak(String id) {
    Catalogue.Entry exercise = Suites.CATALOGUE.named(id, Kernel.LINUX_6_1).orElseThrow();
    Verdict verdict = verifier(exercise).judge(trace(exercise));
    assertEquals(verdict.findings(), List.of());
    assertEquals(verdict.broken(), RECORDED.get(exercise.id()));
  }

  @Test(dataProvider = "recorded")
  public void isHadBackByItsHeader(String id) {
    Catalogue.Entry exercise = Suites.CATALOGUE.named(id, Kernel.LINUX_6_1).orElseThrow();
    StoredTrace stored = StoredTrace.read(file(exercise));
    Oracle oracle =
        TraceHeaders.oracle(
            Objects.requireNonNull(stored.header()), file(exercise), Suites.CATALOGUE);
    assertTrue(oracle.judge(stored.trace()).conforms());
  }

  @DataProvider
  public Object[][] others() {
    return new Object[][] {
      {"remove-before-probe/as-is", "remove-before-probe/waits"},
      {"remove-before-probe/waits", "remove-before-probe/as-is"},
      {"remove-before-load-probes/as-is", "remove-before-load-probes/waits"},
      {"remove-while-failing/as-is", "remove-while-failing/waits"},
      {"remove-while-probing/driver-keeps-node", "remove-while-probing/as-is"},
      {"remove-while-probing/as-is", "remove-while-probing/driver-keeps-node"},
      {"remove-deferred/driver-keeps-node", "remove-deferred/waits"},
      {"remove-deferred/as-is", "remove-failed/as-is"},
      {"unload-while-probing/as-is", "unload-while-driver-probes/as-is"},
      {"register-fails/bare", "register-fails/reference"},
      {"register-fails/bare", "register-fails/bare-kasan"},
      {"register-fails/bare-kasan", "register-fails/bare"},
      {"register-fails/bare-kasan", "register-fails/reference-kasan"},
    };
  }

  @Test(dataProvider = "others")
  public void differsFromWhatElseItMightBe(String recorded, String other) {
    Trace trace =
        trace(Suites.CATALOGUE.named("async/" + recorded, Kernel.LINUX_6_1).orElseThrow());
    Catalogue.Entry claimed =
        Suites.CATALOGUE.named("async/" + other, Kernel.LINUX_6_1).orElseThrow();
    assertFalse(verifier(claimed).judge(trace).conforms());
  }

  /** Its text with one step of the model gone, doubled, or swapped with the next. */
  @Test(dataProvider = "recorded")
  public void everyMutantIsFoundOut(String id) {
    Catalogue.Entry exercise = Suites.CATALOGUE.named(id, Kernel.LINUX_6_1).orElseThrow();
    List<String> lines = lines(exercise);
    List<Observed> observed = exercise.modelled().reading().of(trace(exercise).events());
    Verifier examiner = verifier(exercise);
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
      if (i + 1 < observed.size() && ordered(observed.get(i), observed.get(i + 1))) {
        List<String> swapped = new ArrayList<>(lines);
        Collections.swap(swapped, at, observed.get(i + 1).at().index());
        mutants.put("swapped " + step, swapped);
      }
    }
    List<String> survivors = new ArrayList<>();
    mutants.forEach(
        (name, text) -> {
          if (examiner.judge(read(text)).conforms()) {
            survivors.add(name);
          }
        });
    assertTrue(mutants.size() > 2 * observed.size());
    assertEquals(String.join("; ", survivors), "", survivors.size() + " of " + mutants.size());
  }

  /** One task's, and not the same step twice; what is held goes on only when it is let go. */
  private static boolean ordered(Observed one, Observed next) {
    return !one.label().equals(next.label())
        && (one.at().task().equals(next.at().task())
            || next.label().act() == AsyncProbe.BEGIN_PROBE);
  }

  /** Each event with all of its lines. */
  private static List<String> lines(Catalogue.Entry exercise) {
    List<String> events = new ArrayList<>();
    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file(exercise)))) {
      new String(in.readAllBytes(), StandardCharsets.ISO_8859_1)
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

  private static Trace read(List<String> lines) {
    return TraceReader.read(String.join("\n", lines) + "\n# end\n", "mutant");
  }

  @DataProvider
  public Object[][] edits() {
    return new Object[][] {
      // Who holds what.
      {"remove-while-probing/as-is", "outer=async_attach_put", "outer=somebody_else"},
      {"remove-after-probe/driver-keeps-device", "outer=klist_devices_put", "outer=klist_next"},
      // How the probe ended.
      {"remove-deferred/as-is", "ret=517", "ret=0"},
      {"remove-failed/as-is", "ret=19", "ret=517"},
      // What the kernel says, or does not.
      {"remove-before-probe/as-is", "OF: ERROR: memory leak before", "OF: a leak before"},
      {"remove-before-probe/as-is", "attach overlay node /lr-slow", "attach overlay node /lr-x"},
      {"register-fails/bare", "ret=-17", "ret=0"},
      // How a step ended.
      {"unload-while-probing/as-is", "unload=lastref_slow unloaded", "unload=lastref_slow running"},
      {"register-fails/reference", "refused No such device", "set"},
      // Whose memory it is.
      {
        "register-fails/bare-kasan",
        "belongs to the object at ffff",
        "belongs to the object at eeee"
      },
      {"register-fails/bare-kasan", "Freed by task ", "Freed by task 9"},
      {"register-fails/bare-kasan", "use-after-free in", "slab-out-of-bounds in"},
    };
  }

  @Test(dataProvider = "edits")
  public void findsWhatDiffers(String id, String seen, String instead) {
    Catalogue.Entry exercise =
        Suites.CATALOGUE.named("async/" + id, Kernel.LINUX_6_1).orElseThrow();
    List<String> lines = lines(exercise);
    List<String> edited = lines.stream().map(line -> line.replace(seen, instead)).toList();
    assertFalse(edited.equals(lines), "it has no " + seen);
    assertFalse(verifier(exercise).judge(read(edited)).conforms());
  }

  private static Verifier verifier(Catalogue.Entry exercise) {
    return new Verifier(ModelOracle.exercise(exercise));
  }
}
