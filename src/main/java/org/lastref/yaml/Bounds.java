package org.lastref.yaml;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** Checks that a field's value is allowed, and says what is allowed when it is not. */
public final class Bounds {

  private static final Pattern TEXT = Pattern.compile("\\P{Cntrl}{1,400}");

  private Bounds() {}

  public static void text(String field, String value, Pattern pattern, String allowed) {
    if (!pattern.matcher(value).matches()) {
      throw new OutOfBounds(field, "'" + printable(value) + "' is not allowed, only " + allowed);
    }
  }

  public static void texts(
      String field, List<String> values, int limit, Pattern pattern, String allowed) {
    if (values.size() > limit) {
      throw new OutOfBounds(
          field, "has " + values.size() + " entries, at most " + limit + " are allowed");
    }
    for (int i = 0; i < values.size(); i++) {
      text(field + "[" + i + "]", values.get(i), pattern, allowed);
    }
  }

  /** A program and its arguments. */
  public static void command(String field, List<String> words) {
    if (words.isEmpty()) {
      throw new OutOfBounds(field, "is empty, it must be a program and its arguments");
    }
    texts(field, words, 64, TEXT, "1 to 400 characters without control characters");
  }

  public static void path(String field, String value) {
    text(field, value, TEXT, "a path of 1 to 400 characters");
  }

  public static void range(String field, int value, int least, int most) {
    if (value < least || value > most) {
      throw new OutOfBounds(
          field, value + " is out of range, allowed are " + least + " to " + most);
    }
  }

  public static void range(String field, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new OutOfBounds(
          field,
          "%s is out of range, allowed are %s to %s"
              .formatted(Durations.format(value), Durations.format(least), Durations.format(most)));
    }
  }

  /** A short form of what a user's file says that cannot disturb a terminal. */
  public static String printable(String value) {
    String shown =
        value.codePointCount(0, value.length()) > 60 ? value.substring(0, 57) + "..." : value;
    return shown.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Cs}\\u2028\\u2029]", "?");
  }

  /** A field whose value is of the right type but not allowed. */
  public static final class OutOfBounds extends IllegalArgumentException {

    final String field;
    final String what;

    public OutOfBounds(String field, String what) {
      super(field + ": " + what);
      this.field = field;
      this.what = what;
    }
  }
}
