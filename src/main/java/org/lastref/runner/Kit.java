package org.lastref.runner;

import java.util.List;
import org.lastref.fdt.OverlaySource;
import org.lastref.target.Probe;

/**
 * What an exercise takes along to the board.
 *
 * @param overlays the overlays that they apply
 * @param probes the events that it is read from, beside those of references
 * @param devices the names of the devices whose references are watched
 */
public record Kit(List<OverlaySource> overlays, List<Probe> probes, List<String> devices) {
  public Kit {
    overlays = List.copyOf(overlays);
    probes = List.copyOf(probes);
    devices = List.copyOf(devices);
  }
}
