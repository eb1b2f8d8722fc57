package org.lastref.yaml;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import java.io.IOException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 500ms}, {@code 30s}, {@code 2min}. */
public final class Durations extends StdScalarDeserializer<Duration> {

  private static final Pattern FORM = Pattern.compile("([0-9]{1,6})(ms|s|min)");

  Durations() {
    super(Duration.class);
  }

  @Override
  public Duration deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    String text = parser.getText();
    Matcher form = FORM.matcher(text);
    if (!parser.hasToken(JsonToken.VALUE_STRING) || !form.matches()) {
      throw context.weirdStringException(text, Duration.class, "not a duration");
    }
    long amount = Long.parseLong(form.group(1));
    return switch (form.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      default -> Duration.ofMinutes(amount);
    };
  }

  public static String format(Duration duration) {
    if (duration.toMillisPart() != 0) {
      return duration.toMillis() + "ms";
    }
    boolean wholeMinutes = duration.toSecondsPart() == 0 && !duration.isZero();
    return wholeMinutes ? duration.toMinutes() + "min" : duration.toSeconds() + "s";
  }
}
