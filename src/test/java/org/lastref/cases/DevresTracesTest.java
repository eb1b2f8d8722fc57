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
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.lastref.fdt.OverlaySource;
import org.lastref.fdt.Property;
import org.lastref.model.Kernel;
import org.lastref.model.Observed;
import org.lastref.offline.Catalogue;
import org.lastref.offline.ModelOracle;
import org.lastref.offline.Oracle;
import org.lastref.offline.TraceHeaders;
import org.lastref.report.ExplanationText;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.lastref.trace.TraceReader;
import org.lastref.trace.Verb;
import org.lastref.verify.Explainer;
import org.lastref.verify.Explanation;
import org.lastref.verify.Verdict;
import org.lastref.verify.Verifier;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * What a kernel did with a device's managed resources conforms to the model of its variant and to
 * no other, and each event of it that is a step of the model is needed, in its place.
 */
public class DevresTracesTest {

  private static final Path FOLDER = Path.of("src/test/resources/traces/devres");

  @DataProvider
  public Object[][] exercises() {
    return new DevresSuite()
        .exercises(Kernel.LINUX_6_1).stream()
            .map(each -> new Object[] {each.id()})
            .toArray(Object[][]::new);
  }

  private static Path file(Catalogue.Entry exercise) {
    return FOLDER.resolve(exercise.id().replace('/', '-') + "-1.trace.gz");
  }

  private static Trace trace(Catalogue.Entry exercise) {
    return StoredTrace.read(file(exercise)).trace();
  }

  @Test(dataProvider = "exercises")
  public void breaksThePromiseWhereTheBusSeesToNothing(String id) {
    Catalogue.Entry exercise = exercise(id);
    Verdict verdict = verifier(exercise).judge(trace(exercise));
    assertEquals(verdict.findings(), List.of());
    assertEquals(verdict.broken().size(), exercise.variant().equals("none") ? 7 : 0);
  }

  @Test(dataProvider = "exercises")
  public void isHadBackByItsHeader(String id) {
    Catalogue.Entry exercise = exercise(id);
    StoredTrace stored = StoredTrace.read(file(exercise));
    Oracle oracle =
        TraceHeaders.oracle(
            Objects.requireNonNull(stored.header()), file(exercise), Suites.CATALOGUE);
    assertTrue(oracle.judge(stored.trace()).conforms());
  }

  @Test(dataProvider = "exercises")
  public void isOfNoOtherExercise(String id) {
    Catalogue.Entry exercise = exercise(id);
    for (Catalogue.Entry other : new DevresSuite().exercises(Kernel.LINUX_6_1)) {
      if (!other.id().equals(exercise.id())) {
        assertFalse(verifier(other).judge(trace(exercise)).conforms(), other.id());
      }
    }
  }

  @Test(dataProvider = "exercises")
  public void everyMutantIsFoundOut(String id) {
    Catalogue.Entry exercise = exercise(id);
    List<String> lines = lines(exercise);
    List<Observed> observed = exercise.modelled().reading().of(trace(exercise).events());
    Verifier examiner = verifier(exercise);
    List<String> survivors = new ArrayList<>();
    for (int i = 0; i < observed.size(); i++) {
      int at = observed.get(i).at().index();
      List<List<String>> mutants = new ArrayList<>();
      mutants.add(edited(lines, changed -> changed.remove(at)));
      mutants.add(edited(lines, changed -> changed.add(at, lines.get(at))));
      if (i + 1 < observed.size()) {
        int next = observed.get(i + 1).at().index();
        mutants.add(edited(lines, changed -> Collections.swap(changed, at, next)));
      }
      for (int m = 0; m < mutants.size(); m++) {
        if (examiner.judge(read(mutants.get(m))).conforms()) {
          survivors.add(List.of("deleted ", "doubled ", "swapped ").get(m) + observed.get(i));
        }
      }
    }
    assertEquals(survivors, List.of());
  }

  /** What the kernel's log says that it should not, or does not say. */
  @Test
  public void findsANoticeTooManyAndOneTooFew() {
    Catalogue.Entry kept = exercise("devres/spi-remove/group");
    List<String> noticed =
        lines(kept).stream()
            .flatMap(
                line ->
                    line.contains("dev_pm_domain_detach: (")
                        ? Stream.of(line, noticeBy(line))
                        : Stream.of(line))
            .toList();
    assertFalse(verifier(kept).judge(read(noticed)).conforms());
    Catalogue.Entry broken = exercise("devres/spi-remove/none");
    List<String> silent =
        lines(broken).stream()
            .filter(line -> !line.contains("used after its PM domain was detached"))
            .toList();
    assertFalse(verifier(broken).judge(read(silent)).conforms());
  }

  private static String noticeBy(String line) {
    return line.replaceFirst(
        "dev_pm_domain_detach: .*",
        "console: lastref-managed spi0.0: used after its PM domain was detached");
  }

  @Test
  public void theExplanationSaysWhatIsLateAndShowsTheOrder() {
    Catalogue.Entry none = exercise("devres/spi-unbind/none");
    Explanation explained =
        ModelOracle.of(none, Suites.CATALOGUE, Kernel.LINUX_6_1).explain(trace(none), 1_000_000);
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
    Catalogue.Entry group = exercise("devres/spi-remove/group");
    List<String> lines = lines(group);
    int detach = indexOf(lines, "dev_pm_domain_detach: (");
    int clk = indexOf(lines, "REL [0-9a-f]+ devm_clk_release");
    Trace early = read(edited(lines, changed -> changed.add(clk, changed.remove(detach))));
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

  private static Catalogue.Entry exercise(String id) {
    return Suites.CATALOGUE.named(id, Kernel.LINUX_6_1).orElseThrow();
  }

  private interface Change {
    void to(List<String> lines);
  }

  private static List<String> edited(List<String> lines, Change change) {
    List<String> changed = new ArrayList<>(lines);
    change.to(changed);
    return changed;
  }

  /** The lines that are events. */
  private static List<String> lines(Catalogue.Entry exercise) {
    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file(exercise)))) {
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1)
          .lines()
          .filter(line -> !line.startsWith("#") && !line.isBlank())
          .filter(line -> !line.endsWith(": lastref: last"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Trace read(List<String> lines) {
    return TraceReader.read(String.join("\n", lines) + "\n# end\n", "mutant");
  }

  private static Verifier verifier(Catalogue.Entry exercise) {
    return new Verifier(ModelOracle.exercise(exercise));
  }
}
