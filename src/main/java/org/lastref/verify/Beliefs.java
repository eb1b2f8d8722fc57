package org.lastref.verify;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;
import org.lastref.machine.Engine;
import org.lastref.machine.Label;
import org.lastref.machine.Outcome;

/**
 * What can be known of a machine from what it shows: a belief is the set of all states that explain
 * the labels seen so far, hidden steps included. Beliefs are remembered with what follows them, so
 * that a label seen before in the same place costs one look-up, and a long trace of many cycles
 * takes time in proportion to its length.
 */
final class Beliefs {

  /** Beliefs are forgotten at this many states: traces that share nothing gain nothing. */
  private static final int MAX_REMEMBERED = 500_000;

  /** More states than this explain nothing to anybody. */
  private static final int MAX_STATES = 200_000;

  private int remembering;

  private final Engine engine;
  private final Map<Set<State>, Belief> remembered = new HashMap<>();
  private final long[] next;
  private final int[] numbers;

  Beliefs(Engine engine) {
    this.engine = engine;
    next = new long[engine.maxSteps() * engine.words()];
    numbers = new int[engine.maxSteps()];
  }

  /** A state of the machine. */
  @SuppressWarnings("ArrayRecordComponent") // compared by content
  record State(long[] words) {
    @Override
    public boolean equals(Object other) {
      return other instanceof State state && Arrays.equals(words, state.words);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(words);
    }
  }

  /** A set of states, closed over hidden steps. */
  final class Belief {
    private final Set<State> states;
    private final Map<Label, Belief> after = new HashMap<>();

    private Belief(Set<State> states) {
      this.states = states;
    }

    Set<State> states() {
      return states;
    }

    /** Whether nothing explains what was seen. */
    boolean isEmpty() {
      return states.isEmpty();
    }

    /** What is believed after a further label. */
    Belief after(Label label) {
      return after.computeIfAbsent(label, each -> belief(stepped(states, each)));
    }

    /** The promises that are broken in every state in which all is over. */
    SortedSet<String> broken() {
      @Nullable SortedSet<String> broken = null;
      for (State state : states) {
        if (isOver(state)) {
          SortedSet<String> here = engine.outcome(state.words).broken();
          if (broken == null) {
            broken = here;
          } else {
            broken.retainAll(here);
          }
        }
      }
      return broken == null ? new TreeSet<>() : broken;
    }

    /** Whether all may be over: every agent rests. */
    boolean mayBeOver() {
      return states.stream().anyMatch(this::isOver);
    }

    private boolean isOver(State state) {
      return engine.expand(state.words, 0, next, numbers) == 0
          && engine.outcome(state.words).grade() != Outcome.Grade.FORBIDDEN;
    }
  }

  /** A step that is possible in a state, and the state after it. */
  record Move(Engine.Taken taken, State to) {}

  /** Every step that is possible in a state. */
  List<Move> moves(State state) {
    List<Move> moves = new ArrayList<>();
    int found = engine.expand(state.words, 0, next, numbers);
    for (int i = 0; i < found; i++) {
      moves.add(new Move(engine.step(numbers[i]), after(i)));
    }
    return moves;
  }

  Engine engine() {
    return engine;
  }

  /** Before the first label. */
  Belief initial() {
    return belief(Set.of(new State(engine.initial())));
  }

  private Belief belief(Set<State> states) {
    Set<State> closed = closed(states);
    if (remembering >= MAX_REMEMBERED) {
      remembered.clear();
      remembering = 0;
    }
    remembering += closed.size();
    return remembered.computeIfAbsent(closed, Belief::new);
  }

  private Set<State> stepped(Set<State> states, Label label) {
    Set<State> stepped = new HashSet<>();
    for (State state : states) {
      int found = engine.expand(state.words, 0, next, numbers);
      for (int i = 0; i < found; i++) {
        if (label.equals(engine.step(numbers[i]).step().label())) {
          stepped.add(after(i));
        }
      }
    }
    return stepped;
  }

  private Set<State> closed(Set<State> states) {
    Set<State> closed = new HashSet<>(states);
    Deque<State> open = new ArrayDeque<>(states);
    while (!open.isEmpty()) {
      int found = engine.expand(open.remove().words, 0, next, numbers);
      for (int i = 0; i < found; i++) {
        if (engine.step(numbers[i]).step().label() == null) {
          State state = after(i);
          if (closed.add(state)) {
            open.add(state);
          }
        }
      }
      if (closed.size() > MAX_STATES) {
        throw new LabFault(
            "%s: more than %d states explain the trace up to a point, too many to follow; judge it"
                    .formatted(engine.machine().name(), MAX_STATES)
                + " with --grace any, or take an overlay with fewer links");
      }
    }
    return closed;
  }

  private State after(int step) {
    int words = engine.words();
    return new State(Arrays.copyOfRange(next, step * words, (step + 1) * words));
  }
}
