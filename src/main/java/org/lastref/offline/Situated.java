package org.lastref.offline;

import java.util.List;
import org.lastref.fdt.OverlaySource;
import org.lastref.model.Situation;

/**
 * An overlay, and what else is done while it is removed.
 *
 * @param overlay of those side by side, the last that is applied
 */
public record Situated(OverlaySource overlay, Situation situation) {

  /** Overlays in every one of some situations, overlay by overlay. */
  public static List<Situated> all(List<OverlaySource> overlays, List<Situation> situations) {
    return overlays.stream()
        .flatMap(overlay -> situations.stream().map(each -> new Situated(overlay, each)))
        .toList();
  }
}
