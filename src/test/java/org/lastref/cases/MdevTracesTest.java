package org.lastref.cases;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.lastref.model.Kernel;
import org.lastref.model.Observed;
import org.lastref.model.ParentRegistration;
import org.lastref.offline.Catalogue;
import org.lastref.offline.ModelOracle;
import org.lastref.offline.Oracle;
import org.lastref.offline.TraceHeaders;
import org.lastref.trace.StoredTrace;
import org.lastref.verify.Exercise;
import org.lastref.verify.Verdict;
import org.lastref.verify.Verifier;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * What a kernel did with a parent of mediated devices conforms to the model of its variant, and to
 * no other; and each event that is a step of the model is needed, in its place.
 */
public class MdevTracesTest {

  private static final ExerciseTraces TRACES = new ExerciseTraces("mdev");

  /** What is broken, by life and variant; nothing in all others. */
  private static final Map<String, Set<String>> BROKEN =
      Map.of(
          "mdev/dropped/no-ref", Set.of(ParentRegistration.SENT_OF_RELEASED),
          "mdev/dropped/after-put", Set.of(ParentRegistration.SENT_OF_RELEASED),
          "mdev/twice/no-ref", Set.of(ParentRegistration.LEAKED),
          "mdev/stray/no-ref", Set.of(ParentRegistration.NOT_UNREGISTERED));

  @DataProvider
  public Object[][] exercises() {
    return new MdevSuite()
        .exercises(Kernel.LINUX_6_1).stream()
            .map(each -> new Object[] {each})
            .toArray(Object[][]::new);
  }

  @Test(dataProvider = "exercises")
  public void conformsAndBreaksWhatItIsKnownToBreak(Catalogue.Entry exercise) {
    Verdict verdict = ExerciseTraces.verifier(exercise).judge(TRACES.trace(exercise));
    assertEquals(verdict.findings(), List.of());
    assertEquals(verdict.broken(), BROKEN.getOrDefault(exercise.id(), Set.of()));
  }

  @Test(dataProvider = "exercises")
  public void isHadBackByItsHeader(Catalogue.Entry exercise) {
    StoredTrace stored = StoredTrace.read(TRACES.file(exercise));
    Oracle oracle =
        TraceHeaders.oracle(
            Objects.requireNonNull(stored.header()), TRACES.file(exercise), Suites.CATALOGUE);
    assertTrue(oracle.judge(stored.trace()).conforms());
  }

  /** By what the kernel did, not by what it was told. */
  @Test(dataProvider = "exercises")
  public void differsFromEveryOtherVariant(Catalogue.Entry exercise) {
    for (Catalogue.Entry other : new MdevSuite().exercises(Kernel.LINUX_6_1)) {
      if (other.scenario().equals(exercise.scenario())) {
        Exercise claimed = ModelOracle.exercise(other).with(exercise.modelled().scenario());
        boolean same = other.id().equals(exercise.id());
        assertEquals(Verifier.judge(claimed, TRACES.trace(exercise)).conforms(), same, other.id());
      }
    }
  }

  /** A line a mutant: its text with one step of the model gone, doubled, or swapped. */
  @Test(dataProvider = "exercises")
  public void everyMutantIsFoundOut(Catalogue.Entry exercise) {
    Map<String, List<String>> mutants = TRACES.mutants(exercise, MdevTracesTest::ordered);
    List<String> survivors = ExerciseTraces.survivors(exercise, mutants);
    assertTrue(mutants.size() > 2 * TRACES.observed(exercise).size());
    assertEquals(String.join("\n", survivors), "", survivors.size() + " of " + mutants.size());
  }

  /** Two steps of the caller's that differ, or user space that is told what was just sent. */
  private static boolean ordered(Observed one, Observed next) {
    if (shows(next, "uevent")) {
      String state = next.label().object().split(",", -1)[0];
      return shows(one, "kobject_uevent_env") && one.label().object().startsWith(state + ",");
    }
    return !one.label().equals(next.label()) && !shows(one, "uevent");
  }

  private static boolean shows(Observed step, String call) {
    return step.label().act().call().equals(call);
  }

  @DataProvider
  public Object[][] edits() {
    return new Object[][] {
      // What user space found.
      {"mdev/kept/no-ref", "state=registered types=2", "state=registered types=1"},
      {"mdev/kept/no-ref", "state=unregistered types=0", "state=unregistered types=2"},
      // Whose uevent it is.
      {"mdev/dropped/no-ref", "name=\"lastref-released\"", "name=\"lastref-parent\""},
      {"mdev/dropped/before-put", "name=\"lastref-parent\" state", "name=\"other\" state"},
      // What the kernel says, or does not.
      {"mdev/again/checked", "WARNING: CPU", "nothing"},
      {"mdev/kept/no-ref", "MDEV: Registered", "WARNING: CPU: 0 PID: 1 at lib/refcount.c:1 x+0"},
      // How a step ended.
      {"mdev/twice/checked", "refused File exists", "set"},
      {"mdev/kept/no-ref", "end heard=1 heard", "end heard=1 unheard, only 0"},
    };
  }

  @Test(dataProvider = "edits")
  public void findsWhatDiffers(String id, String seen, String instead) {
    Catalogue.Entry exercise = ExerciseTraces.named(id);
    List<String> lines = TRACES.lines(exercise);
    List<String> edited = lines.stream().map(line -> line.replace(seen, instead)).toList();
    assertFalse(edited.equals(lines), "it has no " + seen);
    assertFalse(ExerciseTraces.verifier(exercise).judge(ExerciseTraces.read(edited)).conforms());
  }
}
