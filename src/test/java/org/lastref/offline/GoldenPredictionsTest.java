package org.lastref.offline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.testng.Assert.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lastref.Recorded;
import org.lastref.cases.RemovalTestCase;
import org.lastref.cases.Suites;
import org.lastref.link.Sha256;
import org.lastref.machine.Exploration;
import org.lastref.machine.Explorer;
import org.lastref.model.Kernel;
import org.lastref.model.Policy;
import org.lastref.model.Situation;
import org.lastref.offline.Predictor.Removed;
import org.lastref.report.Prediction;
import org.testng.annotations.Test;

/**
 * Every row of {@code predict --all --situation all}, and every exercise: the same outcomes, and of
 * removals as many states and transitions, as the golden file says; {@code -Dlastref.golden=write}
 * writes it anew.
 */
public class GoldenPredictionsTest {

  private static final Path GOLDEN = Path.of("src/test/resources/golden/predictions.txt");
  private static final long MAX_BYTES = 256L << 20;

  private static List<String> now() {
    List<String> lines = new ArrayList<>();
    Predictor predictor = new Predictor(MAX_BYTES, false);
    for (Removed removed :
        Predictor.removed(
            RemovalTestCase.overlays(Path.of("")), Recorded.base(), Kernel.LINUX_6_1)) {
      for (Situation situation : Situation.modelled()) {
        long states = 0;
        long transitions = 0;
        StringBuilder rows = new StringBuilder();
        for (Policy policy : Policy.modelled()) {
          Prediction row = predictor.predict(removed, policy, situation, (found, open) -> {});
          states += row.search().states();
          transitions += row.search().transitions();
          rows.append(row.configuration())
              .append(row.search().depth())
              .append(row.search().complete());
          row.outcomes().forEach(end -> rows.append(end.grade()).append(end.words()));
        }
        lines.add(
            "%s %s: %d states, %d transitions, %s"
                .formatted(removed.overlay(), situation, states, transitions, sha(rows)));
      }
    }
    for (Catalogue.Entry exercise : Suites.CATALOGUE.entries(Kernel.LINUX_6_1)) {
      Exploration found =
          Explorer.search(exercise.modelled().machine(), MAX_BYTES, (states, open) -> {});
      lines.add("%s: %s".formatted(exercise.id(), found.outcomes()));
    }
    return lines;
  }

  private static String sha(CharSequence text) {
    return Sha256.of(text.toString().getBytes(UTF_8)).substring(0, 16);
  }

  @Test
  public void isPredictedAsBefore() throws IOException {
    List<String> now = now();
    if ("write".equals(System.getProperty("lastref.golden"))) {
      Files.write(GOLDEN, now);
    }
    assertEquals(String.join("\n", now), String.join("\n", Files.readAllLines(GOLDEN)));
  }
}
