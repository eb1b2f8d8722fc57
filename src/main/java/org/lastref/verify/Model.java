package org.lastref.verify;

import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.lastref.machine.Machine;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.Observed;
import org.lastref.trace.Trace;

/** Which parts of a trace are steps of which machine. */
public interface Model {

  /**
   * A part of a trace and the machine that has to explain it.
   *
   * @param what the part's name: the overlay that is removed, or the exercise
   * @param title what is followed, for messages
   * @param machine the same object for the same machine, so that it is worked out once
   * @param oneOff whether the machine is of this part alone, and not worth remembering
   * @param observed the steps that show
   * @param reports the nodes that the kernel reports in it, where the machine has reports
   * @param unbinding how long unbinding devices by hand took in it, in microseconds
   * @param end the index of the event after its last
   */
  record Passage(
      String what,
      String title,
      Machine machine,
      boolean oneOff,
      List<Observed> observed,
      SortedSet<String> reports,
      long unbinding,
      int end) {

    public Passage {
      observed = List.copyOf(observed);
      reports = new TreeSet<>(reports);
    }
  }

  /**
   * What may come of a part.
   *
   * @param what as in {@link Passage}
   * @param title what is said of it before what may come of it
   */
  record Part(String what, String title, Machine machine) {}

  /** No machine. */
  static Model none(Map<String, AppliedOverlay> applied) {
    return new Model() {
      @Override
      public List<Passage> passages(Trace trace, Supplier<Map<Integer, String>> paths) {
        return List.of();
      }

      @Override
      public List<Part> parts() {
        return List.of();
      }

      @Override
      public Map<String, AppliedOverlay> applied() {
        return applied;
      }
    };
  }

  /**
   * The parts of a trace, in their order.
   *
   * @param paths the paths of the nodes that events are about, by the index of the event
   */
  List<Passage> passages(Trace trace, Supplier<Map<Integer, String>> paths);

  /** All that there may be, whatever a trace has of it. */
  List<Part> parts();

  /**
   * What overlays put into the kernel, by name, the first applied first; none where references are
   * not kept account of.
   */
  default Map<String, AppliedOverlay> applied() {
    return Map.of();
  }

  /** Whether a part is the trace from its beginning to its end. */
  default boolean isWhole() {
    return false;
  }
}
