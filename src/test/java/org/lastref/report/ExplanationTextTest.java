package org.lastref.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.lastref.Recorded;
import org.lastref.cases.Suites;
import org.lastref.offline.ModelOracle;
import org.lastref.offline.Oracle;
import org.lastref.offline.TraceHeaders;
import org.lastref.trace.StoredTrace;
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
  public void saysWhoseAReferenceIsThatMakesItDifferWhereNoSingleChangeRepairsIt() {
    assertTrue(
        explained("01-relax-cycles")
            .contains(
                "a put of device lr-div is missing: the get by __fw_devlink_relax_cycles, event 44,"
                    + " while lr-div was added, was never given back\n"));
  }

  @Test
  public void saysOfAGuessThatItIsOne() {
    String text = explained("09-chip-release");
    assertTrue(text.contains("\n  most likely put by gpiodevice_release, event 679"), text);
    assertTrue(text.contains("one too many: most likely the put by gpiodevice_release"), text);
  }

  private static String explained(String watched) {
    Path file = Path.of("src/test/resources/traces/watched", watched + ".trace.gz");
    StoredTrace stored = StoredTrace.read(file);
    Oracle oracle =
        TraceHeaders.oracle(Objects.requireNonNull(stored.header()), file, Suites.CATALOGUE);
    return ExplanationText.of(oracle.explain(stored.trace(), BUDGET));
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
