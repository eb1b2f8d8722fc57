package org.lastref.cases;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lastref.fdt.OverlaySource;
import org.lastref.fdt.Property;
import org.lastref.model.Kernel;
import org.lastref.offline.Catalogue;
import org.lastref.offline.ModelOracle;
import org.lastref.offline.Oracle;
import org.lastref.offline.TraceHeaders;
import org.lastref.report.ExplanationText;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.lastref.trace.Verb;
import org.lastref.verify.Explainer;
import org.lastref.verify.Explanation;
import org.lastref.verify.Verdict;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * What a kernel did with a device's managed resources conforms to the model of its variant and to
 * no other, and each event of it that is a step of the model is needed, in its place.
 */
public class DevresTracesTest {

  private static final ExerciseTraces TRACES = new ExerciseTraces("devres");

  @DataProvider
  public Object[][] exercises() {
    return new DevresSuite()
        .exercises(Kernel.LINUX_6_1).stream()
            .map(each -> new Object[] {each.id()})
            .toArray(Object[][]::new);
  }

  @Test(dataProvider = "exercises")
  public void breaksThePromiseWhereTheBusSeesToNothing(String id) {
    Catalogue.Entry exercise = ExerciseTraces.named(id);
    Verdict verdict = ExerciseTraces.verifier(exercise).judge(TRACES.trace(exercise));
    assertEquals(verdict.findings(), List.of());
    assertEquals(verdict.broken().size(), exercise.variant().equals("none") ? 7 : 0);
  }

  @Test(dataProvider = "exercises")
  public void isHadBackByItsHeader(String id) {
    Catalogue.Entry exercise = ExerciseTraces.named(id);
    StoredTrace stored = StoredTrace.read(TRACES.file(exercise));
    Oracle oracle =
        TraceHeaders.oracle(
            Objects.requireNonNull(stored.header()), TRACES.file(exercise), Suites.CATALOGUE);
    assertTrue(oracle.judge(stored.trace()).conforms());
  }

  /** Of 6.12, where a probe that fails may have been put off once more meanwhile. */
  @Test
  public void aProbeThatIsTriedAgainIsJudgedEachTime() {
    Path file = Path.of("src/test/resources/traces/again/i2c-fail-group.trace.gz");
    StoredTrace stored = StoredTrace.read(file);
    Oracle oracle =
        TraceHeaders.oracle(Objects.requireNonNull(stored.header()), file, Suites.CATALOGUE);
    Verdict verdict = oracle.judge(stored.trace());
    assertEquals(verdict.findings(), List.of());
    assertEquals(verdict.seen().size(), 2);
  }

  @Test(dataProvider = "exercises")
  public void isOfNoOtherExercise(String id) {
    Catalogue.Entry exercise = ExerciseTraces.named(id);
    for (Catalogue.Entry other : new DevresSuite().exercises(Kernel.LINUX_6_1)) {
      if (!other.id().equals(exercise.id())) {
        assertFalse(
            ExerciseTraces.verifier(other).judge(TRACES.trace(exercise)).conforms(), other.id());
      }
    }
  }

  @Test(dataProvider = "exercises")
  public void everyMutantIsFoundOut(String id) {
    Catalogue.Entry exercise = ExerciseTraces.named(id);
    Map<String, List<String>> mutants = TRACES.mutants(exercise, (one, next) -> true);
    assertEquals(ExerciseTraces.survivors(exercise, mutants), List.of());
  }

  /** What the kernel's log says that it should not, or does not say. */
  @Test
  public void findsANoticeTooManyAndOneTooFew() {
    Catalogue.Entry kept = ExerciseTraces.named("devres/spi-remove/group");
    List<String> noticed =
        TRACES.lines(kept).stream()
            .flatMap(
                line ->
                    line.contains("dev_pm_domain_detach: (")
                        ? Stream.of(line, noticeBy(line))
                        : Stream.of(line))
            .toList();
    assertFalse(ExerciseTraces.verifier(kept).judge(ExerciseTraces.read(noticed)).conforms());
    Catalogue.Entry broken = ExerciseTraces.named("devres/spi-remove/none");
    List<String> silent =
        TRACES.lines(broken).stream()
            .filter(line -> !line.contains("used after its PM domain was detached"))
            .toList();
    assertFalse(ExerciseTraces.verifier(broken).judge(ExerciseTraces.read(silent)).conforms());
  }

  private static String noticeBy(String line) {
    return line.replaceFirst(
        "dev_pm_domain_detach: .*",
        "console: lastref-managed spi0.0: used after its PM domain was detached");
  }

  @Test
  public void theExplanationSaysWhatIsLateAndShowsTheOrder() {
    Catalogue.Entry none = ExerciseTraces.named("devres/spi-unbind/none");
    Explanation explained =
        ModelOracle.of(none, Suites.CATALOGUE, Kernel.LINUX_6_1)
            .explain(TRACES.trace(none), 1_000_000);
    assertTrue(
        explained
            .broken()
            .contains("spi0.0 devm_clk_release is released after dev_pm_domain_detach()"));
    List<String> seen = explained.seen().stream().map(Explanation.Done::step).toList();
    assertTrue(
        seen.indexOf("dev_pm_domain_detach(spi0.0)")
            < seen.indexOf("release_nodes(spi0.0 devm_clk_release)"));
    String text = ExplanationText.of(explained);
    assertTrue(text.contains("conforms to the model of none, which breaks a promise:"), text);
    assertTrue(text.contains(" release_nodes(spi0.0 devm_clk_release)"), text);
    assertTrue(text.contains("It could be of a kernel with:\n  none\n"), text);
  }

  @Test
  public void aRepairPutsTheDetachingBackBehindTheReleases() {
    Catalogue.Entry group = ExerciseTraces.named("devres/spi-remove/group");
    List<String> lines = TRACES.lines(group);
    int detach = indexOf(lines, "dev_pm_domain_detach: (");
    int clk = indexOf(lines, "REL [0-9a-f]+ devm_clk_release");
    Trace early =
        ExerciseTraces.read(edited(lines, changed -> changed.add(clk, changed.remove(detach))));
    Explanation explained =
        Explainer.explain(ModelOracle.exercise(group), Map.of(), early, 1_000_000);
    assertEquals(
        explained.repairs().get(0).sentence(),
        "`bus detaches: dev_pm_domain_detach(spi0.0) by the remover` (event %d) comes too early: it belongs behind event %d"
            .formatted(clk, detach));
  }

  private static int indexOf(List<String> lines, String pattern) {
    Pattern wanted = Pattern.compile(pattern.replace("(", "\\("));
    return IntStream.range(0, lines.size())
        .filter(i -> wanted.matcher(lines.get(i)).find())
        .findFirst()
        .orElseThrow();
  }

  @Test
  public void theOverlaysTakeWhatTheModelReleases() {
    for (Catalogue.Entry exercise : new DevresSuite().exercises(Kernel.LINUX_6_1)) {
      String overlay = exercise.modelled().scenario().arguments(Verb.APPLY).get(0);
      OverlaySource shape = OverlaySource.of(Path.of("overlays/devres", overlay + ".dtso"));
      List<List<String>> taken = new ArrayList<>();
      List<Boolean> fails = new ArrayList<>();
      shape.overlay().fragments().stream()
          .map(each -> each.content())
          .forEach(
              root ->
                  root.walk(
                      "/",
                      (path, node) -> {
                        Optional<Property> managed = node.property("lastref,managed");
                        managed.ifPresent(each -> taken.add(each.asStrings()));
                        managed.ifPresent(
                            each -> fails.add(node.property("lastref,fail").isPresent()));
                      }));
      assertEquals(
          taken, List.of(DevresSuite.RESOURCES.stream().map(Object::toString).toList()), overlay);
      assertEquals(fails, List.of(exercise.scenario().endsWith("-fail")), overlay);
    }
  }

  private interface Change {
    void to(List<String> lines);
  }

  private static List<String> edited(List<String> lines, Change change) {
    List<String> changed = new ArrayList<>(lines);
    change.to(changed);
    return changed;
  }
}
