package org.lastref.board;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.expectThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.InputFault;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The schema is for editors; the records are what counts. The two must not drift apart. */
public class BoardSchemaTest {

  private static final Path FILE = Path.of("boards/qemu-virt.yaml");

  @Test
  void namesExactlyTheRecordsFields() throws IOException {
    compare(BoardDefinition.class, schema(), Set.of());
    // The kind is Jackson's, it stands for the type of record.
    compare(BoardDefinition.Qemu.class, schema().at("/$defs/qemu"), Set.of("kind"));
    compare(BoardDefinition.Physical.class, schema().at("/$defs/physical"), Set.of("kind"));
    compare(BoardDefinition.OwnSystem.class, schema().at("/$defs/own-system"), Set.of("kind"));
    compare(BoardDefinition.BootFolder.class, schema().at("/$defs/folder"), Set.of("kind"));
    compare(
        BoardDefinition.RemoteBootFolder.class,
        schema().at("/$defs/remote-folder"),
        Set.of("kind"));
  }

  private static void compare(Class<?> type, JsonNode named, Set<String> more) throws IOException {
    String reference = named.path("$ref").asText();
    JsonNode schema = reference.isEmpty() ? named : schema().at(reference.substring(1));
    Set<String> all = new TreeSet<>(more);
    Set<String> required = new TreeSet<>(more);
    for (RecordComponent component : type.getRecordComponents()) {
      String name =
          PropertyNamingStrategies.KebabCaseStrategy.INSTANCE.translate(component.getName());
      all.add(name);
      if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
        required.add(name);
      }
      if (component.getType().isRecord()) {
        compare(component.getType(), schema.path("properties").path(name), Set.of());
      }
    }
    Set<String> inSchema = new TreeSet<>();
    schema.path("properties").fieldNames().forEachRemaining(inSchema::add);
    Set<String> requiredInSchema = new TreeSet<>();
    schema.path("required").forEach(name -> requiredInSchema.add(name.textValue()));
    assertEquals(inSchema, all, type.getName());
    assertEquals(requiredInSchema, required, type.getName());
    assertFalse(schema.path("additionalProperties").asBoolean(true), type.getName());
  }

  @DataProvider
  static Object[][] bounds() throws IOException {
    List<Object[]> bounds = new ArrayList<>();
    collectBounds(schema(), "", bounds);
    return bounds.toArray(Object[][]::new);
  }

  private static void collectBounds(JsonNode schema, String block, List<Object[]> bounds) {
    schema
        .path("properties")
        .properties()
        .forEach(
            field -> {
              JsonNode rule = field.getValue();
              if (rule.has("minimum")) {
                bounds.add(
                    new Object[] {
                      block,
                      field.getKey(),
                      rule.path("minimum").asInt(),
                      rule.path("maximum").asInt()
                    });
              }
              collectBounds(rule, block + "/" + field.getKey(), bounds);
            });
  }

  @Test(dataProvider = "bounds")
  void allowsTheSameNumbers(String block, String field, int least, int most) throws IOException {
    load(block, field, least);
    load(block, field, most);
    expectThrows(InputFault.class, () -> load(block, field, least - 1));
    expectThrows(InputFault.class, () -> load(block, field, most + 1));
  }

  private static void load(String block, String field, int value) throws IOException {
    YAMLMapper yaml = new YAMLMapper();
    JsonNode board = yaml.readTree(FILE.toFile());
    ((ObjectNode) board.at(block)).put(field, value);
    Path file = Files.createTempFile("board", ".yaml");
    try {
      yaml.writeValue(file.toFile(), board);
      BoardDefinition.load(file);
    } finally {
      Files.delete(file);
    }
  }

  private static JsonNode schema() throws IOException {
    return new JsonMapper().readTree(Path.of("boards/board.schema.json").toFile());
  }
}
