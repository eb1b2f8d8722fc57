package org.lastref.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.lastref.fdt.Loader.Setting;
import org.lastref.fdt.Node;
import org.lastref.fdt.Overlay;
import org.lastref.fdt.Overlay.Fragment;
import org.lastref.fdt.Overlay.Target;
import org.lastref.fdt.OverlaySource;
import org.lastref.fdt.Property;

/** An overlay in words: what a kernel is given of it, and the parameters that change that. */
public final class OverlayText {

  private OverlayText() {}

  /**
   * Writes it down.
   *
   * @param settings its parameters
   */
  public static String of(OverlaySource source, List<Setting> settings) {
    List<String> lines = new ArrayList<>();
    Overlay overlay = source.overlay();
    lines.add(
        "%s: %d bytes, %s"
            .formatted(source.name(), source.blob().length, counted(overlay.fragments().size())));
    overlay.fragments().forEach(fragment -> fragment(fragment, lines));
    if (!settings.isEmpty()) {
      lines.add("parameters:");
    }
    int width = settings.stream().mapToInt(each -> each.name().length()).max().orElse(0);
    for (Setting each : settings) {
      String name = "  %-" + width + "s  ";
      List<String> writes = each.writes().isEmpty() ? List.of("changes nothing") : each.writes();
      for (int i = 0; i < writes.size(); i++) {
        lines.add(name.formatted(i == 0 ? each.name() : "") + writes.get(i));
      }
    }
    return lines.stream().map(Text::line).collect(Collectors.joining("\n", "", "\n"));
  }

  private static String counted(int fragments) {
    return fragments == 1 ? "1 fragment" : fragments + " fragments";
  }

  private static void fragment(Fragment fragment, List<String> lines) {
    lines.add("  %s, into %s".formatted(fragment.name(), target(fragment.target())));
    below(fragment.content(), "    ", lines);
  }

  private static String target(Target target) {
    if (target instanceof Target.Label label) {
      return "&" + label.label();
    }
    return target instanceof Target.Path path
        ? path.path()
        : "a node of phandle 0x%x".formatted(((Target.Phandle) target).phandle());
  }

  /** The properties of a node, and the nodes below it. */
  private static void below(Node node, String indent, List<String> lines) {
    String properties =
        node.properties().stream()
            .filter(each -> !each.name().equals("compatible") && !each.name().equals("phandle"))
            .map(
                each ->
                    each.name()
                        + (each.name().equals("status") ? " " + each.asText().orElse("") : ""))
            .collect(Collectors.joining(", "));
    if (!properties.isEmpty()) {
      lines.add(indent + properties);
    }
    for (Node child : node.children()) {
      lines.add(indent + child.name() + compatible(child));
      below(child, indent + "  ", lines);
    }
  }

  private static String compatible(Node node) {
    return node.property("compatible")
        .map(Property::asStrings)
        .map(all -> " (" + String.join(", ", all) + ")")
        .orElse("");
  }
}
