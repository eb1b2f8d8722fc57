package org.lastref.cases;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.lastref.model.Kernel;
import org.lastref.offline.Catalogue;
import org.lastref.runner.TestCase;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.TraceHeader;
import org.lastref.trace.Verb;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Every suite is found in one place, by whatever runs, replays or explains it. */
public class SuitesTest {

  private static final Path PROJECT = Path.of("").toAbsolutePath();

  @DataProvider
  public Object[][] suites() {
    return Suites.ALL.stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  @Test
  public void noTwoCasesHaveOneName() {
    Set<String> ids = new HashSet<>();
    for (Suite suite : Suites.ALL) {
      suite.cases(PROJECT).forEach(each -> assertTrue(ids.add(each.id()), each.id()));
    }
  }

  @Test(dataProvider = "suites")
  public void itsCasesSayThatTheyAreOfIt(Suite suite) {
    Set<String> names = new HashSet<>();
    suite.cases(PROJECT).forEach(each -> names.add(each.suite()));
    assertEquals(names, Set.of(suite.name()));
  }

  @Test(dataProvider = "suites")
  public void whatRunsIsFoundWhenItIsReplayed(Suite suite) {
    for (TestCase each : suite.cases(PROJECT)) {
      if (each instanceof ExerciseCase exercise) {
        assertEquals(
            Suites.CATALOGUE.named(each.id(), Kernel.LINUX_6_1).map(Catalogue.Entry::id).orElse(""),
            exercise.id());
      }
    }
  }

  /** What a case takes along is what its scenario applies and loads. */
  @Test(dataProvider = "suites")
  public void takesAlongWhatItsScenarioNeeds(Suite suite) {
    for (TestCase each : suite.cases(PROJECT)) {
      if (each instanceof ExerciseCase exercise) {
        var scenario = exercise.exercise().modelled().scenario();
        Set<String> overlays = new HashSet<>();
        exercise.kit().overlays().forEach(overlay -> overlays.add(overlay.name()));
        assertTrue(overlays.containsAll(scenario.arguments(Verb.APPLY)), each.id());
        List<String> loads = new ArrayList<>(scenario.arguments(Verb.LOAD));
        scenario.arguments(Verb.START).stream()
            .filter(step -> step.startsWith("load="))
            .map(step -> step.substring("load=".length()))
            .forEach(loads::add);
        loads.forEach(
            load -> {
              String source = load.split(",", 2)[0] + ".c";
              assertTrue(Files.exists(PROJECT.resolve("harness/modules").resolve(source)), load);
            });
      }
    }
  }

  @DataProvider
  public Object[][] recorded() throws IOException {
    List<Object[]> files = new ArrayList<>();
    for (String folder : List.of("async", "devres", "mdev")) {
      try (Stream<Path> traces = Files.list(Path.of("src/test/resources/traces", folder))) {
        traces.sorted().forEach(file -> files.add(new Object[] {file}));
      }
    }
    return files.toArray(Object[][]::new);
  }

  /** What is done now is what was done when the traces were recorded, step by step. */
  @Test(dataProvider = "recorded")
  public void doesWhatItDidWhenItWasRecorded(Path file) {
    TraceHeader header = Objects.requireNonNull(StoredTrace.header(file));
    String id = Objects.requireNonNull(header.exercise()).id();
    Catalogue.Entry now = Suites.CATALOGUE.named(id, Kernel.LINUX_6_1).orElseThrow();
    assertEquals(now.modelled().scenario(), header.scenario());
  }
}
