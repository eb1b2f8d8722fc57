package org.lastref.verify;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lastref.model.Policy;
import org.lastref.model.Policy.Fix;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Point;
import org.lastref.trace.Trace;

/**
 * Which of some policies a kernel could have of which that is not known: one cycle after the other
 * rules some out. Used by one thread.
 */
public final class PolicyInference {

  private final Map<Policy, Verifier> left = new LinkedHashMap<>();

  /** Whether there is a device whose links can be waited for. */
  private final boolean devices;

  /**
   * Lines policies up.
   *
   * @param removal what is done; its own policy is not looked at
   */
  public PolicyInference(OverlayRemoval removal, Collection<Policy> policies) {
    policies.forEach(each -> left.put(each, new Verifier(removal.under(each).exercise())));
    devices = removal.applied().values().stream().anyMatch(each -> !each.devices().isEmpty());
  }

  /** Rules out those whose model does not explain a cycle. */
  public void see(Trace trace) {
    if (devices) {
      calls(Fix.SRCU_BARRIER, Point.BARRIER, trace);
      calls(Fix.WAIT_REMOVAL, Point.WAIT, trace);
    }
    left.values().removeIf(verifier -> !verifier.conforms(trace));
  }

  /** A fix that is a call shows by that call, whatever comes of it. */
  private void calls(Fix fix, Point call, Trace trace) {
    for (Event event : trace.events()) {
      if (event instanceof Event.Reached reached && reached.point() == call) {
        return;
      }
    }
    left.keySet().removeIf(policy -> policy.fix() == fix);
  }

  /** Those that explain all cycles seen, in the order in which they were given. */
  public List<Policy> left() {
    return List.copyOf(left.keySet());
  }
}
