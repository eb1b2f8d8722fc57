package org.lastref.verify;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.lastref.machine.Agent;
import org.lastref.machine.Condition;
import org.lastref.machine.Engine;
import org.lastref.machine.Label;
import org.lastref.machine.Step;
import org.lastref.machine.Variable;
import org.lastref.model.Observed;
import org.lastref.trace.Trace;
import org.lastref.verify.Beliefs.Belief;
import org.lastref.verify.Beliefs.Move;
import org.lastref.verify.Beliefs.State;
import org.lastref.verify.Explanation.AgentView;
import org.lastref.verify.Explanation.Consistency;
import org.lastref.verify.Explanation.Done;
import org.lastref.verify.Explanation.Value;

/** Explains a verdict. */
public final class Explainer {

  private Explainer() {}

  /**
   * Explains what became of a trace.
   *
   * @param exercise what was done, under the policy or variant that is claimed
   * @param others the same under each policy or variant that it could be of, by their words
   * @param budget how many events may be judged in the search for a repair; a million take about a
   *     second
   */
  public static Explanation explain(
      Exercise exercise, Map<String, Exercise> others, Trace trace, long budget) {
    Verifier verifier = new Verifier(exercise);
    Examination examined = verifier.examined(trace);
    Verdict verdict = examined.verdict();
    boolean isWhole = exercise.model().isWhole();
    Repairs.Found repairs = Repairs.of(verifier, examined, budget);
    List<Consistency> consistencies = new ArrayList<>();
    others.forEach(
        (name, other) ->
            consistencies.add(consistency(name, Verifier.judge(other, trace).findings())));
    return new Explanation(
        trace.name(),
        exercise.under(),
        verdict.findings(),
        verdict.holdings(),
        verdict.kept(),
        isWhole ? List.copyOf(verdict.broken()) : List.of(),
        isWhole ? seen(examined) : List.of(),
        examined.divergences().stream()
            .findFirst()
            .map(each -> divergence(each, trace))
            .orElse(null),
        repairs.likeliest(),
        repairs.complete(),
        consistencies);
  }

  private static List<Explanation.Done> seen(Examination examined) {
    return examined.passages().stream()
        .flatMap(passage -> passage.observed().stream())
        .map(Explainer::done)
        .toList();
  }

  private static Explanation.Done done(Observed seen) {
    return new Explanation.Done(
        seen.at().index(), seen.at().micros(), "" + seen.label().doer(), seen.label().call());
  }

  private static Consistency consistency(String policy, List<Finding> findings) {
    return new Consistency(
        policy,
        findings.stream()
            .min(Comparator.comparing(finding -> finding.type() != Finding.Type.ORDER))
            .map(Finding::sentence)
            .orElse(""));
  }

  /** That of some exercises whose model explains most of a trace. */
  public static Exercise nearest(Collection<Exercise> exercises, Trace trace) {
    return exercises.stream()
        .max(Comparator.comparingInt(each -> explained(each, trace)))
        .orElseThrow();
  }

  private static int explained(Exercise exercise, Trace trace) {
    return Verifier.judge(exercise, trace).findings().stream()
        .mapToInt(Finding::event)
        .min()
        .orElse(Integer.MAX_VALUE);
  }

  private static Explanation.Divergence divergence(Conformance.Divergence divergence, Trace trace) {
    Engine engine = divergence.beliefs().engine();
    Optional<Observed> event = divergence.unexplained();
    Optional<Label> label = event.map(Observed::label);
    State state = nearest(engine, divergence.last(), label);
    List<AgentView> agents = new ArrayList<>();
    for (Agent agent : engine.machine().agents()) {
      agents.addAll(view(engine, state, agent));
    }
    List<Value> values = new ArrayList<>();
    List<Variable> positions = engine.machine().agents().stream().map(Agent::position).toList();
    for (Variable variable : engine.machine().variables()) {
      if (!positions.contains(variable)) {
        values.add(new Value(variable.name(), engine.value(state.words(), variable)));
      }
    }
    List<Done> before = way(divergence, state);
    return new Explanation.Divergence(
        event.map(each -> each.at().index()).orElse(trace.events().size()),
        label.map(Label::toString).orElse("nothing further"),
        because(engine, state, label, agents, before),
        agents,
        values,
        divergence.last().states().size(),
        before);
  }

  /** The state that comes nearest to explaining the event. */
  private static State nearest(Engine engine, Belief belief, Optional<Label> label) {
    return belief.states().stream()
        .min(
            Comparator.comparingInt(
                state ->
                    label
                        .flatMap(
                            each ->
                                nearestStep(engine, state, each)
                                    .map(taken -> distance(engine, state, taken, each)))
                        .orElse(0)))
        .orElseThrow();
  }

  /** The same act on the same object; who does it may differ. */
  private static boolean shows(Step step, Label label) {
    Label shown = step.label();
    return shown != null
        && shown.act().equals(label.act())
        && shown.object().equals(label.object());
  }

  private static List<String> falseOf(Engine engine, State state, Step step) {
    List<String> isFalse = new ArrayList<>();
    for (Condition condition : step.guard()) {
      int value = engine.value(state.words(), condition.variable());
      if (!condition.allows(value)) {
        isFalse.add(condition.text() + " (" + actual(engine, condition.variable(), value) + ")");
      }
    }
    return isFalse;
  }

  /** What a variable is; an agent's position is told by what the agent does next. */
  private static String actual(Engine engine, Variable variable, int value) {
    for (Agent agent : engine.machine().agents()) {
      if (agent.position().equals(variable)) {
        return agent.steps().stream()
            .filter(step -> step.from() == value)
            .findFirst()
            .map(step -> "it is about to " + step.does())
            .orElse("it is done");
      }
    }
    return "it is " + value;
  }

  private static List<AgentView> view(Engine engine, State state, Agent agent) {
    int position = engine.value(state.words(), agent.position());
    List<AgentView> views = new ArrayList<>();
    for (Step step : agent.steps()) {
      if (step.from() == position) {
        List<String> isFalse = falseOf(engine, state, step);
        AgentView view = new AgentView(agent.name(), step.does() + " in " + step.where(), isFalse);
        // Of two ways to do the same, the possible one says enough.
        boolean said = views.stream().anyMatch(other -> other.step().equals(view.step()));
        if (isFalse.isEmpty()) {
          views.removeIf(other -> other.step().equals(view.step()));
          views.add(0, view);
        } else if (!said) {
          views.add(view);
        }
      }
    }
    return views.isEmpty() ? List.of(new AgentView(agent.name(), "done", List.of())) : views;
  }

  private static String because(
      Engine engine,
      State state,
      Optional<Label> label,
      List<AgentView> agents,
      List<Done> before) {
    if (label.isEmpty()) {
      List<String> open =
          agents.stream()
              .filter(view -> !view.step().equals("done") && view.isFalse().isEmpty())
              .map(view -> view.agent() + " has yet to " + view.step())
              .toList();
      return open.isEmpty() ? "somebody waits for what never comes" : String.join("; ", open);
    }
    Optional<Engine.Taken> nearest = nearestStep(engine, state, label.get());
    if (nearest.isEmpty()) {
      return "no agent ever does this";
    }
    Agent agent = nearest.get().agent();
    Step step = nearest.get().step();
    int position = engine.value(state.words(), agent.position());
    if (step.from() == position) {
      List<String> isFalse = falseOf(engine, state, step);
      Label shown = step.label();
      return isFalse.isEmpty() && shown != null
          ? "in the model it is done by " + shown.doer()
          : "%s cannot do it: it is false that %s"
              .formatted(agent.name(), String.join(" and ", isFalse));
    }
    if (step.from() < position) {
      boolean done =
          before.stream()
              .anyMatch(
                  each -> each.agent().equals(agent.name()) && each.step().equals(step.does()));
      return done
          ? agent.name() + " has done it before"
          : agent.name() + " went another way, on which it does not do this";
    }
    AgentView next = view(engine, state, agent).get(0);
    return "%s, who does it, has first: %s%s"
        .formatted(
            agent.name(),
            next.step(),
            next.isFalse().isEmpty()
                ? ""
                : ", where it is false that " + String.join(" and ", next.isFalse()));
  }

  /** The step that would show as the label and that least keeps from being taken. */
  private static Optional<Engine.Taken> nearestStep(Engine engine, State state, Label label) {
    return engine.machine().agents().stream()
        .flatMap(
            agent ->
                agent.steps().stream()
                    .filter(step -> shows(step, label))
                    .map(step -> new Engine.Taken(agent, step)))
        .min(Comparator.comparingInt(taken -> distance(engine, state, taken, label)));
  }

  /** Far is a step of another's, then one that is over, then one yet to come, step by step. */
  private static int distance(Engine engine, State state, Engine.Taken taken, Label label) {
    int position = engine.value(state.words(), taken.agent().position());
    int steps = taken.step().from() - position;
    int far = Math.abs(steps) * 100 + falseOf(engine, state, taken.step()).size();
    Label shown = taken.step().label();
    boolean other = shown != null && !shown.doer().equals(label.doer());
    return far + (steps < 0 ? 100_000 : 0) + (other ? 1_000_000 : 0);
  }

  /** How a state was come by. */
  private record Origin(State before, Move move, @Nullable Observed event) {}

  /** The steps of a way that shows the events, to the given state. */
  private static List<Done> way(Conformance.Divergence divergence, State to) {
    Beliefs beliefs = divergence.beliefs();
    List<Map<State, Origin>> levels = new ArrayList<>();
    Set<State> now = Set.of(new State(beliefs.engine().initial()));
    for (int i = 0; i <= divergence.followed().size(); i++) {
      Map<State, Origin> hidden = new HashMap<>();
      Deque<State> open = new ArrayDeque<>(now);
      List<State> closed = new ArrayList<>(now);
      while (!open.isEmpty()) {
        State state = open.remove();
        for (Move move : beliefs.moves(state)) {
          if (move.taken().step().label() == null
              && !now.contains(move.to())
              && hidden.putIfAbsent(move.to(), new Origin(state, move, null)) == null) {
            open.add(move.to());
            closed.add(move.to());
          }
        }
      }
      levels.add(hidden);
      if (i < divergence.followed().size()) {
        Observed event = divergence.followed().get(i).event();
        Map<State, Origin> shown = new HashMap<>();
        for (State state : closed) {
          for (Move move : beliefs.moves(state)) {
            if (event.label().equals(move.taken().step().label())) {
              shown.putIfAbsent(move.to(), new Origin(state, move, event));
            }
          }
        }
        levels.add(shown);
        now = Set.copyOf(shown.keySet());
      }
    }
    return back(levels, to);
  }

  private static List<Done> back(List<Map<State, Origin>> levels, State to) {
    Deque<Done> way = new ArrayDeque<>();
    State state = to;
    for (int level = levels.size() - 1; level >= 0; level--) {
      Origin origin = levels.get(level).get(state);
      while (origin != null) {
        Engine.Taken taken = origin.move().taken();
        Observed event = origin.event();
        way.addFirst(
            new Done(
                event == null ? -1 : event.at().index(),
                event == null ? -1 : event.at().micros(),
                taken.agent().name(),
                taken.step().does()));
        state = origin.before();
        // A visible step is one a level; hidden ones may follow each other.
        origin = event == null ? levels.get(level).get(state) : null;
      }
    }
    return List.copyOf(way);
  }
}
