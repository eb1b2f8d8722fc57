package org.lastref.report;

import java.util.ArrayList;
import java.util.List;
import org.lastref.verify.KeptModule;

/** Who keeps a module from being unloaded, in words. */
final class KeptText {

  private KeptText() {}

  /** One sentence. */
  static String sentence(KeptModule kept) {
    List<String> who = new ArrayList<>();
    if (!kept.users().isEmpty()) {
      who.add("it is used by module " + String.join(", ", kept.users()));
    }
    if (kept.unexplained() > 0) {
      who.add(
          "%d %s out that no module has: an open file's, or one that was taken and not put"
              .formatted(
                  kept.unexplained(), kept.unexplained() == 1 ? "reference is" : "references are"));
    }
    if (kept.references() == 0) {
      who.add("no reference to it is out, so it has no exit function or is still within it");
    }
    if (!kept.devices().isEmpty()) {
      who.add("its drivers still have " + String.join(", ", kept.devices()));
    }
    return "module %s cannot be unloaded: %s".formatted(kept.name(), String.join("; ", who));
  }
}
