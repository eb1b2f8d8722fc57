package org.lastref.cases;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.lastref.model.AsyncProbe;
import org.lastref.model.Observed;
import org.lastref.model.Registration;
import org.lastref.offline.Catalogue;
import org.lastref.offline.Oracle;
import org.lastref.offline.TraceHeaders;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.lastref.verify.Verdict;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * What kernels did with drivers that probe asynchronously, and with devices that are registered so,
 * conforms to the model, and each event that is a step of the model is needed, in its place.
 */
public class AsyncTracesTest {

  private static final ExerciseTraces TRACES = new ExerciseTraces("async");

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

  @Test(dataProvider = "recorded")
  public void conformsAndBreaksWhatItIsKnownToBreak(String id) {
    Catalogue.Entry exercise = ExerciseTraces.named(id);
    Verdict verdict = ExerciseTraces.verifier(exercise).judge(TRACES.trace(exercise));
    assertEquals(verdict.findings(), List.of());
    assertEquals(verdict.broken(), RECORDED.get(exercise.id()));
  }

  @Test(dataProvider = "recorded")
  public void isHadBackByItsHeader(String id) {
    Catalogue.Entry exercise = ExerciseTraces.named(id);
    StoredTrace stored = StoredTrace.read(TRACES.file(exercise));
    Oracle oracle =
        TraceHeaders.oracle(
            Objects.requireNonNull(stored.header()), TRACES.file(exercise), Suites.CATALOGUE);
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
    Trace trace = TRACES.trace(ExerciseTraces.named("async/" + recorded));
    Catalogue.Entry claimed = ExerciseTraces.named("async/" + other);
    assertFalse(ExerciseTraces.verifier(claimed).judge(trace).conforms());
  }

  /** Its text with one step of the model gone, doubled, or swapped with the next. */
  @Test(dataProvider = "recorded")
  public void everyMutantIsFoundOut(String id) {
    Catalogue.Entry exercise = ExerciseTraces.named(id);
    Map<String, List<String>> mutants = TRACES.mutants(exercise, AsyncTracesTest::ordered);
    List<String> survivors = ExerciseTraces.survivors(exercise, mutants);
    assertTrue(mutants.size() > 2 * TRACES.observed(exercise).size());
    assertEquals(String.join("; ", survivors), "", survivors.size() + " of " + mutants.size());
  }

  /** One task's, and not the same step twice; what is held goes on only when it is let go. */
  private static boolean ordered(Observed one, Observed next) {
    return !one.label().equals(next.label())
        && (one.at().task().equals(next.at().task())
            || next.label().act() == AsyncProbe.BEGIN_PROBE);
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
    Catalogue.Entry exercise = ExerciseTraces.named("async/" + id);
    List<String> lines = TRACES.lines(exercise);
    List<String> edited = lines.stream().map(line -> line.replace(seen, instead)).toList();
    assertFalse(edited.equals(lines), "it has no " + seen);
    assertFalse(ExerciseTraces.verifier(exercise).judge(ExerciseTraces.read(edited)).conforms());
  }
}
