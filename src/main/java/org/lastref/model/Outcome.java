package org.lastref.model;

import java.util.Comparator;
import java.util.SortedSet;
import java.util.StringJoiner;
import java.util.TreeSet;

/**
 * A way in which all may end.
 *
 * @param reported the paths of the nodes that the kernel reports as leaked
 * @param wrong what happened that no kernel may do
 * @param stuck the agents that wait for what never comes
 */
public record Outcome(SortedSet<String> reported, SortedSet<String> wrong, SortedSet<String> stuck)
    implements Comparable<Outcome> {

  /** How good an end is; any that is not known is {@link #FORBIDDEN}. */
  public enum Grade {
    /** No node is reported, and every reference was given back. */
    ACCEPTABLE,
    /** Nodes are reported: a kernel of this policy may do so, and breaks the promise. */
    INTERESTING,
    /** A deadlock, or what no kernel may do. */
    FORBIDDEN
  }

  private static final Comparator<Outcome> ORDER =
      Comparator.comparing(Outcome::grade)
          .thenComparing(outcome -> outcome.reported.size())
          .thenComparing(Outcome::toString);

  public Outcome {
    reported = new TreeSet<>(reported);
    wrong = new TreeSet<>(wrong);
    stuck = new TreeSet<>(stuck);
  }

  /** How good it is. */
  public Grade grade() {
    if (!wrong.isEmpty() || !stuck.isEmpty()) {
      return Grade.FORBIDDEN;
    }
    return reported.isEmpty() ? Grade.ACCEPTABLE : Grade.INTERESTING;
  }

  /** The best first. */
  @Override
  public int compareTo(Outcome other) {
    return ORDER.compare(this, other);
  }

  /** In words, such as {@code clean} or {@code reports /lr-osc}. */
  @Override
  public String toString() {
    StringJoiner words = new StringJoiner("; ");
    if (!reported.isEmpty()) {
      words.add("reports " + String.join(" ", reported));
    }
    wrong.forEach(words::add);
    stuck.forEach(agent -> words.add("deadlock: " + agent + " never goes on"));
    return words.length() == 0 ? "clean" : words.toString();
  }
}
