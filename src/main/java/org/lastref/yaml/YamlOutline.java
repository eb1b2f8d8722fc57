package org.lastref.yaml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.lastref.fault.InputFault;

/**
 * On which line each field of a YAML file stands. On the way it refuses what YAML allows and people
 * do not expect: a field given twice, an empty value, {@code 022} for 18, aliases and tags, a
 * second document.
 */
final class YamlOutline {

  private static final YAMLFactory FACTORY = new YAMLFactory();
  private static final Pattern PLAIN_NUMBER = Pattern.compile("0|-?[1-9][0-9]{0,8}");

  private final Path file;
  private final Map<String, Integer> lines = new HashMap<>();
  private final Set<String> blocks = new HashSet<>();

  private YamlOutline(Path file) {
    this.file = file;
  }

  /**
   * @throws JsonProcessingException if this is no YAML
   * @throws InputFault if a field is refused
   */
  static YamlOutline of(Path file, String text) throws JsonProcessingException {
    YamlOutline outline = new YamlOutline(file);
    try (YAMLParser parser = FACTORY.createParser(text)) {
      outline.walk(parser);
    } catch (JsonProcessingException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory", e);
    }
    return outline;
  }

  boolean has(String path) {
    return lines.containsKey(path);
  }

  /** Whether the field holds other fields. */
  boolean isBlock(String path) {
    return blocks.contains(path);
  }

  /** The line of a field, or of the nearest one around it. */
  int line(String path) {
    String around = path;
    while (!lines.containsKey(around) && !around.isEmpty()) {
      around =
          around.substring(
              0, Math.max(0, Math.max(around.lastIndexOf('.'), around.lastIndexOf('['))));
    }
    return lines.getOrDefault(around, 1);
  }

  private void walk(YAMLParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new InputFault(file + ":1: the file must be a block of fields, 'name: value' a line");
    }
    int depth = 1;
    while (depth > 0) {
      JsonToken token = parser.nextToken();
      if (token == null) {
        return;
      }
      depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
      if (!token.isStructEnd()) {
        check(parser, token);
      }
    }
    if (parser.nextToken() != null) {
      throw new InputFault("%s:%d: a second document is not allowed".formatted(file, at(parser)));
    }
  }

  private void check(YAMLParser parser, JsonToken token) throws IOException {
    JsonStreamContext context = parser.getParsingContext();
    String path = path(token.isStructStart() ? context.getParent() : context);
    if (token == JsonToken.START_OBJECT) {
      blocks.add(path);
    }
    Integer before = lines.putIfAbsent(path, at(parser));
    if (token == JsonToken.FIELD_NAME && before != null) {
      throw fault(parser, path, "is given twice, first on line " + before);
    }
    if (parser.isCurrentAlias() || parser.getTypeId() != null) {
      throw fault(parser, path, "aliases and tags are not allowed, write the value itself");
    }
    if (token == JsonToken.VALUE_NULL) {
      throw fault(parser, path, "is empty, give a value or remove the line");
    }
    if (token.isNumeric() && !PLAIN_NUMBER.matcher(parser.getText()).matches()) {
      throw fault(
          parser,
          path,
          "'%s' is not a plain whole number of at most 9 digits; quote it if it is text"
              .formatted(Bounds.printable(parser.getText())));
    }
  }

  private InputFault fault(YAMLParser parser, String path, String what) {
    return new InputFault(
        "%s:%d: %s: %s".formatted(file, at(parser), Bounds.printable(path), what));
  }

  private static int at(YAMLParser parser) {
    return parser.currentTokenLocation().getLineNr();
  }

  private static String path(JsonStreamContext context) {
    if (context.inRoot()) {
      return "";
    }
    String around = path(context.getParent());
    if (context.inArray()) {
      return around + "[" + context.getCurrentIndex() + "]";
    }
    return around.isEmpty() ? context.getCurrentName() : around + "." + context.getCurrentName();
  }
}
