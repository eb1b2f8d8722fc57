package org.lastref.trace;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.testng.annotations.Test;

/** The schema is for others; the records are what counts. The two must not drift apart. */
public class TraceHeaderSchemaTest {

  @Test
  public void namesExactlyTheRecordsFields() throws IOException {
    JsonNode schema =
        new JsonMapper()
            .readTree(TraceHeader.class.getResourceAsStream("trace-header.schema.json"));
    compare(TraceHeader.class, schema);
  }

  @Test
  public void allowsAsManyOverlays() throws IOException {
    JsonNode schema =
        new JsonMapper()
            .readTree(TraceHeader.class.getResourceAsStream("trace-header.schema.json"));
    assertEquals(schema.at("/properties/overlays/maxItems").asInt(), TraceHeader.MAX_OVERLAYS);
  }

  private static void compare(Class<?> type, JsonNode schema) {
    Set<String> all = new TreeSet<>();
    Set<String> always = new TreeSet<>();
    for (RecordComponent component : type.getRecordComponents()) {
      all.add(component.getName());
      if (component.getAccessor().getAnnotation(JsonInclude.class) == null) {
        always.add(component.getName());
      }
      JsonNode rule = schema.path("properties").path(component.getName());
      if (component.getType() == List.class) {
        assertEquals(rule.path("type").textValue(), "array", component.getName());
        compare(
            (Class<?>) ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0],
            rule.path("items"));
      } else if (component.getType().isRecord() && component.getType() != Blob.class) {
        compare(component.getType(), rule);
      }
    }
    Set<String> inSchema = new TreeSet<>();
    schema.path("properties").fieldNames().forEachRemaining(inSchema::add);
    Set<String> required = new TreeSet<>();
    schema.path("required").forEach(name -> required.add(name.textValue()));
    assertEquals(inSchema, all, type.getName());
    assertEquals(required, always, type.getName());
    assertFalse(schema.path("additionalProperties").asBoolean(true), type.getName());
  }
}
