package org.lastref.verify;

import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.lastref.fault.InputFault;

/** The overlays, and modules of the user's own, that the model takes and the kernel does not. */
public final class Refusal {

  // What drivers/of/configfs.c of our patches says in status; ENOMEM, 12, is not the overlay's.
  private static final Pattern REFUSED = Pattern.compile("apply=(\\S+) unapplied -(?!12$)(\\d+)");
  private static final Pattern APPLIED = Pattern.compile("apply=(\\S+) applied");

  // What load_module() of kernel/module/main.c says of one that was built for another kernel: it
  // needs what this one does not export, or is laid out otherwise. Ours are built with it.
  private static final Pattern FOREIGN =
      Pattern.compile(
          "load=(?!lastref-)([^ ,]+)\\S* refused (No such file or directory|Exec format error)");

  // As drivers/of begins its lines; on the console after the time that printk puts before them.
  private static final Pattern SAID = Pattern.compile("(?:.*\\]\\s+)?(OF: .*)");
  private static final int MAX_SAID = 3;

  private Refusal() {}

  /**
   * Tells a refused overlay from one that differs from its model: the kernel has never taken it.
   * The same of a module that is for another kernel.
   *
   * @param steps what came of each step
   * @param console what the kernel wrote meanwhile
   * @param taken the names of overlays that the kernel took before; those it took now are added
   * @throws InputFault with the kernel's error and its own words
   */
  public static void check(List<String> steps, List<String> console, Set<String> taken) {
    for (String step : steps) {
      Matcher applied = APPLIED.matcher(step);
      if (applied.matches()) {
        taken.add(applied.group(1));
      }
      Matcher refused = REFUSED.matcher(step);
      if (refused.matches() && !taken.contains(refused.group(1))) {
        throw new InputFault(
            "the kernel refuses overlay %s with error %s: %s"
                .formatted(refused.group(1), errno(refused.group(2)), said(SAID, console)));
      }
      Matcher foreign = FOREIGN.matcher(step);
      if (foreign.matches()) {
        String module = foreign.group(1);
        Pattern said = Pattern.compile("(?:.*\\]\\s+)?(" + Pattern.quote(module) + ": .*)");
        throw new InputFault(
            "module %s is for another kernel than this, which refuses it with \"%s\": %s"
                .formatted(module, foreign.group(2), said(said, console)));
      }
    }
  }

  private static String said(Pattern line, List<String> console) {
    String said =
        console.stream()
            .map(line::matcher)
            .filter(Matcher::matches)
            .map(each -> each.group(1).strip())
            .distinct()
            .limit(MAX_SAID)
            .collect(Collectors.joining("; "));
    return said.isEmpty() ? "its log does not say why" : said;
  }

  /** Those that {@code of_overlay_fdt_apply()} of Linux 6.1 returns. */
  private static String errno(String number) {
    return switch (number) {
      case "1" -> "EPERM";
      case "2" -> "ENOENT";
      case "16" -> "EBUSY";
      case "17" -> "EEXIST";
      case "19" -> "ENODEV";
      case "22" -> "EINVAL";
      default -> number;
    };
  }
}
