package org.lastref.verify;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.AppliedOverlay.Wanting;
import org.lastref.trace.Event;
import org.lastref.trace.Trace;

/**
 * Nothing is left on the board that has the name of a node or device of the overlays: no device,
 * class device, folder in debugfs, memory, interrupt, line. What else came or went meanwhile may
 * have come or gone by itself: the trace alone tells. Of what the kernel itself says that it is
 * gone or leaked, the name does not matter.
 */
record Leftovers(Collection<AppliedOverlay> overlays) implements Check {

  /** gpiolib_seq_show() of drivers/gpio/gpiolib.c says so of what went with a line still taken. */
  private static final String DANGLING = "(dangling chip)";

  /** The agent says so of what kmemleak reports, where a kernel has that. */
  private static final String LEAK = "leak of ";

  /** Names that are shorter are parts of many others. */
  private static final int LEAST = 4;

  @Override
  public void of(Examination examination) {
    List<Event> events = examination.trace().events();
    List<String> left = left(examination.trace()).toList();
    if (left.isEmpty()) {
      return;
    }
    Pattern names = names();
    for (String what : left) {
      if (names.matcher(what).find() || what.endsWith(DANGLING) || what.startsWith(LEAK)) {
        examination.found(
            new Finding(
                Finding.Type.LEFT,
                events.size(),
                what,
                "it is there after the removal",
                "nothing but what was there before"));
      }
    }
  }

  private static Stream<String> left(Trace trace) {
    return trace.events().stream()
        .filter(event -> event instanceof Event.Called each && each.event().equals("left"))
        .map(event -> ((Event.Called) event).argument("what"));
  }

  /** Whether a trace tells itself of the leaks that the kernel's log counts. */
  static boolean tellOfLeaks(Trace trace) {
    return left(trace).anyMatch(what -> what.startsWith(LEAK));
  }

  /** What is called as a device of the overlays, or as a node that a driver is wanted for. */
  private Pattern names() {
    Set<String> names = new TreeSet<>();
    for (AppliedOverlay overlay : overlays) {
      for (Wanting wanting : overlay.wanting()) {
        String name = wanting.name();
        int unit = name.indexOf('@');
        // Some write the address in another way.
        names.add(unit < 0 ? name : name.substring(0, unit + 1));
      }
      overlay.devices().forEach(device -> names.add(device.name()));
    }
    names.removeIf(name -> name.length() < LEAST);
    String any = names.stream().map(Pattern::quote).collect(Collectors.joining("|"));
    // As a word, after what kind of thing it is.
    return Pattern.compile(any.isEmpty() ? "(?!)" : "\\s.*(?<![a-z0-9])(?:" + any + ")(?![a-z])");
  }
}
