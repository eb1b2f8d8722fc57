package org.lastref.verify;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.lastref.machine.Engine;
import org.lastref.trace.Trace;
import org.lastref.trace.Watching;
import org.lastref.verify.Conformance.Divergence;
import org.lastref.verify.Model.Passage;

/** A trace that is being looked at, and what was found. Each check adds its part. */
public final class Examination {

  private final Verifier verifier;
  private final Trace trace;
  private final boolean all;
  private final EventOrder order;
  private final List<Finding> findings = new ArrayList<>();
  private final List<Divergence> divergences = new ArrayList<>();
  private final SortedSet<String> reported = new TreeSet<>();
  private final SortedSet<String> broken = new TreeSet<>();
  private final List<Seen> seen = new ArrayList<>();

  /** The events that are steps of the model. */
  private final BitSet steps = new BitSet();

  private final Optional<Standing> standing;
  private @Nullable List<Holding> holdings;
  private @Nullable List<Passage> passages;
  private @Nullable Map<Integer, String> paths;

  /**
   * @param all whether to find everything; else the first finding is the last
   */
  Examination(Verifier verifier, Trace trace, boolean all) {
    this.verifier = verifier;
    this.trace = trace;
    this.all = all;
    order = new EventOrder(trace);
    standing = Standing.in(trace);
  }

  /** There is a finding, and that was the question. */
  static final class Differs extends RuntimeException {
    private static final long serialVersionUID = 1;

    Differs() {
      super("differs", null, false, false);
    }
  }

  /** Asks everything that the exercise has to be asked. */
  Examination done() {
    if (standing.isPresent()) {
      found(standing.get().finding());
      return this;
    }
    exercise().checks().forEach(check -> check.of(this));
    findings.sort(Comparator.comparingInt(Finding::event));
    return this;
  }

  /** The trace. */
  Trace trace() {
    return trace;
  }

  /** What it is held against. */
  Exercise exercise() {
    return verifier.exercise();
  }

  /** What can be said of the order of its events. */
  EventOrder order() {
    return order;
  }

  /** What can be believed of a part's machine. */
  Beliefs beliefs(Passage passage) {
    return passage.oneOff()
        ? new Beliefs(new Engine(passage.machine()))
        : verifier.beliefs(passage.machine());
  }

  /** The parts that are steps of machines. */
  List<Passage> passages() {
    if (passages == null) {
      passages = exercise().model().passages(trace, this::paths);
    }
    return passages;
  }

  /** The paths of the nodes that events are about, by the index of the event. */
  Map<Integer, String> paths() {
    if (paths == null) {
      paths = Names.paths(trace, exercise().model().applied());
    }
    return paths;
  }

  void found(Finding finding) {
    if (!all) {
      throw new Differs();
    }
    findings.add(finding);
  }

  /** A step of a model is shown by an event. */
  void isStep(int event) {
    steps.set(event);
  }

  boolean isAStep(int event) {
    return steps.get(event);
  }

  /** What was seen of a part, and where its machine ceases to explain it, if it does. */
  void followed(Seen part, SortedSet<String> breaks, @Nullable Divergence divergence) {
    seen.add(part);
    broken.addAll(breaks);
    if (divergence != null) {
      divergences.add(divergence);
    }
  }

  /** The kernel reported a node as leaked. */
  void reported(String path) {
    reported.add(path);
  }

  /** The nodes that the kernel reported so far. */
  SortedSet<String> reported() {
    return Collections.unmodifiableSortedSet(reported);
  }

  /** Where a machine ceases to explain a part, for each that it does not explain. */
  List<Divergence> divergences() {
    return Collections.unmodifiableList(divergences);
  }

  /** What was found by all checks. */
  Verdict verdict() {
    boolean whole = findings.isEmpty() && reported.isEmpty();
    if (whole) {
      verifier.remember(trace);
    }
    List<Holding> holdings = whole ? List.of() : holdings();
    return new Verdict(
        standing.isPresent() ? findings : Held.told(findings, holdings, trace.events().size()),
        reported,
        broken,
        seen,
        holdings,
        findings.isEmpty() ? List.of() : KeptModule.in(trace),
        trace.events().size());
  }

  /** Whose the references are that are out; nothing where chains of callers are not known. */
  List<Holding> holdings() {
    if (holdings == null) {
      holdings =
          trace.watching().equals(Watching.TEXT)
              ? List.of()
              : Holders.of(trace, exercise().model().applied(), verifier.remembered());
      List<Holding> all = holdings;
      holdings = standing.map(each -> each.holders(all)).orElse(all);
    }
    return holdings;
  }
}
