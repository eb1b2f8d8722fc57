package org.lastref.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.lastref.report.CaseResult;
import org.lastref.report.Facts;
import org.lastref.report.Status;
import org.lastref.verify.Holding;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Bugs of the usual kinds, each in a kernel of its own: all are found, and told whose they are. For
 * the nights, as each kernel takes minutes: {@code mvn -Dit.test=SeededBugs verify}.
 */
public class SeededBugs {
  private static final Path BUGS = Path.of("src/test/resources/bugs");

  private record Bug(JsonNode of) {
    private String text(String field) {
      return of.path(field).asText();
    }

    private Holding.State state() {
      return switch (text("kind")) {
        case "put too many" -> Holding.State.TOO_MANY;
        case "late" -> Holding.State.LATE;
        case "early, made good" -> Holding.State.EARLY;
        default -> Holding.State.NEVER;
      };
    }

    /** Whether that is told of it. */
    private boolean isToldBy(Holding holding) {
      String object = text("object").replace(".", "\\.").replace("*", ".*");
      return holding.state() == state()
          && (holding.what().matches(object) || holding.subject().name().matches(object))
          && List.of(text("function").split("\\|", -1)).contains(holding.function())
          && (text("device").isEmpty() || text("device").equals(holding.device()))
          && (text("driver").isEmpty() || text("driver").equals(holding.driver()));
    }

    @Override
    public String toString() {
      return text("patch");
    }
  }

  @DataProvider
  static Object[][] bugs() throws IOException {
    List<Object[]> bugs = new ArrayList<>();
    for (JsonNode each :
        new JsonMapper().readTree(BUGS.resolve("bugs.json").toFile()).get("bugs")) {
      bugs.add(new Object[] {new Bug(each)});
    }
    return bugs.toArray(Object[][]::new);
  }

  @Test(dataProvider = "bugs")
  public void areFoundAndToldWhoseTheyAre(Bug bug) throws Exception {
    try (Watched runs = Watched.open()) {
      List<String> words =
          List.of(
              "run",
              // What they are made for.
              "--kernel",
              "6.1",
              "--patch",
              "" + BUGS.resolve(bug.text("patch")).toAbsolutePath(),
              "--only",
              bug.text("overlay"),
              "--grace",
              "slow",
              "--cycles",
              bug.text("cycles"),
              "--results",
              "" + runs.results());
      Process harness = runs.start(words);
      assertTrue(harness.waitFor(20, TimeUnit.MINUTES), runs.said());
      List<CaseResult> cases = runs.cases();
      assertEquals(harness.exitValue(), 1, runs.said());
      CaseResult result = cases.get(0);
      assertEquals(result.status(), Status.FAILED);
      Facts facts = result.facts();
      String told = result.headline() + "\n" + result.last().detail();
      assertTrue(facts != null && facts.holdings().stream().anyMatch(bug::isToldBy), told);
      Path out = runs.folder().resolve("out");
      assertTrue(Files.readString(out).contains(bug.text("function").replaceFirst("\\|.*", "")));
    }
  }
}
