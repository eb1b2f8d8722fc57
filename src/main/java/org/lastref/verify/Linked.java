package org.lastref.verify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.AppliedOverlay.Device;
import org.lastref.model.AppliedOverlay.Link;
import org.lastref.trace.Event;

/**
 * A device link of an applied overlay.
 *
 * @param name as {@code device_link_add()} names it, SUPPLIER--CONSUMER with their buses
 * @param flags those that it was asked for with, without {@code DL_FLAG_} and in lower case; none
 *     if nobody watches its consumer
 * @param state {@code active} if its consumer has a driver, {@code available} if only its supplier
 *     has one, {@code dormant} if neither has; empty if that is not told, or if it is stateless
 * @param expected whether the model has it from the devicetree
 * @param there whether it was there when the removal began
 */
public record Linked(
    String name, List<String> flags, String state, boolean expected, boolean there) {

  private static final String STATELESS = "stateless";

  /** include/linux/device.h of Linux 6.1.192, from bit 0 on. */
  private static final List<String> FLAGS =
      List.of(
          STATELESS,
          "autoremove_consumer",
          "pm_runtime",
          "rpm_active",
          "autoremove_supplier",
          "autoprobe_consumer",
          "managed",
          "sync_state_only",
          "inferred",
          "cycle");

  private static final Pattern FLAGS_WORD = Pattern.compile("0x[0-9a-f]{1,15}");

  public Linked {
    flags = List.copyOf(flags);
  }

  /** Its flags and its state, with blanks between; empty if neither is told. */
  public String kind() {
    return Stream.concat(flags.stream(), Stream.of(state))
        .filter(word -> !word.isEmpty())
        .collect(Collectors.joining(" "));
  }

  /**
   * The links of overlays' devices, those last that are expected and not there whatever an unknown
   * driver does.
   *
   * @param expected what should have come of the overlays
   */
  static List<Linked> of(ObservedOverlays observed, Map<String, AppliedOverlay> expected) {
    Map<String, Long> asked = asked(observed.trace().events().subList(0, observed.removal()));
    Map<String, Device> devices = new HashMap<>();
    Map<String, String> names = new HashMap<>();
    List<Link> there = new ArrayList<>();
    for (AppliedOverlay overlay : observed.applied().values()) {
      overlay.devices().forEach(device -> devices.put(device.name(), device));
      overlay.devices().forEach(device -> names.put(device.path(), device.name()));
      there.addAll(overlay.links());
    }
    Map<String, Link> missing = new LinkedHashMap<>();
    Set<String> unknown = new HashSet<>();
    for (AppliedOverlay overlay : expected.values()) {
      overlay.links().stream()
          .map(link -> link.named(names))
          .forEach(link -> missing.put(link.name(), link));
      overlay.wanting().stream()
          .filter(each -> !each.modelled() && names.containsKey(each.path()))
          .forEach(each -> unknown.add(names.get(each.path())));
    }
    List<Linked> links = new ArrayList<>();
    for (Link link : there) {
      List<String> flags = flags(asked.getOrDefault(key(link.supplier(), link.consumer()), 0L));
      boolean isExpected = missing.remove(link.name()) != null;
      links.add(new Linked(link.name(), flags, state(link, flags, devices), isExpected, true));
    }
    // Which of a cycle's links stay depends on whether an unknown driver comes.
    missing.values().removeIf(link -> unknown.stream().anyMatch(link::touches));
    missing.keySet().forEach(name -> links.add(new Linked(name, List.of(), "", true, false)));
    return links;
  }

  /** The flags that links were asked for with, by the names of their devices. */
  private static Map<String, Long> asked(List<Event> events) {
    Map<String, Long> asked = new HashMap<>();
    for (Event event : events) {
      if (event instanceof Event.Called called
          && called.event().equals("linking")
          && FLAGS_WORD.matcher(called.argument("flags")).matches()) {
        asked.merge(
            key(called.argument("supplier"), called.argument("name")),
            Long.decode(called.argument("flags")),
            (some, more) -> some | more);
      }
    }
    return asked;
  }

  private static String key(String supplier, String consumer) {
    return supplier + "--" + consumer;
  }

  private static List<String> flags(long word) {
    List<String> flags = new ArrayList<>();
    for (int bit = 0; bit < FLAGS.size(); bit++) {
      if ((word >> bit & 1) != 0) {
        flags.add(FLAGS.get(bit));
      }
    }
    return flags;
  }

  /** {@code device_links_driver_bound()} and its like: as drivers are bound. */
  private static String state(Link link, List<String> flags, Map<String, Device> devices) {
    Device consumer = devices.get(link.consumer());
    Device supplier = devices.get(link.supplier());
    if (flags.contains(STATELESS) || consumer == null) {
      return "";
    }
    if (consumer.bound()) {
      return "active";
    }
    return supplier == null ? "" : supplier.bound() ? "available" : "dormant";
  }
}
