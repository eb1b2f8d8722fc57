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

  /** How many events back one is looked for that may have taken effect later. */
  private static final int LOOK_BACK = 16;

  /** An event and the states before it. */
  private record Followed(Observed event, Set<State> before) {}

  /**
   * Follows the events of a removal from its beginning until all links let go.
   *
   * @param end the index of the first event after them
   * @return whether the model has a way that shows exactly these events
   */
  boolean follow(List<Observed> observed, int end) {
    Set<State> states = closed(Set.of(removal.initial()));
    List<Followed> followed = new ArrayList<>();
    for (Observed event : observed) {
      Set<State> next = after(states, event.label());
      if (next.isEmpty()) {
        next = reordered(followed, event);
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
      followed.add(new Followed(event, states));
      states = next;
    }
    if (states.stream().noneMatch(removal::isFinal)) {
      findings.accept(
          new Finding(Finding.Type.ORDER, end, "the removal", "nothing further", enabled(states)));
      return false;
    }
    return true;
  }

  /**
   * The states after an event that fits nowhere as it stands, if an earlier event of another task
   * may have taken effect only after it; empty if there is none.
   */
  private Set<State> reordered(List<Followed> followed, Observed event) {
    for (int i = followed.size() - 1; i >= Math.max(0, followed.size() - LOOK_BACK); i--) {
      Observed moved = followed.get(i).event();
      if (!windows.mayHappenAfter(moved.at(), event.at())) {
        continue;
      }
      Set<State> states = followed.get(i).before();
      for (Followed between : followed.subList(i + 1, followed.size())) {
        states = after(states, between.event().label());
      }
      states = after(after(states, event.label()), moved.label());
      if (!states.isEmpty()) {
        return states;
      }
    }
    return Set.of();
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
