package org.lastref.verify;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lastref.model.AppliedOverlay;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Kind;

/**
 * When each delayed release of a removal is due: {@code CONFIG_DEBUG_KOBJECT_RELEASE} logs the
 * delay that it drew, in jiffies, {@code kobject_release()} of lib/kobject.c, Linux 6.1.
 */
final class DelayedReleases {

  /** A jiffy of our kernels, in microseconds: CONFIG_HZ_100 in harness/kernel/6.1/config. */
  private static final long JIFFY = 10_000;

  private static final Pattern DELAYED =
      Pattern.compile(
          "kobject: '([^']*)' \\(([0-9a-f]{16})\\): kobject_release, .*\\(delayed (\\d{1,9})\\)");

  private DelayedReleases() {}

  /** By the names of devices and links, in microseconds of the kernel's clock. */
  static Map<String, Long> due(List<Event> events, AppliedOverlay applied) {
    Set<String> links = new HashSet<>();
    applied.links().forEach(link -> links.add(link.name()));
    Set<Long> devices = new HashSet<>();
    for (Event event : events) {
      if (event instanceof Event.Reference reference && reference.kind() == Kind.DEVICE) {
        devices.add(reference.object());
      }
    }
    Map<String, Long> due = new HashMap<>();
    for (Event event : events) {
      if (event instanceof Event.Logged logged) {
        Matcher delayed = DELAYED.matcher(logged.text());
        if (delayed.find()) {
          String name = delayed.group(1);
          // A device and its node have one name.
          if (links.contains(name)
              || devices.contains(Long.parseUnsignedLong(delayed.group(2), 16))) {
            due.put(name, logged.at().micros() + JIFFY * Long.parseLong(delayed.group(3)));
          }
        }
      }
    }
    return due;
  }
}
