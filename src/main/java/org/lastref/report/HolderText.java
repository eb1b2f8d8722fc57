package org.lastref.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.lastref.trace.Chain;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Event.Subject;
import org.lastref.verify.Holding;
import org.lastref.verify.Repair;

/** Who holds what does not come back, in sentences. */
public final class HolderText {
  /** Six are enough to know the way; the trace has them all. */
  private static final int MAX_FUNCTIONS = 6;

  private static final int MAX_HOLDINGS = 10;

  private HolderText() {}

  /** One sentence: what is wrong, and whose doing it is. */
  static String sentence(Holding holding) {
    Reference event = holding.event();
    String who = event == null ? "" : ": " + who(holding, event);
    return what(holding) + who;
  }

  /** What would have to be otherwise, and whose reference that is where it is known. */
  static String sentence(Repair repair) {
    Holding holding = repair.holding();
    return holding == null ? repair.sentence() : repair.sentence() + ": " + wrong(holding);
  }

  /** What would have to be otherwise with a lost reference. */
  static String otherwise(Holding holding) {
    String what =
        switch (holding.state()) {
          case NEVER -> "a put of %s is missing";
          case LATE -> "the put of %s is late";
          case TOO_MANY -> "a put of %s is one too many";
          case EARLY -> "a put of %s is too early";
        };
    return what.formatted(name(holding.subject())) + ": " + wrong(holding);
  }

  private static String wrong(Holding holding) {
    Reference event = holding.event();
    String whose =
        event == null
            ? "one that it had before it was seen first"
            : "the " + doing(holding, event) + ",";
    return likely(holding) + whose + " " + wrong(holding.state());
  }

  private static String wrong(Holding.State state) {
    return switch (state) {
      case NEVER -> "was never given back";
      case LATE -> "came back late";
      case TOO_MANY -> "gave back what nobody had";
      case EARLY -> "came before its get";
    };
  }

  /** All of it, lines without newlines. */
  public static List<String> lines(List<Holding> holdings) {
    List<String> lines = new ArrayList<>();
    holdings.stream().limit(MAX_HOLDINGS).forEach(each -> lines(each, lines));
    if (holdings.size() > MAX_HOLDINGS) {
      lines.add("and %d more references".formatted(holdings.size() - MAX_HOLDINGS));
    }
    return lines;
  }

  private static void lines(Holding holding, List<String> lines) {
    Reference event = holding.event();
    lines.add(what(holding) + ":");
    if (event == null) {
      lines.add("  one that it had before it was seen first");
    } else {
      lines.add("  " + who(holding, event));
      lines.add("    " + way(event.chain()));
    }
    Reference given = holding.given();
    if (given != null) {
      lines.add(
          "  %s by %s, event %d, in %s"
              .formatted(
                  given.direction() == Direction.GET ? "made good by a get" : "put",
                  given.holder(),
                  given.at().index(),
                  given.at().task()));
      lines.add("    " + way(given.chain()));
    }
    if (holding.balanced() > 0 && holding.state() == Holding.State.NEVER) {
      lines.add(
          "  what that function takes comes back in its %d other %s of this trace"
              .formatted(holding.balanced(), holding.balanced() == 1 ? "call" : "calls"));
    }
    if (!holding.consequences().isEmpty()) {
      lines.add(
          "so %s held too"
              .formatted(
                  holding.consequences().stream()
                      .map(each -> name(each) + " was")
                      .collect(Collectors.joining(", "))));
    }
  }

  private static String what(Holding holding) {
    String name = name(holding.subject());
    return switch (holding.state()) {
      case NEVER -> "1 reference to " + name + " is never given back";
      case LATE -> "1 reference to " + name + " came back late";
      case TOO_MANY -> name + " is put once too often";
      case EARLY -> name + " is put before it is got";
    };
  }

  private static String name(Subject subject) {
    String name = subject.name();
    return switch (subject.kind()) {
      case NODE -> "node " + (subject.path().isEmpty() ? name : subject.path());
      case DEVICE -> "device " + name;
      case OTHER_DEVICE ->
          "device %s of %s"
              .formatted(
                  name,
                  subject.bus().startsWith("class/")
                      ? subject.bus().replaceFirst("/", " ")
                      : "bus " + subject.bus());
      case LINK -> "device link " + name;
    };
  }

  /** Whose doing it is, where that is known. */
  static String who(Holding holding) {
    Reference event = holding.event();
    return event == null ? "" : who(holding, event);
  }

  private static String who(Holding holding, Reference event) {
    return likely(holding) + doing(holding, event);
  }

  /** Where it may be another's too. */
  private static String likely(Holding holding) {
    return holding.sure() ? "" : "most likely ";
  }

  private static String doing(Holding holding, Reference event) {
    String driver = holding.driver().isEmpty() ? "" : " (driver " + holding.driver() + ")";
    String behalf =
        holding.device().isEmpty()
            ? ""
            : ", while %s%s was %s".formatted(holding.device(), driver, holding.doing());
    return "%s by %s, event %d%s"
        .formatted(
            event.direction() == Direction.GET ? "get" : "put",
            holding.function(),
            event.at().index(),
            behalf);
  }

  private static String way(Chain chain) {
    List<String> callers = chain.callers();
    String way =
        String.join(" \u2190 ", callers.subList(0, Math.min(MAX_FUNCTIONS, callers.size())));
    return callers.size() > MAX_FUNCTIONS ? way + " \u2190 …" : way;
  }
}
