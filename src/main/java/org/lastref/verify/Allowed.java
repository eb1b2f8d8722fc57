package org.lastref.verify;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.lastref.machine.Agent;
import org.lastref.machine.Exploration;
import org.lastref.machine.Exploration.Band;
import org.lastref.machine.Machine;
import org.lastref.machine.Variable;
import org.lastref.model.Phase;
import org.lastref.model.Refcounts;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;
import org.lastref.verify.Beliefs.Belief;
import org.lastref.verify.Conformance.Followed;
import org.lastref.verify.Model.Passage;

/**
 * What a model allows of a count, whatever the others do, while its remover stands where a trace
 * shows it to stand.
 *
 * @param kind of the object
 * @param object a node's path, or a device's name
 * @param spans in their order; none where nothing is modelled, and none beyond what the model
 *     explains
 */
public record Allowed(Kind kind, String object, List<Span> spans) {

  /**
   * A part of a trace.
   *
   * @param from the event with which it begins
   * @param to the event before which it ends
   * @param low the lowest count that the kernel may show
   * @param high the highest
   */
  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  public record Span(int from, int to, int low, int high) {}

  /** More than a drawing shows: of a trace of very many lookups none are kept. */
  private static final int MAX_SPANS = 500;

  public Allowed {
    spans = List.copyOf(spans);
  }

  /**
   * @param searched all that a machine can do
   */
  static List<Allowed> of(Examination examination, Function<Machine, Exploration> searched) {
    List<Allowed> allowed = new ArrayList<>();
    for (Passage passage : examination.passages()) {
      Exploration found = passage.oneOff() ? null : searched.apply(passage.machine());
      if (found != null && found.complete()) {
        new Reading(examination, passage).of(found, allowed);
      }
    }
    return allowed;
  }

  /** What a passage shows. */
  private static final class Reading {
    private final Examination examination;
    private final Passage passage;
    private final Beliefs beliefs;
    private final List<Followed> followed;
    private final Agent remover;

    /** Where the remover may stand before each event, and behind the last. */
    private final List<BitSet> positions = new ArrayList<>();

    /** The events that are steps of the model; what others take and give back it does not count. */
    private final BitSet steps = new BitSet();

    private final int end;

    Reading(Examination examination, Passage passage) {
      this.examination = examination;
      this.passage = passage;
      beliefs = examination.beliefs(passage);
      remover = Phase.remover(passage.machine());
      Conformance.Result result =
          Conformance.follow(beliefs, examination.order(), passage.observed());
      followed = result.followed();
      for (Followed each : followed) {
        positions.add(positions(each.before()));
        steps.set(each.event().at().index());
      }
      positions.add(positions(result.last()));
      end =
          result
              .divergence()
              .flatMap(Conformance.Divergence::unexplained)
              .map(each -> each.at().index())
              .orElse(passage.end());
    }

    private BitSet positions(Belief belief) {
      BitSet positions = new BitSet();
      for (Beliefs.State state : belief.states()) {
        positions.set(beliefs.engine().value(state.words(), remover.position()));
      }
      return positions;
    }

    void of(Exploration found, List<Allowed> allowed) {
      Set<String> done = new HashSet<>();
      for (Followed each : followed) {
        String object = each.event().label().object();
        Optional<Variable> counted = Refcounts.in(passage.machine(), object);
        if (counted.isPresent()
            && examination.trace().events().get(each.event().at().index())
                instanceof Reference reference
            && done.add(object)) {
          int more = reference.count() - modelled(each.before(), counted.get());
          for (int i = begin(); i < reference.at().index(); i++) {
            more -= other(i, reference.kind(), object);
          }
          List<Span> spans =
              spans(reference.kind(), object, found.bands(remover, counted.get()), more);
          if (spans.size() <= MAX_SPANS) {
            allowed.add(new Allowed(reference.kind(), object, spans));
          }
        }
      }
    }

    private int begin() {
      return followed.get(0).event().at().index();
    }

    /** Since each change of it shows, it is the same in all that is believed. */
    private int modelled(Belief belief, Variable counted) {
      return beliefs.engine().value(belief.states().iterator().next().words(), counted);
    }

    /**
     * @param begin what the kernel counts at the beginning and the model does not
     */
    private List<Span> spans(Kind kind, String object, List<Band> bands, int begin) {
      List<Span> spans = new ArrayList<>();
      int more = begin;
      int from = begin();
      for (int i = 1; i <= followed.size(); i++) {
        int to = i < followed.size() ? followed.get(i).event().at().index() : end;
        Band band = positions.get(i).stream().mapToObj(bands::get).reduce(Reading::both).get();
        while (from < to) {
          int until = from + 1;
          while (until < to && other(until, kind, object) == 0) {
            until++;
          }
          add(spans, new Span(from, until, band.low() + more, band.high() + more));
          more += until < to ? other(until, kind, object) : 0;
          from = until;
        }
      }
      return spans;
    }

    /** By how much an event that is no step changes an object's count. */
    private int other(int index, Kind kind, String object) {
      if (steps.get(index)
          || !(examination.trace().events().get(index) instanceof Reference reference)
          || reference.kind() != kind) {
        return 0;
      }
      String name =
          reference.kind() == Kind.NODE
              ? examination.paths().getOrDefault(index, reference.name())
              : reference.name();
      return name.equals(object) ? reference.direction() == Direction.GET ? 1 : -1 : 0;
    }

    private static Band both(Band one, Band other) {
      return new Band(Math.min(one.low(), other.low()), Math.max(one.high(), other.high()));
    }

    private static void add(List<Span> spans, Span next) {
      Span last = spans.isEmpty() ? null : spans.get(spans.size() - 1);
      if (last != null && last.low() == next.low() && last.high() == next.high()) {
        spans.set(spans.size() - 1, new Span(last.from(), next.to(), last.low(), last.high()));
      } else {
        spans.add(next);
      }
    }
  }
}
