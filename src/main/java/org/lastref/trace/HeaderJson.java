package org.lastref.trace;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A header as one line of JSON: strictly what the record has, and all of it. */
final class HeaderJson {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(
              new SimpleModule()
                  .addSerializer(Instant.class, ToStringSerializer.instance)
                  .addDeserializer(Instant.class, new InstantReader()))
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              config ->
                  config
                      .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          .build();

  private HeaderJson() {}

  static String write(TraceHeader header) {
    try {
      return MAPPER.writeValueAsString(header);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write a trace's header", e);
    }
  }

  /**
   * @throws IllegalArgumentException that says what is wrong with it, and where
   */
  static TraceHeader read(String json) {
    try {
      JsonNode header = MAPPER.readTree(json);
      // What version 1 did not have from its beginning.
      if (header instanceof ObjectNode object && !object.has("exercise")) {
        object.putNull("exercise");
      }
      if (header instanceof ObjectNode object && !object.has("drivers")) {
        object.put("drivers", "");
      }
      if (header instanceof ObjectNode object && !object.has("unbound")) {
        object.putArray("unbound");
      }
      if (header.get("provenance") instanceof ObjectNode provenance) {
        for (String symbols : List.of("lacks", "newer")) {
          if (!provenance.has(symbols)) {
            provenance.putArray(symbols);
          }
        }
      }
      return MAPPER.treeToValue(header, TraceHeader.class);
    } catch (UnrecognizedPropertyException e) {
      throw new IllegalArgumentException(
          "the header has a key that this Lastref does not know, %s: use the one that wrote it"
              .formatted(path(e)),
          e);
    } catch (ValueInstantiationException e) {
      Throwable cause = e.getCause();
      String why = cause == null ? e.getOriginalMessage() : cause.getMessage();
      throw wrong(path(e), why, e);
    } catch (JsonMappingException e) {
      String why = e.getOriginalMessage();
      boolean missing = why.startsWith("Missing creator property");
      throw wrong(path(e), missing ? "it is missing" : why, e);
    } catch (JsonProcessingException e) {
      throw wrong("", e.getOriginalMessage(), e);
    }
  }

  private static IllegalArgumentException wrong(String path, @Nullable String why, Exception e) {
    return new IllegalArgumentException(
        "the header is wrong%s: %s"
            .formatted(
                path.isEmpty() ? "" : " at " + path,
                TraceReader.abbreviate(why == null ? "null" : why)),
        e);
  }

  /** Such as {@code overlays[0].blob}. */
  private static String path(JsonMappingException e) {
    StringBuilder path = new StringBuilder();
    for (JsonMappingException.Reference step : e.getPath()) {
      if (step.getFieldName() == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.length() == 0 ? "" : ".").append(step.getFieldName());
      }
    }
    return TraceReader.abbreviate(path.toString());
  }

  private static final class InstantReader extends FromStringDeserializer<Instant> {
    InstantReader() {
      super(Instant.class);
    }

    @Override
    protected Instant _deserialize(String text, DeserializationContext context) {
      try {
        return Instant.parse(text);
      } catch (DateTimeException e) {
        throw new IllegalArgumentException("no time like 2026-01-31T12:00:00Z", e);
      }
    }
  }
}
