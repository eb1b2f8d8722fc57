package org.lastref.yaml;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Executable;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.InputFault;

/**
 * Reads a YAML file into a record and refuses whatever a person may not have meant: unknown,
 * missing and empty fields, values of another type, and what {@link YamlOutline} refuses. The
 * reader is told file, line, field, and what is allowed there.
 *
 * <p>A record's components are required, but for those that may be null.
 */
public final class StrictYaml {

  private static final int LARGEST = 64 * 1024;

  private static final YAMLMapper MAPPER =
      YAMLMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              to ->
                  to.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          .addModule(new SimpleModule().addDeserializer(Duration.class, new Durations()))
          .annotationIntrospector(new NullableIsOptional())
          .build();

  private static final YAMLMapper WRITER =
      YAMLMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_EMPTY, JsonInclude.Include.ALWAYS))
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .disable(YAMLGenerator.Feature.SPLIT_LINES)
          .build();

  private final Path file;
  private final YamlOutline outline;

  private StrictYaml(Path file, YamlOutline outline) {
    this.file = file;
    this.outline = outline;
  }

  /**
   * Reads a file of at most 64 KiB.
   *
   * @throws InputFault that says what is wrong, and on which line
   */
  public static <T> T read(Path file, Class<T> type) {
    return of(file, text(file), type);
  }

  /**
   * Reads a text.
   *
   * @param file what messages call it
   * @throws InputFault as {@link #read}
   */
  public static <T> T of(Path file, String text, Class<T> type) {
    try {
      YamlOutline outline = YamlOutline.of(file, text);
      return new StrictYaml(file, outline).map(text, type);
    } catch (JsonProcessingException e) {
      // The parser adds an excerpt of several lines; the first says what is wrong.
      String problem = e.getOriginalMessage().lines().findFirst().orElse("");
      throw new InputFault(
          "%s:%d: this is not YAML: %s"
              .formatted(file, Math.max(1, line(e)), Bounds.printable(problem)),
          e);
    }
  }

  /** A record as such a file; what is null or empty in it is left out. */
  public static String text(Object record) {
    try {
      return WRITER.writeValueAsString(record);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write " + record, e);
    }
  }

  private static int line(JsonProcessingException e) {
    return e.getLocation() == null ? 1 : e.getLocation().getLineNr();
  }

  private <T> T map(String text, Class<T> type) throws JsonProcessingException {
    try {
      return MAPPER.readValue(text, type);
    } catch (UnrecognizedPropertyException e) {
      throw fault(path(e), "is not a field here, allowed are " + names(e.getKnownPropertyIds()), e);
    } catch (InvalidTypeIdException e) {
      Class<?> base = e.getBaseType().getRawClass();
      String kind = outline.isBlock(path(e)) ? field(path(e), kindField(base)) : path(e);
      throw fault(kind, problem(kind, "one of: " + kinds(base)), e);
    } catch (JsonMappingException e) {
      if (e.getCause() instanceof Bounds.OutOfBounds bounds) {
        throw fault(field(path(e), bounds.field), bounds.what, e);
      }
      Class<?> target = e instanceof MismatchedInputException m ? m.getTargetType() : null;
      throw fault(path(e), problem(path(e), wanted(target)), e);
    }
  }

  private String problem(String path, String wanted) {
    return (outline.has(path) ? "is not " : "is missing, it must be ") + wanted;
  }

  private InputFault fault(String path, String what, Exception cause) {
    return new InputFault(
        "%s:%d: %s: %s".formatted(file, outline.line(path), Bounds.printable(path), what), cause);
  }

  private static String wanted(@Nullable Class<?> type) {
    if (type == int.class || type == Integer.class) {
      return "a whole number";
    } else if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    } else if (type == String.class) {
      return "text (quote what looks like a number or true or false)";
    } else if (type == Duration.class) {
      return "a duration such as 500ms, 30s or 2min";
    } else if (type != null && Collection.class.isAssignableFrom(type)) {
      return "a list such as [a, b]";
    }
    return "a block of fields";
  }

  private static String path(JsonMappingException e) {
    String path = "";
    for (JsonMappingException.Reference step : e.getPath()) {
      path =
          step.getFieldName() == null
              ? path + "[" + step.getIndex() + "]"
              : field(path, step.getFieldName());
    }
    return path;
  }

  private static String field(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static String names(Collection<Object> known) {
    return known.stream().map(Object::toString).sorted().collect(Collectors.joining(", "));
  }

  private static String kindField(Class<?> base) {
    return base.getAnnotation(JsonTypeInfo.class).property();
  }

  private static String kinds(Class<?> base) {
    return Stream.of(base.getAnnotation(JsonSubTypes.class).value())
        .map(JsonSubTypes.Type::name)
        .collect(Collectors.joining(", "));
  }

  private static String text(Path file) {
    if (!Files.isRegularFile(file)) {
      String why = Files.exists(file) ? "it is not a file" : "there is no such file";
      throw new InputFault(file + ": cannot be read: " + why);
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(LARGEST + 1);
    } catch (IOException e) {
      throw new InputFault(file + ": cannot be read: " + e.getMessage(), e);
    }
    if (bytes.length > LARGEST) {
      throw new InputFault(file + ": is larger than the 64 KiB allowed");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
    } catch (CharacterCodingException e) {
      String before = new String(bytes, 0, buffer.position(), StandardCharsets.UTF_8);
      long line = 1 + before.chars().filter(c -> c == '\n').count();
      throw new InputFault("%s:%d: this is not UTF-8 text".formatted(file, line), e);
    }
  }

  /** A component that may be null may be left out. */
  private static final class NullableIsOptional extends JacksonAnnotationIntrospector {

    @Override
    public Boolean hasRequiredMarker(AnnotatedMember member) {
      return !(member instanceof AnnotatedParameter parameter) || !isNullable(parameter);
    }

    private static boolean isNullable(AnnotatedParameter parameter) {
      return parameter.getOwner().getAnnotated() instanceof Executable constructor
          && constructor.getAnnotatedParameterTypes()[parameter.getIndex()].isAnnotationPresent(
              Nullable.class);
    }
  }
}
