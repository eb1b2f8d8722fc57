package org.lastref.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.testng.annotations.Test;

/** The XML as Debian's junitparser reads it, against what was written. */
public class JunitParserTest extends TemporaryFolder {

  private static final Path SCRIPT = Path.of("src/test/resources/junit/read.py");

  /** Debian's own: another first in the path knows nothing of Debian's packages. */
  private static final String PYTHON = "/usr/bin/python3";

  @Test
  public void anIndependentReaderFindsEveryCaseAsItEnded() throws Exception {
    var folder = EveryKind.write(root);
    Map<List<String>, JsonNode> read = new HashMap<>();
    for (var suite : read(folder)) {
      assertEquals(suite.get("declared"), suite.get("counted"), suite.get("name").asText());
      for (var each : suite.get("cases")) {
        var name = List.of(each.get("class").asText(), each.get("name").asText());
        assertEquals(read.put(name, each), null, "twice: " + name);
      }
    }
    var written = folder.report().cases();
    assertEquals(read.size(), written.size());
    for (var each : written) {
      var name = List.of(Text.line(each.className()), Text.line(each.name()));
      assertSame(read.getOrDefault(name, NullNode.getInstance()), each);
    }
  }

  private static void assertSame(JsonNode read, CaseResult written) {
    assertFalse(read.isNull(), "not read: " + written.id());
    var status = Json.MAPPER.convertValue(written.status(), String.class);
    assertEquals(read.get("status").asText(), status, written.id());
    assertEquals(read.get("time").asDouble(), written.took().toMillis() / 1000.0, written.id());
    if (written.status() != Status.PASSED) {
      assertEquals(read.get("message").asText(), Text.line(written.headline()));
      assertEquals(
          read.get("text").asText(""),
          Text.printable(written.detail()).replace("[[ATTACHMENT|", "[ [ATTACHMENT|"));
    }
    var tries = written.tries().stream().map(before -> Text.line(before.headline())).toList();
    boolean passed = written.status() == Status.PASSED;
    assertEquals(texts(read.get("flaky")), passed ? tries : List.of());
    assertEquals(texts(read.get("rerun")), passed ? List.of() : tries);
    Map<String, String> properties = new HashMap<>();
    written.properties().forEach((k, v) -> properties.put(Text.line(k), Text.line(v)));
    assertEquals(Json.MAPPER.convertValue(read.get("properties"), Map.class), properties);
    for (var attachment : written.last().attachments()) {
      assertTrue(read.get("out").asText().contains(attachment), attachment);
    }
  }

  private static List<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }

  private JsonNode read(RunFolder folder) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(PYTHON, SCRIPT.toString()));
    try (Stream<Path> files = Files.list(folder.path().resolve("junit"))) {
      files.forEach(file -> command.add(file.toString()));
    }
    var output = root.resolve("read.json").toFile();
    var errors = root.resolve("errors.txt");
    var process =
        new ProcessBuilder(command).redirectOutput(output).redirectError(errors.toFile()).start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "junitparser reads for more than a minute");
    assertEquals(process.exitValue(), 0, Files.readString(errors));
    return Json.MAPPER.readTree(output);
  }
}
