package org.lastref.fdt;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lastref.fault.InputFault;

/** Reads the values of {@code __fixups__}: strings of the form {@code path:property:offset}. */
final class Fixups {
  private static final Pattern FIXUP = Pattern.compile("([^:]*):([^:]*):([0-9]{1,9})");

  private Fixups() {}

  static List<Overlay.Fixup> parse(Fdt tree, Property label) {
    List<String> fixups = label.asStrings();
    if (fixups.isEmpty() && !label.isEmpty()) {
      throw malformed(tree, label);
    }
    return fixups.stream().map(fixup -> parse(tree, label, fixup)).toList();
  }

  private static Overlay.Fixup parse(Fdt tree, Property label, String fixup) {
    Matcher matcher = FIXUP.matcher(fixup);
    if (!matcher.matches()) {
      throw malformed(tree, label);
    }
    return new Overlay.Fixup(
        matcher.group(1), matcher.group(2), Integer.parseInt(matcher.group(3)));
  }

  private static InputFault malformed(Fdt tree, Property label) {
    return Overlay.fault(
        tree, "the fixups of label '" + label.name() + "' are not path:property:offset");
  }
}
