package org.lastref.machine;

import java.util.Comparator;
import java.util.SortedSet;
import java.util.StringJoiner;
import java.util.TreeSet;

/**
 * A way in which all may end.
 *
 * @param reported what is told of as lost
 * @param broken which other promises it breaks, a sentence each
 * @param wrong what happened that may never happen
 * @param stuck the agents that wait for what never comes
 */
public record Outcome(
    SortedSet<String> reported,
    SortedSet<String> broken,
    SortedSet<String> wrong,
    SortedSet<String> stuck)
    implements Comparable<Outcome> {

  /** How good an end is; any that is not known is {@link #FORBIDDEN}. */
  public enum Grade {
    /** Every promise is kept. */
    ACCEPTABLE,
    /** A promise is broken, in a way that is known. */
    INTERESTING,
    /** A deadlock, or what may never happen. */
    FORBIDDEN
  }

  private static final Comparator<Outcome> ORDER =
      Comparator.comparing(Outcome::grade)
          .thenComparing(outcome -> outcome.reported.size() + outcome.broken.size())
          .thenComparing(Outcome::toString);

  public Outcome {
    reported = new TreeSet<>(reported);
    broken = new TreeSet<>(broken);
    wrong = new TreeSet<>(wrong);
    stuck = new TreeSet<>(stuck);
  }

  /** How good it is. */
  public Grade grade() {
    if (!wrong.isEmpty() || !stuck.isEmpty()) {
      return Grade.FORBIDDEN;
    }
    return reported.isEmpty() && broken.isEmpty() ? Grade.ACCEPTABLE : Grade.INTERESTING;
  }

  /** An end without anything in it yet. */
  public static Outcome none() {
    return new Outcome(new TreeSet<>(), new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
  }

  /** What tells this end from others: the nodes reported, and the promises broken. */
  public SortedSet<String> shown() {
    SortedSet<String> shown = new TreeSet<>(reported);
    shown.addAll(broken);
    return shown;
  }

  /** Adds something that happened. */
  public void add(Machine.Fact fact) {
    (switch (fact.kind()) {
          case REPORT -> reported;
          case BREACH -> broken;
          case WRONG -> wrong;
        })
        .add(fact.what());
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
    broken.forEach(words::add);
    wrong.forEach(words::add);
    stuck.forEach(agent -> words.add("deadlock: " + agent + " never goes on"));
    return words.length() == 0 ? "clean" : words.toString();
  }
}
