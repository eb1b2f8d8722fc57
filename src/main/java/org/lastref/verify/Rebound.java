package org.lastref.verify;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Event.Subject;
import org.lastref.trace.Trace;
import org.lastref.trace.Verb;

/**
 * What had a driver when it was first taken away has one again when it was applied, or bound, for
 * the last time.
 */
final class Rebound {

  static final Check CHECK = Rebound::check;

  /** The names of devices that have drivers, by their nodes. */
  private final Map<String, String> bound = new TreeMap<>();

  private final Map<String, String> nodes = new HashMap<>();

  private Rebound() {}

  private static void check(Examination examination) {
    Trace trace = examination.trace();
    int last = lastMade(trace);
    Rebound now = new Rebound();
    Set<String> first = new TreeSet<>();
    boolean taken = false;
    for (Event event : trace.events()) {
      if (event instanceof Event.Step step && step.takesAway()) {
        if (!taken) {
          first.addAll(now.bound.keySet());
          taken = true;
        }
        if (event.at().index() > last) {
          break;
        }
      }
      now.see(event);
    }
    first.removeAll(now.bound.keySet());
    for (String node : first) {
      examination.found(
          new Finding(
              Finding.Type.APPLY,
              trace.events().size(),
              node,
              "did not probe again",
              "a driver is bound to it, as before"));
    }
  }

  /** The end of the last step that applies or binds anything. */
  private static int lastMade(Trace trace) {
    int last = 0;
    for (Event event : trace.events()) {
      if (event instanceof Event.Step step
          && step.end()
          && (step.is(Verb.APPLY) || step.is(Verb.BIND))) {
        last = event.at().index();
      }
    }
    return last;
  }

  private void see(Event event) {
    if (event instanceof Reference reference) {
      Subject subject = reference.subject();
      boolean device = subject.kind() == Kind.DEVICE || subject.kind() == Kind.OTHER_DEVICE;
      if (device && !subject.path().isEmpty() && !subject.bus().startsWith("class/")) {
        nodes.put(subject.name(), subject.path());
      }
    } else if (event instanceof Event.Called called) {
      String name = called.argument("name");
      String node = nodes.getOrDefault(name, "");
      if (called.event().equals("bound") && !node.isEmpty()) {
        bound.put(node, name);
      } else if (called.event().equals("unbinding")) {
        bound.values().remove(name);
      }
    }
  }
}
