package org.lastref.offline;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.lastref.Recorded;
import org.lastref.fault.InputFault;
import org.lastref.trace.Blob;
import org.lastref.trace.TraceHeader;
import org.lastref.trace.TraceHeader.Layer;
import org.lastref.trace.TraceHeader.Words;
import org.lastref.verify.OverlayRemoval;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** A scenario that was stored is had back as it was. */
public class TraceHeadersTest {

  private static final Path FILE = Path.of("x.trace.gz");
  private static final TraceHeader PAIR =
      StoredRun.header(new Recorded("pair", Recorded.LEAKING), 1);

  @DataProvider
  public Object[][] recorded() {
    return Recorded.all().stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  @Test(dataProvider = "recorded")
  public void makesTheScenarioThatWasRecorded(Recorded recorded) {
    OverlayRemoval removal = TraceHeaders.removal(StoredRun.header(recorded, 1), FILE);
    assertEquals(removal, recorded.removal());
  }

  @Test(dataProvider = "recorded")
  public void writesWhatTheSchemaAllows(Recorded recorded) throws IOException {
    JsonMapper json = new JsonMapper();
    JsonNode schema =
        json.readTree(TraceHeader.class.getResourceAsStream("trace-header.schema.json"));
    List<String> wrong = new ArrayList<>();
    validate(schema, json.readTree(StoredRun.json(StoredRun.header(recorded, 2))), "", wrong);
    assertEquals(wrong, List.of());
  }

  /** As much of JSON Schema as ours uses. */
  private static void validate(JsonNode rule, JsonNode value, String at, List<String> wrong) {
    List<String> types = new ArrayList<>();
    JsonNode type = rule.path("type");
    (type.isArray() ? type : List.of(type)).forEach(each -> types.add(each.textValue()));
    String seen =
        value.isIntegralNumber()
            ? "integer"
            : value.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
    if (!types.contains(seen)) {
      wrong.add("%s is %s, not %s".formatted(at, seen, types));
      return;
    }
    if (rule.has("pattern") && !value.textValue().matches(rule.path("pattern").textValue())) {
      wrong.add(at + " does not match");
    }
    if (rule.has("minimum") && value.longValue() < rule.path("minimum").longValue()) {
      wrong.add(at + " is too small");
    }
    if (rule.has("minItems") && value.size() < rule.path("minItems").intValue()) {
      wrong.add(at + " has too few items");
    }
    if (value.isArray()) {
      value.forEach(item -> validate(rule.path("items"), item, at + "/", wrong));
    }
    rule.path("required")
        .forEach(
            name -> {
              if (!value.has(name.textValue())) {
                wrong.add(at + " lacks " + name);
              }
            });
    value
        .properties()
        .forEach(
            field -> {
              JsonNode inner = rule.path("properties").path(field.getKey());
              String path = at + "/" + field.getKey();
              if (inner.isMissingNode()) {
                wrong.add(path + " is not in the schema");
              } else {
                validate(inner, field.getValue(), path, wrong);
              }
            });
  }

  @Test
  public void keepsWhatWasExpectedOfDevices() {
    SortedSet<String> unbound = new TreeSet<>(Set.of("/lr-div"));
    TraceHeader header =
        new TraceHeader(
            PAIR.overlays(),
            PAIR.base(),
            PAIR.policy(),
            null,
            unbound,
            PAIR.steps(),
            "",
            PAIR.provenance());
    assertEquals(TraceHeaders.removal(header, FILE).unbound(), unbound);
  }

  @Test
  public void refusesAPolicyThatItDoesNotKnow() {
    TraceHeader other =
        with(PAIR.overlays(), PAIR.base(), new Words("system-wq", "hope", "slow", false));
    assertTrue(
        refusal(other)
            .startsWith(
                "x.trace.gz:2: the header has a policy.fix that this Lastref does not know; it"
                    + " knows none, srcu-barrier"));
  }

  @Test
  public void refusesABlobThatIsNoDevicetree() {
    Blob none = Blob.of(new byte[100]);
    assertTrue(
        refusal(with(List.of(new Layer("pair", none)), PAIR.base(), PAIR.policy()))
            .startsWith("devicetree blob x.trace.gz:2, overlay pair, byte 0x0: "));
    assertTrue(
        refusal(with(PAIR.overlays(), none, PAIR.policy()))
            .startsWith("devicetree blob x.trace.gz:2, base, byte 0x0: "));
  }

  @Test
  public void refusesAnOverlayThatDoesNotFit() {
    TraceHeader stacked = StoredRun.header(new Recorded("stacked-upper", Recorded.LEAKING), 1);
    List<Layer> upper = stacked.overlays().subList(1, 2);
    String refusal = refusal(with(upper, stacked.base(), stacked.policy()));
    assertTrue(
        refusal.startsWith("cannot apply overlay x.trace.gz:2, overlay stacked-upper to "),
        refusal);
  }

  private static TraceHeader with(List<Layer> overlays, Blob base, Words policy) {
    return new TraceHeader(
        overlays, base, policy, null, PAIR.unbound(), PAIR.steps(), "", PAIR.provenance());
  }

  private static String refusal(TraceHeader header) {
    return Objects.requireNonNull(
        expectThrows(InputFault.class, () -> TraceHeaders.removal(header, FILE)).getMessage());
  }
}
