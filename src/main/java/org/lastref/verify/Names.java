package org.lastref.verify;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.AppliedOverlay.ChangedNode;
import org.lastref.model.Refcounts;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Trace;
import org.lastref.trace.Verb;

/**
 * Tells which node of the overlay an event is about. A trace of before version 2 has only a node's
 * name, which need not be unique, and its address, which may be used again; but a changeset is
 * built in a known order, so the next unknown address that enters it is the next node.
 */
final class Names {

  private Names() {}

  /**
   * The paths of the nodes that events are about, by the index of the event.
   *
   * @param applied what overlays put into the kernel, by name
   */
  static Map<Integer, String> paths(Trace trace, Map<String, AppliedOverlay> applied) {
    Names names = new Names();
    Map<Integer, String> paths = new HashMap<>();
    for (Event event : trace.events()) {
      if (event instanceof Event.Step step && step.begins(Verb.APPLY)) {
        AppliedOverlay overlay = applied.get(step.argument());
        if (overlay != null) {
          names.applying(overlay);
        }
      } else if (event instanceof Reference reference && reference.kind() == Kind.NODE) {
        String path = reference.subject().path();
        paths.put(reference.at().index(), path.isEmpty() ? names.path(reference) : path);
      }
    }
    return paths;
  }

  private final Map<Long, String> pathByObject = new HashMap<>();
  private final Map<String, String> changedByName = new HashMap<>();
  private Deque<ChangedNode> expected = new ArrayDeque<>();

  /** An overlay is about to be applied. */
  private void applying(AppliedOverlay applied) {
    expected = new ArrayDeque<>();
    for (ChangedNode node : applied.nodes()) {
      if (node.added()) {
        expected.add(node);
      } else {
        changedByName.put(node.name(), node.path());
      }
    }
  }

  /** The path of the node that an event is about, or its bare name for one outside of the model. */
  private String path(Reference event) {
    ChangedNode next = expected.peek();
    if (next != null && next.name().equals(event.name()) && isNew(event)) {
      expected.remove();
      pathByObject.put(event.object(), next.path());
    }
    String known = pathByObject.get(event.object());
    if (event.direction() == Event.Direction.PUT && event.count() == 1) {
      pathByObject.remove(event.object());
    }
    return known != null ? known : changedByName.getOrDefault(event.name(), event.name());
  }

  private boolean isNew(Reference event) {
    boolean enters =
        event.direction() == Event.Direction.GET
            && event.count() == 1
            && Refcounts.ENTRY.isTakenBy(event.chain());
    return enters
        || (!pathByObject.containsKey(event.object()) && !changedByName.containsKey(event.name()));
  }
}
