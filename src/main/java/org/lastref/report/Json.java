package org.lastref.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.InjectableValues;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.lastref.verify.Allowed;
import org.lastref.verify.Application;
import org.lastref.verify.Holding;
import org.lastref.verify.KeptModule;
import org.lastref.verify.Linked;
import org.lastref.verify.References;

/** JSON as the run's folder holds it: instants in ISO 8601, durations in decimal seconds. */
final class Json {

  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(
              new SimpleModule()
                  .addSerializer(Instant.class, ToStringSerializer.instance)
                  .addDeserializer(Instant.class, new InstantReader())
                  .addSerializer(Duration.class, new SecondsWriter())
                  .addDeserializer(Duration.class, new SecondsReader()))
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(
              SerializationFeature.INDENT_OUTPUT, SerializationFeature.WRITE_ENUMS_USING_TO_STRING)
          // Loses nothing, not even half a surrogate pair, and is safe on a terminal.
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.READ_ENUMS_USING_TO_STRING)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          // A later Lastref may add to the format without breaking this one.
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .injectableValues(
              new InjectableValues.Std()
                  .addValue(CaseResult.NO_TRIES, List.<Try>of())
                  .addValue(CaseCoverage.NO_COUNTS, List.<Allowed>of())
                  .addValue(CaseCoverage.NO_WAYS, List.<String>of())
                  .addValue(Facts.NO_HOLDINGS, List.<Holding>of())
                  .addValue(Holding.NO_DOUBT, true)
                  .addValue(Facts.NO_KEPT, List.<KeptModule>of())
                  .addValue(Facts.NO_APPLICATION, Application.UNTOLD)
                  .addValue(Application.NO_REFERENCES, References.UNCOUNTED)
                  .addValue(Application.NO_LINKS, List.<Linked>of())
                  .addValue(Facts.NO_DRIVERS, List.<DriversFor>of())
                  .addValue(Facts.NO_FIRST, null)
                  .addValue(CaseResult.NO_FACTS, null))
          .build();

  private Json() {}

  static byte[] bytes(Object value) {
    return text(value).getBytes(StandardCharsets.US_ASCII);
  }

  static String text(Object value) {
    try {
      return MAPPER.writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write " + value.getClass() + " as JSON", e);
    }
  }

  /** Exact, without trailing zeros. */
  static BigDecimal seconds(Duration duration) {
    var exact =
        BigDecimal.valueOf(duration.getSeconds()).add(BigDecimal.valueOf(duration.getNano(), 9));
    return exact.signum() == 0 ? BigDecimal.ZERO : exact.stripTrailingZeros();
  }

  private static final class SecondsWriter extends StdSerializer<Duration> {
    SecondsWriter() {
      super(Duration.class);
    }

    @Override
    public void serialize(Duration value, JsonGenerator json, SerializerProvider context)
        throws IOException {
      json.writeNumber(seconds(value).toPlainString());
    }
  }

  private static final class SecondsReader extends StdDeserializer<Duration> {
    SecondsReader() {
      super(Duration.class);
    }

    @Override
    public Duration deserialize(JsonParser json, DeserializationContext context)
        throws IOException {
      if (!json.currentToken().isNumeric()) {
        return (Duration) context.handleUnexpectedToken(Duration.class, json);
      }
      var seconds = json.getDecimalValue();
      // Looked at before any arithmetic: 1e999999999 is a short text and a huge number.
      if (Math.abs(seconds.scale()) > 20 || seconds.precision() > 20 || seconds.signum() < 0) {
        throw context.weirdNumberException(seconds, Duration.class, "no number of seconds");
      }
      var nanos = seconds.movePointRight(9).setScale(0, RoundingMode.HALF_UP).toBigInteger();
      var parts = nanos.divideAndRemainder(BigInteger.valueOf(1_000_000_000));
      if (parts[0].bitLength() > 40) {
        throw context.weirdNumberException(seconds, Duration.class, "no number of seconds");
      }
      return Duration.ofSeconds(parts[0].longValue(), parts[1].longValue());
    }
  }

  private static final class InstantReader extends StdDeserializer<Instant> {
    InstantReader() {
      super(Instant.class);
    }

    @Override
    public Instant deserialize(JsonParser json, DeserializationContext context) throws IOException {
      var text = json.getValueAsString("");
      try {
        return Instant.parse(text);
      } catch (DateTimeParseException e) {
        throw context.weirdStringException(
            text, Instant.class, "no time like 2026-01-31T12:00:00Z");
      }
    }
  }
}
