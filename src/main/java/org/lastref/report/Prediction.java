package org.lastref.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.lastref.machine.Engine.Taken;
import org.lastref.machine.Exploration;
import org.lastref.machine.Label;
import org.lastref.machine.Machine;
import org.lastref.machine.Outcome;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.Phase;
import org.lastref.model.Policy;
import org.lastref.model.Refcounts;
import org.lastref.model.Situation;
import org.lastref.model.Way;

/**
 * What the model says of one overlay's removal under one policy in one situation, as {@code predict
 * --json} prints it.
 *
 * @param configuration of what
 * @param nodes the nodes in the changeset, in its order
 * @param devices those made for them, in the order of their creation
 * @param links those that stay once every driver that can has bound
 * @param dropped the links made on the way and gone by then
 * @param search how the answer was found
 * @param outcomes every way in which it may end, the best first
 * @param phases the counts of every node over time; empty in a matrix
 */
public record Prediction(
    Configuration configuration,
    List<NodeOf> nodes,
    List<DeviceOf> devices,
    List<LinkOf> links,
    List<LinkOf> dropped,
    Search search,
    List<End> outcomes,
    List<Phase> phases) {

  /**
   * What was asked.
   *
   * @param onBoard whether a board's kernel can be switched to it
   */
  public record Configuration(
      String overlay,
      String release,
      String fix,
      String grace,
      boolean delayed,
      String situation,
      boolean onBoard) {

    static Configuration of(String overlay, Policy policy, Situation situation) {
      return new Configuration(
          overlay,
          policy.release().toString(),
          policy.fix().toString(),
          policy.grace().toString(),
          policy.delayed(),
          situation.toString(),
          policy.fix().isOnBoard());
    }

    @Override
    public String toString() {
      return "%s  release=%s fix=%s grace=%s%s situation=%s%s"
          .formatted(
              overlay,
              release,
              fix,
              grace,
              delayed ? " delayed" : "",
              situation,
              onBoard ? "" : "  (on no board)");
    }
  }

  /** A node with the references that are held on it, in the order in which they are taken. */
  public record NodeOf(String path, boolean added, List<Refcounts.Hold> holds) {}

  /** A device, its node and whether a driver that Lastref knows binds to it. */
  public record DeviceOf(String name, String path, boolean bound) {}

  /** A device link by the names of its devices. */
  public record LinkOf(String supplier, String consumer) {
    @Override
    public String toString() {
      return supplier + "--" + consumer;
    }
  }

  /**
   * How the answer was found.
   *
   * @param complete false if the search was given up at its memory bound: then outcomes may lack
   * @param depth how many steps the longest of the shortest ways has
   * @param repeated whether it is that of an earlier configuration, whose machine is the same
   */
  public record Search(
      boolean complete,
      int states,
      long transitions,
      int depth,
      @JsonProperty("took_s") Duration took,
      boolean repeated) {}

  /**
   * A way in which it may end.
   *
   * @param grade acceptable, interesting or forbidden
   * @param words as a person reads it
   * @param decisive the index in {@code way} of the step that decides it, or -1
   * @param because why that one; empty in a matrix
   * @param way a shortest one; empty in a matrix
   */
  public record End(
      String grade,
      String words,
      SortedSet<String> reported,
      SortedSet<String> wrong,
      SortedSet<String> stuck,
      int decisive,
      String because,
      List<Move> way) {}

  /**
   * A step of a way.
   *
   * @param does the call, or what happens
   * @param visible whether it shows in a trace
   * @param where the kernel function that does it
   */
  public record Move(String agent, String does, boolean visible, String where) {

    static Move of(Taken taken) {
      Label label = taken.step().label();
      return new Move(
          taken.agent().name(),
          label == null ? taken.step().does() : label.call(),
          label != null,
          taken.step().where());
    }
  }

  /**
   * Writes down what a search found.
   *
   * @param ways whether to tell the ways and the phases too
   */
  public static Prediction of(
      String overlay,
      AppliedOverlay population,
      Policy policy,
      Situation situation,
      Machine machine,
      Exploration found,
      boolean ways) {
    var ends = new ArrayList<End>();
    for (var outcome : found.outcomes()) {
      ends.add(ways ? end(Way.to(outcome, found, machine)) : end(outcome, -1, "", List.of()));
    }
    return new Prediction(
        Configuration.of(overlay, policy, situation),
        population.nodes().stream()
            .map(n -> new NodeOf(n.path(), n.added(), holds(n, population)))
            .toList(),
        population.devices().stream()
            .map(d -> new DeviceOf(d.name(), d.path(), d.bound()))
            .toList(),
        links(population.links()),
        links(population.dropped()),
        new Search(
            found.complete(),
            found.states(),
            found.transitions(),
            found.depth(),
            found.took(),
            false),
        ends,
        ways ? Phase.of(found, machine, population) : List.of());
  }

  /** The same of another policy whose machine is the same. */
  public Prediction as(Policy policy, Situation situation) {
    var again =
        new Search(
            search.complete(),
            search.states(),
            search.transitions(),
            search.depth(),
            Duration.ZERO,
            true);
    return new Prediction(
        Configuration.of(configuration.overlay(), policy, situation),
        nodes,
        devices,
        links,
        dropped,
        again,
        outcomes,
        phases);
  }

  private static List<Refcounts.Hold> holds(
      AppliedOverlay.ChangedNode node, AppliedOverlay population) {
    return Refcounts.of(node, population).stream()
        .map(h -> new Refcounts.Hold(h.holder(), h.getBy(), inOrder(h.putBy())))
        .toList();
  }

  private static Set<String> inOrder(Collection<String> names) {
    return new TreeSet<>(names);
  }

  private static List<LinkOf> links(List<AppliedOverlay.Link> links) {
    return links.stream().map(l -> new LinkOf(l.supplier(), l.consumer())).toList();
  }

  private static End end(Way way) {
    return end(
        way.outcome(), way.decisive(), way.because(), way.steps().stream().map(Move::of).toList());
  }

  private static End end(Outcome outcome, int decisive, String because, List<Move> way) {
    return new End(
        outcome.grade().name().toLowerCase(Locale.ROOT),
        outcome.toString(),
        outcome.reported(),
        outcome.wrong(),
        outcome.stuck(),
        decisive,
        because,
        way);
  }
}
