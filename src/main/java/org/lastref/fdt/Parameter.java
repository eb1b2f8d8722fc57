package org.lastref.fdt;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.InputFault;

/**
 * A parameter of an overlay: a property of its {@code __overrides__}, and what is written by it
 * where. As Raspberry Pi's documentation has it, computers/configuration/device-tree, "Device Tree
 * parameters"; what that leaves open is as {@code dtmerge} of their utils does it.
 */
record Parameter(String name, List<Target> targets) {

  /** Something that it changes. */
  sealed interface Target {
    /** As its users see it. */
    String words();
  }

  /**
   * Turns fragments on and off, {@code <0>,"+1-2=3!4"}.
   *
   * @param switches each an operation and the fragment's number
   */
  record Fragments(List<Switch> switches) implements Target {
    @Override
    public String words() {
      return switches.stream().map(Switch::words).collect(Collectors.joining(", "));
    }
  }

  /** One of these: {@code +}, {@code -}, {@code =} or {@code !}. */
  record Switch(char operation, int fragment) {
    boolean turnsOn(boolean given) {
      return operation == '+' || (operation == '=' && given) || (operation == '!' && !given);
    }

    private String words() {
      String how =
          switch (operation) {
            case '+' -> "on";
            case '-' -> "off";
            case '=' -> "on or off";
            default -> "off or on";
          };
      return "fragment %d %s".formatted(fragment, how);
    }
  }

  /**
   * Writes a property.
   *
   * @param offset in bytes, of a number
   */
  record Write(Part node, String property, Form form, int offset, Source source) implements Target {
    @Override
    public String words() {
      String place = "%s of %s".formatted(property, node.path());
      String now = now();
      String size = form.size() > 0 ? ", %d bits at %d".formatted(8 * form.size(), offset) : "";
      return place + size + source.words() + (now.isEmpty() ? "" : "; " + now + " without it");
    }

    private String now() {
      Part.Value value = node.value(property).orElse(null);
      if (form == Form.PRESENT || form == Form.ABSENT) {
        return value == null ? "not there" : "there";
      }
      if (value == null || value.bytes().length < offset + form.size()) {
        return "";
      }
      String label = value.references().get(offset);
      if (form == Form.U32 && label != null && !label.equals(Part.OWN)) {
        return "&" + label;
      }
      byte[] bytes =
          form.size() == 0
              ? value.bytes()
              : Arrays.copyOfRange(value.bytes(), offset, offset + form.size());
      return form == Form.TEXT
          ? Property.of(property, bytes).asStrings().stream()
              .map(text -> '"' + text + '"')
              .collect(Collectors.joining(", "))
          : form.size() == 0
              ? HexFormat.ofDelimiter(" ").formatHex(bytes)
              : "0x" + new BigInteger(1, bytes).toString(16);
    }
  }

  /** What a property is. */
  enum Form {
    TEXT(0),
    BYTES(0),
    PRESENT(0),
    ABSENT(0),
    U8(1),
    U16(2),
    U32(4),
    U64(8);

    private final int size;

    Form(int size) {
      this.size = size;
    }

    /** Of a number, in bytes; 0 of anything else. */
    int size() {
      return size;
    }

    private static Form of(char separator) {
      return switch (separator) {
        case '.' -> U8;
        case ';' -> U16;
        case ':' -> U32;
        case '#' -> U64;
        case '?' -> PRESENT;
        case '!' -> ABSENT;
        case '[' -> BYTES;
        default -> TEXT;
      };
    }
  }

  /** Where what is written comes from. */
  sealed interface Source {
    /** What comes after what is written. */
    String words();
  }

  /** The parameter's own value. */
  record Given() implements Source {
    @Override
    public String words() {
      return "";
    }
  }

  /** Always the same. */
  record Literal(Word word) implements Source {
    @Override
    public String words() {
      return " = " + word.words();
    }
  }

  /** A table, with the parameter's value as the key. */
  record Table(List<Row> rows) implements Source {
    @Override
    public String words() {
      return rows.stream().map(Row::words).collect(Collectors.joining(", ", ": ", ""));
    }
  }

  /**
   * A row of one.
   *
   * @param key empty for what is taken if no other has the value for its key
   * @param word null for the value itself
   */
  record Row(String key, @Nullable Word word) {
    private String words() {
      String others = key.isEmpty() ? "any other" : key;
      return word == null ? others : others + " = " + word.words();
    }
  }

  /**
   * A value as a loader has it.
   *
   * @param reference of a cell that refers to a node, the label, or {@link Part#OWN}; else null
   */
  record Word(String text, @Nullable String reference) {
    private String words() {
      return reference == null || reference.equals(Part.OWN) ? text : "&" + reference;
    }
  }

  Parameter {
    targets = List.copyOf(targets);
  }

  /** The nodes of an overlay by their phandles. */
  interface Nodes {
    /** Null if none has it. */
    @Nullable Part of(long phandle);
  }

  /**
   * Reads one.
   *
   * @param overlay what messages call the overlay
   * @throws InputFault if it is not what a loader takes
   */
  static Parameter read(String overlay, String name, Part.Value data, Nodes nodes) {
    return new Parameter(name, new Reader(overlay, name, data, nodes).targets());
  }

  private static final class Reader {
    /** A property's name may begin with what stands before an offset elsewhere: #clock-cells. */
    private static final Pattern TARGET =
        Pattern.compile("(.[^.;:#?!\\[={]*)([.;:#?!\\[]?)([^={]*)(?:([={])(.*))?", Pattern.DOTALL);

    private static final Pattern SWITCHES = Pattern.compile("(?:[-+=!][0-9]{1,4})+");
    private static final Pattern SWITCH = Pattern.compile("([-+=!])([0-9]{1,4})");
    private static final Pattern OFFSET = Pattern.compile("[0-9]{1,6}");

    private final String overlay;
    private final String name;
    private final Part.Value data;
    private final Nodes nodes;
    private int at;

    Reader(String overlay, String name, Part.Value data, Nodes nodes) {
      this.overlay = overlay;
      this.name = name;
      this.data = data;
      this.nodes = nodes;
    }

    List<Target> targets() {
      List<Target> targets = new ArrayList<>();
      boolean changesNothing = data.bytes().length == 1;
      at = changesNothing ? 1 : 0;
      while (at < data.bytes().length) {
        int start = at;
        Word node = cell();
        String what = string();
        targets.add(
            node.text().equals("0") && node.reference() == null
                ? fragments(what)
                : write(node, start, what));
      }
      return targets;
    }

    private Fragments fragments(String what) {
      if (!SWITCHES.matcher(what).matches()) {
        throw fault("\"%s\" turns no fragments on or off, as +1-2=3!4 does".formatted(what));
      }
      List<Switch> switches = new ArrayList<>();
      Matcher each = SWITCH.matcher(what);
      while (each.find()) {
        switches.add(new Switch(each.group(1).charAt(0), Integer.parseInt(each.group(2))));
      }
      return new Fragments(switches);
    }

    private Write write(Word node, int start, String what) {
      Part target = nodes.of(Long.parseLong(node.text()));
      String label = data.references().get(start);
      if (target == null || (label != null && !label.equals(Part.OWN))) {
        throw fault(
            "\"%s\" is for no node of the overlay%s"
                .formatted(what, label == null || label.isEmpty() ? "" : ", but for &" + label));
      }
      Matcher parts = TARGET.matcher(what);
      if (!parts.matches()) {
        throw fault("\"%s\" names no property".formatted(what));
      }
      Form form = Form.of(parts.group(2).isEmpty() ? ' ' : parts.group(2).charAt(0));
      int offset = 0;
      if (form.size() > 0) {
        if (!OFFSET.matcher(parts.group(3)).matches()) {
          throw fault("\"%s\" has no offset in bytes after the %s".formatted(what, parts.group(2)));
        }
        offset = Integer.parseInt(parts.group(3));
      } else if (!parts.group(3).isEmpty()) {
        throw fault("\"%s\" has more than a property's name".formatted(what));
      }
      return new Write(
          target, parts.group(1), form, offset, source(form, parts.group(4), parts.group(5)));
    }

    private Source source(Form form, @Nullable String kind, @Nullable String rest) {
      if (kind == null || rest == null) {
        return new Given();
      }
      if (kind.equals("{")) {
        return table(rest);
      }
      if (rest.isEmpty()
          && form.size() + (form == Form.PRESENT || form == Form.ABSENT ? 1 : 0) > 0) {
        return new Literal(cell());
      }
      // A label's path is a string of its own: "console=",&uart1.
      boolean follows = rest.isEmpty() && form == Form.TEXT && at < data.bytes().length;
      return new Literal(new Word(follows ? string() : rest, null));
    }

    /** Rows may have cells as values, which stand after the end of the string. */
    private Table table(String first) {
      List<Row> rows = new ArrayList<>();
      String text = first;
      int in = 0;
      while (true) {
        if (in == text.length()) {
          throw fault("its table has no end");
        }
        if (text.charAt(in) == '}') {
          if (in + 1 < text.length()) {
            throw fault("\"%s\" follows its table".formatted(text.substring(in + 1)));
          }
          return new Table(rows);
        }
        int end = end(text, in, "=,}");
        String key = text.substring(in, end);
        boolean hasValue = end < text.length() && text.charAt(end) == '=';
        if (hasValue && end + 1 == text.length()) {
          rows.add(new Row(key, cell()));
          text = string();
          in = 0;
        } else if (hasValue) {
          boolean quoted = text.charAt(end + 1) == '\'';
          int from = quoted ? end + 2 : end + 1;
          int close = end(text, from, quoted ? "'" : ",}");
          rows.add(new Row(key, new Word(text.substring(from, close), null)));
          in = next(text, quoted ? close + 1 : close, rows);
        } else {
          rows.add(new Row(key, null));
          in = next(text, end, rows);
        }
      }
    }

    /** A comma at the end stands for a row that takes every value as it is. */
    private static int next(String text, int at, List<Row> rows) {
      boolean comma = at < text.length() && text.charAt(at) == ',';
      if (comma && text.startsWith("}", at + 1)) {
        rows.add(new Row("", null));
      }
      return Math.min(comma ? at + 1 : at, text.length());
    }

    private static int end(String text, int from, String stops) {
      int at = from;
      while (at < text.length() && stops.indexOf(text.charAt(at)) < 0) {
        at++;
      }
      return at;
    }

    private Word cell() {
      if (data.bytes().length - at < Integer.BYTES) {
        throw fault("it ends inside a cell");
      }
      Word word = new Word("" + data.cell(at), data.references().get(at));
      at += Integer.BYTES;
      return word;
    }

    private String string() {
      byte[] bytes = data.bytes();
      int end = at;
      while (end < bytes.length && bytes[end] != 0) {
        end++;
      }
      if (end == bytes.length) {
        throw fault("a string in it has no end");
      }
      String text = new String(bytes, at, end - at, StandardCharsets.UTF_8);
      at = end + 1;
      return text;
    }

    private InputFault fault(String wrong) {
      return new InputFault("overlay %s, parameter %s: %s".formatted(overlay, name, wrong));
    }
  }
}
