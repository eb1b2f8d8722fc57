package org.lastref.trace;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the parts of one line of ftrace's text are, found without making an object for any:
 *
 * <pre>
 *               sh-1769    [000] dN...    57.097579: node_get: (kobject_get+0x0/0x7c) ref=4 ...
 *               task        cpu  flags    seconds.micros: type: rest
 * </pre>
 *
 * <p>One instance serves for all lines of a trace, each {@link #parse} anew.
 */
final class EventLine {

  /** What the probes record that is of use; the last of a name counts. */
  static final class Field {
    private final String key;
    private final byte[] bytes;
    private int from = -1;
    private int to = -1;

    private Field(String key) {
      this.key = key;
      bytes = key.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
      return key;
    }
  }

  private static final Pattern ARGUMENT =
      Pattern.compile("([a-zA-Z0-9_]+)=(?:\"([^\"]*)\"|(\\S+))");

  /** A function as a probe writes it: {@code spi_remove+0x1c/0x80}. */
  private static final Pattern SYMBOL =
      Pattern.compile("^(\\w+)(?:\\.[\\w.]+)?\\+0x[0-9a-f]+/0x[0-9a-f]+$");

  private static final byte[] UNREADABLE = "(fault)".getBytes(StandardCharsets.US_ASCII);
  private static final int MICROS_DIGITS = 6;

  private byte[] bytes = new byte[0];
  private int to;
  private int taskFrom;
  private int taskTo;
  private int cpuFrom;
  private int cpuTo;
  private int secondsFrom;
  private int secondsTo;
  private int typeFrom;
  private int typeTo;

  final Field name = new Field("name");
  final Field object = new Field("obj");
  final Field count = new Field("ref");
  final Field caller = new Field("caller");
  final Field outer = new Field("outer");
  final Field returned = new Field("ret");
  private final List<Field> fields = List.of(name, object, count, caller, outer, returned);

  /** Whether these bytes are an event; if so, its parts can be asked for. */
  boolean parse(byte[] line, int from, int end) {
    bytes = line;
    to = end;
    int start = spaces(from);
    // A task's name may have dashes, blanks and brackets in it.
    for (int dash = start + 1; dash < to; dash++) {
      if (bytes[dash] == '-' && parse(start, dash)) {
        return true;
      }
    }
    return false;
  }

  private boolean parse(int start, int dash) {
    taskFrom = start;
    taskTo = digits(dash + 1);
    cpuFrom = spaces(taskTo) + 1;
    if (taskTo == dash + 1 || cpuFrom == taskTo + 1 || !is('[', cpuFrom - 1)) {
      return false;
    }
    cpuTo = digits(cpuFrom);
    int flags = spaces(cpuTo + 1);
    if (cpuTo == cpuFrom || !is(']', cpuTo) || flags == cpuTo + 1) {
      return false;
    }
    int flagsTo = word(flags);
    secondsFrom = spaces(flagsTo);
    secondsTo = digits(secondsFrom);
    if (flagsTo == flags || secondsFrom == flagsTo || secondsTo == secondsFrom) {
      return false;
    }
    int microsTo = digits(secondsTo + 1);
    if (!is('.', secondsTo)
        || microsTo != secondsTo + 1 + MICROS_DIGITS
        || !is(':', microsTo)
        || !is(' ', microsTo + 1)) {
      return false;
    }
    typeFrom = microsTo + 2;
    typeTo = nameEnd(typeFrom);
    return typeTo > typeFrom && is(':', typeTo) && is(' ', typeTo + 1);
  }

  String task() {
    return text(taskFrom, taskTo);
  }

  String type() {
    return text(typeFrom, typeTo);
  }

  int cpu() {
    return (int) decimal(cpuFrom, cpuTo, Integer.MAX_VALUE);
  }

  long micros() {
    long seconds = decimal(secondsFrom, secondsTo, Integer.MAX_VALUE);
    int micros = secondsTo + 1;
    return seconds * 1_000_000 + decimal(micros, micros + MICROS_DIGITS, Integer.MAX_VALUE);
  }

  /** What the event has to say. */
  String rest() {
    return text(typeTo + 2, to);
  }

  /** Finds the fields in what the event has to say: {@code key=value} or {@code key="value"}. */
  void findFields() {
    fields.forEach(each -> each.from = -1);
    int at = typeTo + 2;
    while (at < to) {
      int key = at;
      int end = nameEnd(key);
      if (end == key || !is('=', end)) {
        at = end + 1;
        continue;
      }
      int value = end + 1;
      int valueEnd = word(value);
      at = valueEnd;
      if (is('"', value)) {
        value++;
        valueEnd = value;
        while (valueEnd < to && bytes[valueEnd] != '"') {
          valueEnd++;
        }
        if (valueEnd == to) {
          continue;
        }
        at = valueEnd + 1;
      } else if (valueEnd == value) {
        continue;
      }
      for (Field field : fields) {
        if (Arrays.equals(bytes, key, end, field.bytes, 0, field.bytes.length)) {
          field.from = value;
          field.to = valueEnd;
        }
      }
    }
  }

  /** Whether a field is there. */
  boolean has(Field field) {
    return field.from >= 0;
  }

  /** Whether a field is there and the probe could read what it stands for. */
  boolean readable(Field field) {
    return has(field)
        && !Arrays.equals(bytes, field.from, field.to, UNREADABLE, 0, UNREADABLE.length);
  }

  String value(Field field) {
    return text(field.from, field.to);
  }

  /** A function's name without offset, size and the suffixes of its compiler's clones. */
  String symbol(Field field) {
    int from = field.from;
    int end = from;
    while (end < field.to && bytes[end] != '+' && bytes[end] != '.') {
      end++;
    }
    return text(from, end);
  }

  /** A number of 32 bits; a saturated count is negative as an int. */
  int unsigned(Field field) {
    return (int) decimal(field.from, field.to, 0xffffffffL);
  }

  /** A number such as {@code 0xffffff80012adf80}. */
  long address(Field field) {
    int from = field.from + 2;
    int end = field.to;
    if (end <= from || end - from > 16 || bytes[from - 2] != '0' || bytes[from - 1] != 'x') {
      throw new NumberFormatException();
    }
    long address = 0;
    for (int i = from; i < end; i++) {
      int digit = Character.digit(bytes[i], 16);
      if (digit < 0) {
        throw new NumberFormatException();
      }
      address = address << 4 | digit;
    }
    return address;
  }

  private long decimal(int from, int end, long most) {
    long number = 0;
    for (int i = from; i < end; i++) {
      if (bytes[i] < '0' || bytes[i] > '9' || number > most / 10) {
        throw new NumberFormatException();
      }
      number = 10 * number + (bytes[i] - '0');
    }
    if (end == from || number > most) {
      throw new NumberFormatException();
    }
    return number;
  }

  /** All that a probe recorded, by name: {@code key=value}, {@code key="value"}. */
  SortedMap<String, String> arguments() {
    SortedMap<String, String> arguments = new TreeMap<>();
    Matcher each = ARGUMENT.matcher(rest());
    while (each.find()) {
      String value = each.group(2) == null ? each.group(3) : each.group(2);
      arguments.put(each.group(1), SYMBOL.matcher(value).replaceFirst("$1"));
    }
    return arguments;
  }

  private String text(int from, int end) {
    return new String(bytes, from, end - from, StandardCharsets.ISO_8859_1);
  }

  private boolean is(char wanted, int at) {
    return at < to && bytes[at] == wanted;
  }

  private int spaces(int from) {
    int at = from;
    while (at < to && isSpace(bytes[at])) {
      at++;
    }
    return at;
  }

  private int digits(int from) {
    int at = from;
    while (at < to && bytes[at] >= '0' && bytes[at] <= '9') {
      at++;
    }
    return at;
  }

  private int word(int from) {
    int at = from;
    while (at < to && !isSpace(bytes[at])) {
      at++;
    }
    return at;
  }

  private int nameEnd(int from) {
    int at = from;
    while (at < to && isNamePart(bytes[at])) {
      at++;
    }
    return at;
  }

  static boolean isSpace(byte b) {
    return b == ' ' || (b >= '\t' && b <= '\r');
  }

  private static boolean isNamePart(byte b) {
    return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '_';
  }
}
