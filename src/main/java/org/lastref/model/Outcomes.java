package org.lastref.model;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.lastref.model.Removal.State;
import org.lastref.model.Removal.Step;

/**
 * Every way in which a removal can end.
 *
 * @param reported for each possible end, the paths of the nodes that the kernel reports as leaked;
 *     the empty set is the clean end
 * @param states how many distinct states there are
 * @param complete false if the search was given up at its bound: then {@code reported} may lack
 *     some
 */
public record Outcomes(Set<Set<String>> reported, int states, boolean complete) {

  /** States are some hundred bytes each; this many fit into the heap that the launcher asks for. */
  private static final int MAX_STATES = 2_000_000;

  public Outcomes {
    reported = Set.copyOf(reported);
  }

  /** Searches all interleavings, breadth first. */
  public static Outcomes of(Removal removal) {
    Set<State> known = new HashSet<>();
    Deque<State> open = new ArrayDeque<>();
    Set<Set<String>> reported = new LinkedHashSet<>();
    known.add(removal.initial());
    open.add(removal.initial());
    while (!open.isEmpty() && known.size() < MAX_STATES) {
      State state = open.poll();
      if (removal.isFinal(state)) {
        reported.add(removal.reported(state));
      }
      for (Step step : removal.steps(state)) {
        if (known.add(step.next())) {
          open.add(step.next());
        }
      }
    }
    return new Outcomes(reported, known.size(), open.isEmpty());
  }

  /** Whether every possible end is clean. */
  public boolean alwaysClean() {
    return complete && reported.equals(Set.of(Set.of()));
  }

  /** Whether no possible end is clean. */
  public boolean neverClean() {
    return complete && !reported.contains(Set.<String>of());
  }

  /** In words, such as {@code 16 possible outcomes, 13370 states}. */
  public String describe() {
    String which = alwaysClean() ? " (always clean)" : neverClean() ? " (never clean)" : "";
    return complete
        ? "%d possible outcomes%s, %d states".formatted(reported.size(), which, states)
        : "at least %d possible outcomes, search given up at %d states"
            .formatted(reported.size(), states);
  }
}
