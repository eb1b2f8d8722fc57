package org.lastref.verify;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.lastref.machine.Label;
import org.lastref.model.KernelAct;
import org.lastref.model.Observed;
import org.lastref.verify.Beliefs.Belief;
import org.lastref.verify.Model.Passage;

/** Follows the steps that a part of a trace shows through its machine, from beginning to end. */
final class Conformance {

  /** How many events back one is looked for that may have taken effect later. */
  private static final int LOOK_BACK = 16;

  private final Beliefs beliefs;
  private final EventOrder order;

  /** The events in an order that the model explains, each with what was believed before it. */
  private final List<Followed> followed = new ArrayList<>();

  private Belief belief;

  /** An event and what was believed before it. */
  record Followed(Observed event, Belief before) {}

  /**
   * How far the model explains the events.
   *
   * @param beliefs of the machine
   * @param followed those that it explains, in an order in which it does
   * @param last what is believed after them
   * @param unexplained the first that nothing explains; empty if it is the end that comes too early
   */
  record Divergence(
      Beliefs beliefs, List<Followed> followed, Belief last, Optional<Observed> unexplained) {

    /** The labels that could have come instead. */
    Set<Label> possible() {
      Set<Label> labels = new LinkedHashSet<>();
      for (Beliefs.State state : last.states()) {
        for (Beliefs.Move move : beliefs.moves(state)) {
          Label label = move.taken().step().label();
          if (label != null) {
            labels.add(label);
          }
        }
      }
      return labels;
    }

    /**
     * As a difference.
     *
     * @param what was followed
     * @param end the index of the event after its last
     */
    Finding finding(String what, int end) {
      List<String> labels = possible().stream().map(Label::toString).toList();
      String allowed = labels.isEmpty() ? "nothing more" : String.join(", or ", labels);
      return new Finding(
          Finding.Type.ORDER,
          unexplained.map(each -> each.at().index()).orElse(end),
          unexplained.map(each -> each.label().object()).orElse(what),
          unexplained.map(each -> each.label().toString()).orElse("nothing further"),
          allowed);
    }
  }

  /** Each part of a trace is a way of its machine. */
  static void check(Examination examination) {
    for (Passage passage : examination.passages()) {
      Result result = follow(examination.beliefs(passage), examination.order(), passage.observed());
      boolean conforms = result.divergence().isEmpty();
      SortedSet<String> broken = conforms ? result.last().broken() : new TreeSet<>();
      SortedSet<String> shown = new TreeSet<>(passage.reports());
      shown.addAll(broken);
      Set<Label> steps = new LinkedHashSet<>();
      passage.observed().forEach(each -> steps.add(each.label()));
      if (conforms || examination.exercise().model().isWhole()) {
        passage.observed().forEach(each -> examination.isStep(each.at().index()));
      }
      examination.followed(
          new Seen(passage.what(), shown, steps, passage.unbinding()),
          broken,
          result.divergence().orElse(null));
      result
          .divergence()
          .ifPresent(each -> examination.found(each.finding(passage.title(), passage.end())));
    }
  }

  private Conformance(Beliefs beliefs, EventOrder order) {
    this.beliefs = beliefs;
    this.order = order;
    belief = beliefs.initial();
  }

  /**
   * What became of following events.
   *
   * @param followed those that the model explains, in an order in which it does
   * @param last what is believed after them
   * @param divergence empty if the model has a way that shows exactly these
   */
  record Result(List<Followed> followed, Belief last, Optional<Divergence> divergence) {}

  /** Follows the events, from the beginning to the end of it all. */
  static Result follow(Beliefs beliefs, EventOrder order, List<Observed> observed) {
    Conformance conformance = new Conformance(beliefs, order);
    for (Observed event : observed) {
      if (!conformance.explains(event)) {
        return conformance.result(Optional.of(conformance.divergence(Optional.of(event))));
      }
    }
    return conformance.result(
        conformance.belief.mayBeOver()
            ? Optional.empty()
            : Optional.of(conformance.divergence(Optional.empty())));
  }

  private Result result(Optional<Divergence> divergence) {
    return new Result(List.copyOf(followed), belief, divergence);
  }

  private Divergence divergence(Optional<Observed> unexplained) {
    return new Divergence(beliefs, List.copyOf(followed), belief, unexplained);
  }

  private boolean explains(Observed event) {
    Belief next = belief.after(event.label());
    if (next.isEmpty()) {
      return explainsReordered(event) || explainsEarlier(event);
    }
    followed.add(new Followed(event, belief));
    belief = next;
    return true;
  }

  /**
   * An event that fits nowhere as it stands fits if an earlier one of another task may have taken
   * effect only after it.
   */
  private boolean explainsReordered(Observed event) {
    for (int i = followed.size() - 1; i >= Math.max(0, followed.size() - LOOK_BACK); i--) {
      Observed moved = followed.get(i).event();
      if (!order.mayHappenAfter(moved.at(), event.at())) {
        continue;
      }
      List<Observed> reordered = new ArrayList<>();
      followed.subList(i + 1, followed.size()).forEach(between -> reordered.add(between.event()));
      reordered.add(event);
      reordered.add(moved);
      if (refollow(i, reordered)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The kernel reads a node's count before it writes what it read into its log, and may be
   * interrupted in between: what other tasks did meanwhile may come after the reading.
   */
  private boolean explainsEarlier(Observed event) {
    if (!(event.label().act() instanceof KernelAct act && act.isToldLate())) {
      return false;
    }
    for (int i = followed.size() - 1; i >= Math.max(0, followed.size() - LOOK_BACK); i--) {
      if (followed.get(i).event().at().task().equals(event.at().task())) {
        return false;
      }
      List<Observed> reordered = new ArrayList<>();
      reordered.add(event);
      followed.subList(i, followed.size()).forEach(later -> reordered.add(later.event()));
      if (refollow(i, reordered)) {
        return true;
      }
    }
    return false;
  }

  private boolean refollow(int from, List<Observed> reordered) {
    List<Followed> again = new ArrayList<>();
    Belief now = followed.get(from).before();
    for (Observed event : reordered) {
      again.add(new Followed(event, now));
      now = now.after(event.label());
    }
    if (now.isEmpty()) {
      return false;
    }
    followed.subList(from, followed.size()).clear();
    followed.addAll(again);
    belief = now;
    return true;
  }
}
