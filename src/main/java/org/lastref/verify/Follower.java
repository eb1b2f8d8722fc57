package org.lastref.verify;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.lastref.model.Removal;
import org.lastref.model.Removal.Label;
import org.lastref.model.Removal.State;
import org.lastref.model.Removal.Step;
import org.lastref.trace.Event.At;

/**
 * Follows one removal through the model: keeps every state that explains the events so far, hidden
 * steps included.
 */
final class Follower {

  /** An event as a step of the model. */
  record Observed(Label label, At at) {}

  private final Removal removal;
  private final Windows windows;
  private final Consumer<Finding> findings;

  Follower(Removal removal, Windows windows, Consumer<Finding> findings) {
    this.removal = removal;
    this.windows = windows;
    this.findings = findings;
  }

  /**
   * Follows the events of a removal from its beginning until all links let go.
   *
   * @param end the index of the first event after them
   * @return whether the model has a way that shows exactly these events
   */
  boolean follow(List<Observed> observed, int end) {
    Set<State> states = closed(Set.of(removal.initial()));
    List<Observed> rest = new ArrayList<>(observed);
    while (!rest.isEmpty()) {
      Observed event = rest.remove(0);
      Set<State> next = after(states, event.label());
      if (next.isEmpty()
          && !rest.isEmpty()
          && windows.mayHappenAfter(event.at(), rest.get(0).at())) {
        // Events of two tasks may be in the other order than what they announce.
        Observed earlier = rest.remove(0);
        rest.add(0, event);
        event = earlier;
        next = after(states, event.label());
      }
      if (next.isEmpty()) {
        findings.accept(
            new Finding(
                Finding.Type.ORDER,
                event.at().index(),
                event.label().object(),
                event.label().toString(),
                enabled(states)));
        return false;
      }
      states = next;
    }
    if (states.stream().noneMatch(removal::isFinal)) {
      findings.accept(
          new Finding(Finding.Type.ORDER, end, "the removal", "nothing further", enabled(states)));
      return false;
    }
    return true;
  }

  private Set<State> after(Set<State> states, Label label) {
    Set<State> next = new HashSet<>();
    for (State state : states) {
      for (Step step : removal.steps(state)) {
        if (step.label().equals(Optional.of(label))) {
          next.add(step.next());
        }
      }
    }
    return closed(next);
  }

  private Set<State> closed(Set<State> states) {
    Set<State> closed = new HashSet<>(states);
    Deque<State> open = new ArrayDeque<>(states);
    while (!open.isEmpty()) {
      for (Step step : removal.steps(open.remove())) {
        if (step.label().isEmpty() && closed.add(step.next())) {
          open.add(step.next());
        }
      }
    }
    return closed;
  }

  private String enabled(Set<State> states) {
    Set<String> labels = new LinkedHashSet<>();
    for (State state : states) {
      for (Step step : removal.steps(state)) {
        step.label().ifPresent(label -> labels.add(label.toString()));
      }
    }
    return labels.isEmpty() ? "nothing more" : labels.stream().collect(Collectors.joining(", or "));
  }
}
