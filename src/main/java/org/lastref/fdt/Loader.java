package org.lastref.fdt;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.lastref.fault.InputFault;
import org.lastref.fdt.Parameter.Form;
import org.lastref.fdt.Parameter.Fragments;
import org.lastref.fdt.Parameter.Literal;
import org.lastref.fdt.Parameter.Row;
import org.lastref.fdt.Parameter.Source;
import org.lastref.fdt.Parameter.Switch;
import org.lastref.fdt.Parameter.Table;
import org.lastref.fdt.Parameter.Target;
import org.lastref.fdt.Parameter.Word;
import org.lastref.fdt.Parameter.Write;

/**
 * Makes of an overlay what a loader hands to a kernel: parameters are set, fragments that are
 * turned off are gone with the labels that only they use, those that are for the overlay itself are
 * merged into it, and its labels are its own but for those that it exports. As Raspberry Pi's
 * documentation has it, computers/configuration/device-tree, and {@code dtmerge} of their utils.
 */
public final class Loader {
  private static final String OVERRIDES = "__overrides__";
  private static final String EXPORTS = "__exports__";
  private static final String SYMBOLS = "__symbols__";
  private static final String FIXUPS = "__fixups__";
  private static final String LOCAL_FIXUPS = "__local_fixups__";
  private static final String ON = "__overlay__";
  private static final String OFF = "__dormant__";
  private static final String TARGET = "target";
  private static final Pattern FRAGMENT = Pattern.compile("fragment[@-].*");
  private static final Set<String> TRUE = Set.of("y", "yes", "on", "true");
  private static final Set<String> FALSE = Set.of("n", "no", "off", "false");
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(?:0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20})");
  private static final Pattern ESCAPE = Pattern.compile("\\\\(?:x([0-9a-fA-F]{2})|.)");
  private static final Pattern BYTES = Pattern.compile("(?:[0-9a-fA-F]{2}[: \t]*){0,32}");

  private final Fdt tree;
  private final Part root;
  private final Map<Long, Part> phandles = new HashMap<>();
  private final Map<String, Part> symbols = new LinkedHashMap<>();
  private final Map<String, Part.Value> overrides = new LinkedHashMap<>();

  /** How many bytes its properties may still get more. */
  private int room = Fdt.MAX_SIZE;

  private Loader(Fdt tree) {
    this.tree = tree;
    root = Part.of(tree.root());
    references();
    root.child(SYMBOLS)
        .ifPresent(
            labels ->
                labels
                    .properties()
                    .forEach(
                        (label, path) ->
                            root.find(text(path)).ifPresent(part -> symbols.put(label, part))));
    phandles(root);
    root.child(OVERRIDES).ifPresent(each -> overrides.putAll(each.properties()));
    overrides.remove("phandle");
  }

  /** Whether a kernel could not be given an overlay as it is, or not all of it. */
  public static boolean isFor(Fdt tree) {
    return tree.root().child(OVERRIDES).isPresent()
        || tree.root().child(EXPORTS).isPresent()
        || tree.root().children().stream().anyMatch(part -> part.child(OFF).isPresent())
        || tree.root().child(LOCAL_FIXUPS).stream()
            .flatMap(fixups -> fixups.children().stream())
            .anyMatch(fragment -> fragment.property(TARGET).isPresent());
  }

  /**
   * A parameter, as its users see it.
   *
   * @param writes what it writes where, and what is there without it
   */
  public record Setting(String name, List<String> writes) {
    public Setting {
      writes = List.copyOf(writes);
    }
  }

  /** The parameters of an overlay, in the order of the blob; those with a fault say it. */
  public static List<Setting> settings(Fdt tree) {
    Loader loader = new Loader(tree);
    List<Setting> settings = new ArrayList<>();
    loader.overrides.forEach((name, data) -> settings.add(loader.setting(name, data)));
    return settings;
  }

  private Setting setting(String name, Part.Value data) {
    try {
      return new Setting(
          name,
          Parameter.read(tree.name(), name, data, phandles::get).targets().stream()
              .map(Target::words)
              .toList());
    } catch (InputFault e) {
      return new Setting(name, List.of(e.getMessage()));
    }
  }

  /**
   * What a kernel is given.
   *
   * @param tree an overlay
   * @param values of its parameters by name, set in this order
   * @throws InputFault if it has no such parameter, if a value does not fit, or if the overlay is
   *     not what a loader takes
   */
  public static Fdt load(Fdt tree, Map<String, String> values) {
    Loader loader = new Loader(tree);
    values.forEach(loader::set);
    return loader.loaded();
  }

  private void phandles(Part part) {
    if (part.phandle() != 0) {
      phandles.putIfAbsent(part.phandle(), part);
    }
    part.children().forEach(this::phandles);
  }

  // What refers to what.

  private void references() {
    root.child(FIXUPS)
        .ifPresent(
            fixups ->
                fixups
                    .properties()
                    .forEach(
                        (label, places) ->
                            Fixups.parse(tree, Property.of(label, places.bytes()))
                                .forEach(place -> refers(place, label))));
    root.child(LOCAL_FIXUPS).ifPresent(fixups -> refersToOwn(fixups, root));
  }

  private void refers(Overlay.Fixup place, String label) {
    Part.Value value =
        root.find(place.path()).flatMap(part -> part.value(place.property())).orElse(null);
    if (value != null) {
      refers(value, place.offset(), label, place.path() + ":" + place.property());
    }
  }

  private void refersToOwn(Part fixups, Part part) {
    fixups
        .properties()
        .forEach(
            (property, offsets) -> {
              Part.Value value = part.value(property).orElse(null);
              for (long offset : Property.of(property, offsets.bytes()).asCells()) {
                if (value != null) {
                  refers(value, (int) Math.min(offset, Integer.MAX_VALUE), Part.OWN, property);
                }
              }
            });
    fixups
        .children()
        .forEach(each -> part.child(each.name()).ifPresent(below -> refersToOwn(each, below)));
  }

  private void refers(Part.Value value, int offset, String label, String where) {
    if (offset < 0 || offset > value.bytes().length - Integer.BYTES) {
      throw fault("a reference at offset %d is outside %s".formatted(offset, where));
    }
    value.references().put(offset, label);
  }

  // Parameters.

  private void set(String name, String value) {
    Part.Value data = overrides.get(name);
    if (data == null) {
      throw new InputFault(
          overrides.isEmpty()
              ? "overlay %s has no parameters, and %s was to be set".formatted(tree.name(), name)
              : "overlay %s has no parameter %s, but %s"
                  .formatted(tree.name(), name, String.join(", ", overrides.keySet())));
    }
    Parameter parameter = Parameter.read(tree.name(), name, data, phandles::get);
    for (Target target : parameter.targets()) {
      if (target instanceof Fragments fragments) {
        fragments.switches().forEach(each -> turn(name, each, isOn(name, value, true)));
      } else if (target instanceof Write write) {
        write(name, write, word(name, write.source(), value));
      }
    }
  }

  private void turn(String name, Switch operation, boolean given) {
    Part fragment =
        Stream.of("fragment@", "fragment-")
            .flatMap(prefix -> root.child(prefix + operation.fragment()).stream())
            .findFirst()
            .orElseThrow(
                () ->
                    fault(
                        name,
                        "there is no fragment " + operation.fragment() + " to turn on or off"));
    boolean on = operation.turnsOn(given);
    fragment.child(on ? OFF : ON).ifPresent(content -> content.rename(on ? ON : OFF));
  }

  private Word word(String name, Source source, String value) {
    if (source instanceof Literal literal) {
      return literal.word();
    }
    return source instanceof Table table ? looked(name, table, value) : new Word(value, null);
  }

  private Word looked(String name, Table table, String value) {
    Row row =
        table.rows().stream()
            .filter(each -> each.key().equals(value) && !value.isEmpty())
            .findFirst()
            .or(() -> table.rows().stream().filter(each -> each.key().isEmpty()).findFirst())
            .orElseThrow(
                () ->
                    fault(
                        name,
                        "it has no \"%s\", but %s"
                            .formatted(
                                value,
                                String.join(", ", table.rows().stream().map(Row::key).toList()))));
    Word word = row.word();
    return word == null ? new Word(value, null) : word;
  }

  private void write(String name, Write write, Word word) {
    Part node = write.node();
    String property = write.property();
    switch (write.form()) {
      case TEXT -> text(name, node, property, word.text());
      case BYTES -> {
        if (!BYTES.matcher(word.text()).matches()) {
          throw fault(
              name, "\"%s\" is no list of up to 32 bytes such as b8:27:eb".formatted(word.text()));
        }
        node.set(
            property,
            new Part.Value(HexFormat.of().parseHex(word.text().replaceAll("[: \t]", ""))));
      }
      case PRESENT, ABSENT -> {
        if (isOn(name, word.text(), false) == (write.form() == Form.PRESENT)) {
          node.set(property, new Part.Value(new byte[0]));
        } else {
          node.clear(property);
        }
      }
      case U8, U16, U32, U64 -> number(name, write, word);
    }
  }

  private void text(String name, Part node, String property, String given) {
    String text = property.equals("status") ? status(given) : unescaped(name, given);
    switch (property) {
      case "name" -> rename(name, node, text);
      case "bootargs" -> {
        String before = node.value(property).map(Loader::text).orElse("");
        node.set(property, value(before.isEmpty() ? text : before + " " + text));
      }
      default -> node.set(property, value(text));
    }
  }

  private static String status(String given) {
    if (TRUE.contains(given) || given.equals("1") || given.equals("enable")) {
      return "okay";
    }
    return FALSE.contains(given) || given.equals("0") ? "disabled" : given;
  }

  private void number(String name, Write write, Word word) {
    int size = write.form().size();
    long number = number(name, word.text());
    int bits = size * Byte.SIZE;
    boolean fits = size == Long.BYTES || number >> bits == 0 || number >> (bits - 1) == -1;
    if (!fits) {
      throw fault(
          name,
          "%s does not fit the %d bytes of %s".formatted(word.text(), size, write.property()));
    }
    Part node = write.node();
    boolean isAddress = write.property().equals("reg");
    int end = write.offset() + size;
    // There need be no reg: then it stands for the name's unit address alone.
    if (!isAddress || node.value("reg").filter(reg -> reg.bytes().length >= end).isPresent()) {
      room -= Math.max(0, end - node.value(write.property()).map(v -> v.bytes().length).orElse(0));
      if (room < 0) {
        throw fault(name, "it would make the overlay larger than %d bytes".formatted(Fdt.MAX_SIZE));
      }
      Part.Value value = node.grown(write.property(), end);
      byte[] cells = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
      System.arraycopy(cells, Long.BYTES - size, value.bytes(), write.offset(), size);
      value.references().subMap(write.offset() - Integer.BYTES + 1, end).clear();
      if (word.reference() != null && size == Integer.BYTES) {
        value.references().put(write.offset(), word.reference());
      }
    }
    int unit = node.name().indexOf('@');
    if (isAddress && write.offset() == 0 && unit >= 0) {
      rename(name, node, node.name().substring(0, unit + 1) + Integer.toHexString((int) number));
    }
  }

  private long number(String name, String text) {
    if (TRUE.contains(text) || text.equals("down")) {
      return 1;
    }
    if (text.equals("up")) {
      return 2;
    }
    if (FALSE.contains(text) || text.isEmpty()) {
      return 0;
    }
    if (!NUMBER.matcher(text).matches()) {
      throw fault(name, "\"%s\" is no number".formatted(text));
    }
    boolean negative = text.startsWith("-");
    String digits = negative || text.startsWith("+") ? text.substring(1) : text;
    boolean hex = digits.startsWith("0x") || digits.startsWith("0X");
    boolean octal = !hex && digits.length() > 1 && digits.startsWith("0");
    try {
      long number =
          Long.parseUnsignedLong(hex ? digits.substring(2) : digits, hex ? 16 : octal ? 8 : 10);
      return negative ? -number : number;
    } catch (NumberFormatException e) {
      throw fault(name, "\"%s\" is no number of 64 bits".formatted(text));
    }
  }

  /** Whether a value says yes; any word does for fragments. */
  private boolean isOn(String name, String text, boolean anyWord) {
    boolean known =
        NUMBER.matcher(text).matches()
            || TRUE.contains(text)
            || FALSE.contains(text)
            || text.isEmpty()
            || text.equals("up")
            || text.equals("down");
    if (!known && !anyWord) {
      throw fault(name, "\"%s\" is neither on nor off".formatted(text));
    }
    return !known || number(name, text) != 0;
  }

  private void rename(String name, Part node, String to) {
    if (to.isEmpty() || to.contains("/") || to.length() > 255) {
      throw fault(name, "\"%s\" is no name of a node".formatted(to));
    }
    node.rename(to);
  }

  /** As in C, which has three more than Java. */
  private String unescaped(String name, String given) {
    try {
      return ESCAPE.matcher(given).replaceAll(Loader::octal).translateEscapes();
    } catch (IllegalArgumentException e) {
      throw fault(name, "\"%s\" has an escape that is none".formatted(given));
    }
  }

  private static String octal(MatchResult escape) {
    String octal =
        switch (escape.group().charAt(1)) {
          case 'a' -> "\\007";
          case 'v' -> "\\013";
          case 'x' ->
              escape.group(1) == null
                  ? escape.group()
                  : "\\%03o".formatted(Integer.parseInt(escape.group(1), 16));
          default -> escape.group();
        };
    return Matcher.quoteReplacement(octal);
  }

  // What is left.

  private Fdt loaded() {
    fragments(root)
        .filter(fragment -> fragment.child(ON).isEmpty() && fragment.child(OFF).isPresent())
        .toList()
        .forEach(Part::remove);
    for (Part fragment : fragments(root).toList()) {
      Part target = ownTarget(fragment).orElse(null);
      if (target != null) {
        fragment.child(ON).ifPresent(content -> merge(content, target));
        fragment.remove();
      }
    }
    Set<String> exported =
        root.child(EXPORTS).map(each -> Set.copyOf(each.properties().keySet())).orElse(Set.of());
    for (String name : List.of(OVERRIDES, EXPORTS, SYMBOLS, FIXUPS, LOCAL_FIXUPS)) {
      root.child(name).ifPresent(Part::remove);
    }
    checkNames(root);
    List<Part> made = List.of(symbols(exported), fixups(), own(root, LOCAL_FIXUPS));
    made.stream()
        .filter(part -> !part.properties().isEmpty() || !part.children().isEmpty())
        .forEach(root::add);
    return new Fdt(tree.name(), tree.bootCpu(), tree.reservations(), root.freeze());
  }

  private static Stream<Part> fragments(Part root) {
    return root.children().stream().filter(part -> FRAGMENT.matcher(part.name()).matches());
  }

  /** The node of the overlay itself that a fragment is for. */
  private Optional<Part> ownTarget(Part fragment) {
    return fragment
        .value(TARGET)
        .filter(value -> value.bytes().length >= Integer.BYTES)
        .filter(value -> Part.OWN.equals(value.references().get(0)))
        .flatMap(value -> Optional.ofNullable(phandles.get(value.cell(0))));
  }

  private void merge(Part content, Part target) {
    if (target.isAtOrBelow(content)) {
      throw fault("a fragment is for a node of its own");
    }
    content
        .properties()
        .forEach(
            (property, value) -> {
              boolean second = property.equals("phandle") && target.phandle() != 0;
              if (second && target.phandle() != value.cell(0)) {
                throw fault("node " + target.path() + " gets a second label by a fragment for it");
              }
              target.set(property, value);
            });
    for (Part child : content.children()) {
      Part existing = target.child(child.name()).orElse(null);
      child.remove();
      if (existing == null) {
        target.add(child);
      } else {
        merge(child, existing);
        symbols.replaceAll((label, part) -> part == child ? existing : part);
      }
    }
  }

  private void checkNames(Part part) {
    Set<String> names = new HashSet<>();
    for (Part child : part.children()) {
      if (!names.add(child.name())) {
        throw fault("by its parameters two nodes are %s".formatted(child.path()));
      }
      checkNames(child);
    }
  }

  private Part symbols(Set<String> exported) {
    Part made = new Part(SYMBOLS);
    symbols.forEach(
        (label, part) -> {
          if (exported.contains(label) && part.isAtOrBelow(root)) {
            made.set(label, value(part.path()));
          }
        });
    return made;
  }

  private Part fixups() {
    Map<String, List<String>> places = new TreeMap<>();
    root.walk(
        (part, property) ->
            property
                .getValue()
                .references()
                .forEach(
                    (offset, label) -> {
                      if (!label.equals(Part.OWN)) {
                        places
                            .computeIfAbsent(label, each -> new ArrayList<>())
                            .add(part.path() + ":" + property.getKey() + ":" + offset);
                      }
                    }));
    Part made = new Part(FIXUPS);
    places.forEach((label, all) -> made.set(label, value(String.join("\0", all))));
    return made;
  }

  private static Part own(Part part, String name) {
    Part made = new Part(name);
    part.properties()
        .forEach(
            (property, value) -> {
              int[] offsets =
                  value.references().entrySet().stream()
                      .filter(each -> each.getValue().equals(Part.OWN))
                      .mapToInt(Map.Entry::getKey)
                      .toArray();
              if (offsets.length > 0) {
                ByteBuffer cells = ByteBuffer.allocate(offsets.length * Integer.BYTES);
                for (int offset : offsets) {
                  cells.putInt(offset);
                }
                made.set(property, new Part.Value(cells.array()));
              }
            });
    for (Part child : part.children()) {
      Part below = own(child, child.name());
      if (!below.properties().isEmpty() || !below.children().isEmpty()) {
        made.add(below);
      }
    }
    return made;
  }

  private static Part.Value value(String text) {
    return new Part.Value((text + "\0").getBytes(StandardCharsets.UTF_8));
  }

  private static String text(Part.Value value) {
    return Property.of("", value.bytes()).asText().orElse("");
  }

  private InputFault fault(String wrong) {
    return new InputFault("overlay %s: %s".formatted(tree.name(), wrong));
  }

  private InputFault fault(String parameter, String wrong) {
    return new InputFault("overlay %s, parameter %s: %s".formatted(tree.name(), parameter, wrong));
  }
}
