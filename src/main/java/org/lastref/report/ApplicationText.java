package org.lastref.report;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lastref.verify.Application;
import org.lastref.verify.Application.Placed;
import org.lastref.verify.Application.State;
import org.lastref.verify.Linked;
import org.lastref.verify.References;

/** What came of the application of overlays, in words. */
final class ApplicationText {

  private static final int MOST = 20;

  private ApplicationText() {}

  /**
   * The nodes without a driver.
   *
   * @param expected those of which that was expected, or the others
   */
  static Stream<Placed> without(List<Placed> placed, boolean expected) {
    return placed.stream()
        .filter(each -> each.state() != State.BOUND && each.expected() == expected);
  }

  /** Those of which it was not expected, with what they are compatible with. */
  static String without(Application seen) {
    return named(without(seen.placed(), false));
  }

  /** Those of which it was. */
  static String expected(Application seen) {
    return named(without(seen.placed(), true));
  }

  /** The nodes that have a driver which the model does not know. */
  static String notModelled(Application seen) {
    return named(
        seen.placed().stream().filter(each -> each.state() == State.BOUND && !each.modelled()));
  }

  private static String named(Stream<Placed> nodes) {
    return nodes
        .limit(MOST)
        .map(each -> each.path() + " (" + String.join(", ", each.compatible()) + ")")
        .collect(Collectors.joining(", "));
  }

  /** Both kinds of nodes without a driver, to be added to a sentence. */
  static String notBound(Application seen) {
    String without = without(seen);
    String expected = expected(seen);
    return (without.isEmpty() ? "" : "; not bound: " + without)
        + (expected.isEmpty() ? "" : "; not bound, as expected: " + expected);
  }

  /**
   * Why each of them has none, a line each; of whose drivers the model knows nothing; and what this
   * kernel never frees by its design.
   */
  static String lines(Application seen) {
    String without =
        Stream.of(false, true)
            .flatMap(expected -> without(seen.placed(), expected))
            .limit(MOST)
            .map(each -> line(seen, each))
            .collect(Collectors.joining());
    String unknown = notModelled(seen);
    String kept = seen.kept().stream().limit(MOST).collect(Collectors.joining(", "));
    return without
        + links(seen.links())
        + references(seen.references())
        + (unknown.isEmpty()
            ? ""
            : "the model does not know the driver of "
                + unknown
                + ": what it takes must come back, in whatever order\n")
        + (kept.isEmpty()
            ? ""
            : "no failure: this kernel never frees a property that an overlay puts on a node of the"
                + " base tree: "
                + kept
                + "\n");
  }

  /** What differs from what the devicetree makes expect: a driver may make links of its own. */
  private static String links(List<Linked> links) {
    String more = links(links.stream().filter(each -> each.there() && !each.expected()));
    String missing = links(links.stream().filter(each -> !each.there()));
    return (more.isEmpty() ? "" : "links that the model does not expect: " + more + "\n")
        + (missing.isEmpty()
            ? ""
            : "links that it expects and that were not there: " + missing + "\n");
  }

  private static String links(Stream<Linked> links) {
    return links
        .limit(MOST)
        .map(each -> each.name() + (each.kind().isEmpty() ? "" : " (" + each.kind() + ")"))
        .collect(Collectors.joining(", "));
  }

  /** How many references have their place, and whose have none. */
  private static String references(References seen) {
    if (seen.out() == 0) {
      return "";
    }
    String anywhere =
        seen.anywhere().entrySet().stream()
            .limit(MOST)
            .map(each -> each.getKey() + (each.getValue() > 1 ? " (" + each.getValue() + ")" : ""))
            .collect(Collectors.joining(", "));
    return "of %d references to its nodes that were out when the removal began, %d have their exact place%s%n"
        .formatted(
            seen.out(),
            seen.placed(),
            anywhere.isEmpty()
                ? ""
                : "; others may come back anywhere before the kernel's check: " + anywhere);
  }

  private static String line(Application seen, Placed each) {
    return each.path() + ": " + seen.why(each) + (each.expected() ? ", as expected" : "") + "\n";
  }
}
