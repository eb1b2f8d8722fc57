package org.lastref.verify;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Function;
import org.lastref.machine.Engine;
import org.lastref.machine.Exploration;
import org.lastref.machine.Machine;
import org.lastref.trace.Trace;
import org.lastref.trace.Watching;

/**
 * Judges traces of one exercise. Remembers of the model what it worked out, so that one verifier
 * for many traces is faster than one for each. Used by one thread.
 */
public final class Verifier {

  /** More than the machines of a stack of overlays; beyond, each is a trace's own. */
  private static final int MAX_REMEMBERED = 32;

  /** So many traces in which all came back tell enough of who gives back what. */
  private static final int MAX_TRACES = 2;

  private final Exercise exercise;
  private final List<Trace> whole = new ArrayList<>();
  private final IdentityHashMap<Machine, Beliefs> beliefs = new IdentityHashMap<>();

  /** Prepares to judge. */
  public Verifier(Exercise exercise) {
    this.exercise = exercise;
  }

  /** Judges one trace with a verifier of its own. */
  public static Verdict judge(Exercise exercise, Trace trace) {
    return new Verifier(exercise).judge(trace);
  }

  /**
   * Judges one trace.
   *
   * @param trace all of it, from before the first step until all is over
   */
  public Verdict judge(Trace trace) {
    return examined(trace).verdict();
  }

  /** Whether there is nothing to find; stops at the first difference. */
  public boolean conforms(Trace trace) {
    try {
      new Examination(this, trace, false).done();
      return true;
    } catch (Examination.Differs e) {
      return false;
    }
  }

  /** Finds everything. */
  Examination examined(Trace trace) {
    return new Examination(this, trace, true).done();
  }

  /**
   * What the model allows of each count, as far as it explains the trace.
   *
   * @param searched all that a machine can do
   */
  public List<Allowed> allowed(Trace trace, Function<Machine, Exploration> searched) {
    return Allowed.of(new Examination(this, trace, true), searched);
  }

  /** Takes note of a trace in which nothing was wrong. */
  void remember(Trace trace) {
    if (whole.size() < MAX_TRACES && !trace.watching().equals(Watching.TEXT)) {
      whole.add(trace);
    }
  }

  /** Some traces in which nothing was wrong. */
  List<Trace> remembered() {
    return whole;
  }

  Exercise exercise() {
    return exercise;
  }

  Beliefs beliefs(Machine machine) {
    if (beliefs.size() >= MAX_REMEMBERED && !beliefs.containsKey(machine)) {
      beliefs.clear();
    }
    return beliefs.computeIfAbsent(machine, each -> new Beliefs(new Engine(each)));
  }
}
