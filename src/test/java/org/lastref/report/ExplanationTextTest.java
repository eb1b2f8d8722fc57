package org.lastref.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.lastref.Recorded;
import org.lastref.offline.ModelOracle;
import org.lastref.verify.Explanation;
import org.testng.annotations.Test;

/** An explanation as people and programs read it. */
public class ExplanationTextTest {
  private static final long BUDGET = 3_000_000;

  private static final Recorded LEAKING = new Recorded("pair", Recorded.LEAKING);
  private static final Explanation DIFFERS =
      ModelOracle.of(LEAKING.removal(Recorded.WAITED)).explain(LEAKING.trace(), BUDGET);

  @Test
  public void hasAColumnForEachAgentThatActed() {
    String text = ExplanationText.of(DIFFERS);
    assertTrue(text.contains("\n  remover"), text);
    assertTrue(text.contains("detach_node(/lr-div)"), text);
  }

  @Test
  public void groupsThePoliciesThatAreRuledOutByTheReason() {
    String text = ExplanationText.of(DIFFERS);
    long reasons = text.lines().filter(line -> line.startsWith("Not this, because of")).count();
    long ruledOut = DIFFERS.policies().stream().filter(p -> !p.ruledOutBy().isEmpty()).count();
    assertTrue(reasons > 0 && reasons < ruledOut, text);
  }

  @Test
  public void saysOfAConformingTraceThatItConforms() {
    Explanation conforms = ModelOracle.of(LEAKING.removal()).explain(LEAKING.trace(), BUDGET);
    String text = ExplanationText.of(conforms);
    assertTrue(text.startsWith(LEAKING.name() + " conforms to the model of "), text);
    assertFalse(text.contains("nothing explains"), text);
  }

  @Test
  public void isReadBackFromJson() throws IOException {
    JsonNode json = Json.MAPPER.readTree(ExplanationText.json(DIFFERS));
    assertEquals(json.get("policy").asText(), Recorded.WAITED.toString());
    assertEquals(
        json.at("/divergence/agents/0/agent").asText(),
        DIFFERS.divergence() == null ? "" : DIFFERS.divergence().agents().get(0).agent());
    assertEquals(json.get("policies").size(), DIFFERS.policies().size());
  }
}
