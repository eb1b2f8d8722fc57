package org.lastref.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.lastref.Recorded;
import org.lastref.machine.Explorer;
import org.lastref.machine.Machine;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.Kernel;
import org.lastref.model.OverlayApplier;
import org.lastref.model.Policy;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.lastref.model.Removal;
import org.lastref.model.Situation;
import org.lastref.report.Prediction.Move;
import org.testng.annotations.Test;

/** What is predicted, as a person and as a program reads it. */
public class PredictionTest {

  private static final Policy QUEUED = new Policy(Release.SYSTEM_WQ, Fix.NONE, Grace.ANY);
  private static final Policy UNLOCKED =
      new Policy(Release.DEDICATED_WQ, Fix.WAIT_UNLOCKED, Grace.ANY);

  private static Prediction predicted(Policy policy, Situation situation, long bytes) {
    AppliedOverlay pair =
        new OverlayApplier(Recorded.base(), Kernel.LINUX_6_1)
            .apply(Recorded.shape("pair").overlay());
    Machine machine = Removal.of(pair, policy, situation);
    return Prediction.of(
        "pair",
        pair,
        policy,
        situation,
        machine,
        Explorer.search(machine, bytes, (states, open) -> {}),
        true);
  }

  private static Prediction predicted(Policy policy) {
    return predicted(policy, Situation.REMOVE, 64 << 20);
  }

  private static Move move(String agent, String does) {
    return new Move(agent, does, true, "f()");
  }

  private static String lanes(List<Move> way, int decisive, int columns) {
    StringBuilder out = new StringBuilder();
    Lanes.render(out, way, List.of("a", "b", "idle"), decisive, columns);
    return out.toString();
  }

  @Test
  public void showsAnInterleavingWithALaneAnAgent() {
    assertEquals(
        lanes(
            List.of(
                move("a", "get(x)"),
                move("b", "put(x)"),
                move("b", "put(x)"),
                new Move("a", "waits", false, "f()"),
                move("b", "put(x)"),
                move("b", "put(x)")),
            5,
            80),
        """
          a        b
          -------  --------------
          get(x)
                   2 times put(x)
          (waits)
                   put(x)
        >          put(x)
        """);
  }

  @Test
  public void cutsLanesThatAreTooWideTogether() {
    String wide = lanes(List.of(move("a", "x".repeat(50)), move("b", "y".repeat(50))), -1, 60);
    wide.lines().forEach(line -> assertTrue(line.length() <= 60, line));
    assertTrue(wide.contains("xxx..."), wide);
  }

  @Test
  public void escapesWhatAnOverlayMayBeNamed() {
    assertFalse(lanes(List.of(move("a", "\u001b[2J\n")), -1, 60).contains("\u001b"));
  }

  @Test
  public void tellsHoldersOutcomesWaysAndCounts() {
    String text = PredictionText.of(List.of(predicted(QUEUED)));
    for (String part :
        List.of(
            "  node /lr-osc, added, 9 references\n    6 times an entry of the changeset",
            "  link lr-osc--lr-div\n",
            "== pair  release=system-wq fix=none grace=any situation=remove\n4 possible outcomes: ",
            "  interesting  reports /lr-div /lr-osc\n",
            "> report(/lr-div)\n",
            "(finds no other holder of /lr-div)",
            "  the beginning ")) {
      assertTrue(text.contains(part), part + "\n" + text);
    }
  }

  @Test
  public void tellsWhatAnOverlayPutsIntoTheKernelOnce() {
    String text = PredictionText.of(List.of(predicted(QUEUED), predicted(UNLOCKED)));
    assertEquals(text.split("what the overlay puts", -1).length, 2);
    assertTrue(text.contains("(on no board)"));
  }

  @Test
  public void saysThatASearchWasNotFinished() {
    Prediction given = predicted(QUEUED, Situation.REMOVE, 0);
    assertTrue(PredictionText.of(List.of(given)).contains("\nNOT FINISHED, given up at the"));
    String matrix = new PredictionMatrix(false).render(List.of(given));
    assertTrue(matrix.contains("NOT FINISHED\n"), matrix);
    assertTrue(matrix.contains("0 always clean, 0 never clean"), matrix);
    assertTrue(matrix.contains(", 1 NOT FINISHED"), matrix);
  }

  @Test
  public void countsOutcomesByHowManyNodesTheyReport() {
    String matrix =
        new PredictionMatrix(false)
            .render(List.of(predicted(QUEUED), predicted(UNLOCKED), predicted(QUEUED)));
    List<String> rows = matrix.lines().filter(line -> line.startsWith("  pair ")).toList();
    assertTrue(
        rows.get(0).matches("  pair +system-wq +none +any +1 +2 +1 +0 +0 +129 .*"), rows.get(0));
    assertTrue(
        rows.get(1).matches("  pair +dedicated-wq +wait-unlocked +any +1 +0 +0 +0 +0 .*"),
        rows.get(1));
    assertTrue(matrix.contains("3 configurations: 1 always clean, 0 never clean"), matrix);
  }

  @Test
  public void namesTheSituationsIfThereAreSome() {
    String matrix =
        new PredictionMatrix(false)
            .render(List.of(predicted(QUEUED), predicted(UNLOCKED, Situation.TWICE, 64 << 20)));
    assertTrue(matrix.contains("any           twice "), matrix);
    assertTrue(matrix.contains("1 may do what is forbidden"), matrix);
  }

  @Test
  public void coloursOnlyWhereAsked() {
    List<Prediction> one = List.of(predicted(QUEUED));
    assertFalse(new PredictionMatrix(false).render(one).contains("\u001b"));
    assertTrue(new PredictionMatrix(true).render(one).contains("\u001b[90m    0\u001b[0m"));
  }

  @Test
  public void marksWhatWasSearchedBefore() {
    Prediction first = predicted(QUEUED);
    Policy other = new Policy(Release.DEDICATED_WQ, Fix.NONE, Grace.ANY);
    String matrix =
        new PredictionMatrix(false).render(List.of(first, first.as(other, Situation.REMOVE)));
    assertTrue(matrix.contains(" same\n"), matrix);
    assertTrue(matrix.contains("\n1 search, 129 states, "), matrix);
  }

  @Test
  public void keepsItsJsonNames() throws Exception {
    JsonNode json =
        new JsonMapper()
            .readTree(new Predictions("qemu-virt", List.of(predicted(QUEUED))).toJson());
    assertEquals(json.path("lastref-prediction").asInt(), 1);
    assertEquals(names(json), Set.of("lastref-prediction", "board", "predictions"));
    JsonNode one = json.path("predictions").path(0);
    assertEquals(
        names(one),
        Set.of(
            "configuration",
            "nodes",
            "devices",
            "links",
            "dropped",
            "search",
            "outcomes",
            "phases"));
    assertEquals(
        names(one.path("configuration")),
        Set.of("overlay", "release", "fix", "grace", "delayed", "situation", "on_board"));
    assertEquals(
        names(one.path("search")),
        Set.of("complete", "states", "transitions", "depth", "took_s", "repeated"));
    JsonNode end = one.path("outcomes").path(1);
    assertEquals(
        names(end),
        Set.of("grade", "words", "reported", "wrong", "stuck", "decisive", "because", "way"));
    assertEquals(end.path("grade").asText(), "interesting");
    assertEquals(names(end.path("way").path(0)), Set.of("agent", "does", "visible", "where"));
    assertEquals(names(one.path("phases").path(0)), Set.of("after", "counts"));
    assertEquals(
        names(one.path("phases").path(0).path("counts").path("/lr-osc")), Set.of("low", "high"));
    assertEquals(
        names(one.path("nodes").path(0).path("holds").path(0)),
        Set.of("holder", "get_by", "put_by"));
  }

  private static Set<String> names(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return new TreeSet<>(names);
  }
}
