package org.lastref.verify;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Event.Subject;
import org.lastref.trace.Trace;
import org.lastref.verify.Holding.State;

/** Findings that speak of holders where these are known. */
final class Held {
  private Held() {}

  /** Nothing was given back that nobody had taken. For traces in the order of the operations. */
  static void check(Examination examination) {
    Trace trace = examination.trace();
    examination.holdings().stream()
        .filter(holding -> holding.state() == State.EARLY)
        .forEach(holding -> examination.found(finding(holding, trace.events().size())));
  }

  /**
   * The findings, but of an object of which it is known who holds it, that alone is told, and not
   * what else does not add up because of it.
   *
   * @param end the number of events
   */
  static List<Finding> told(List<Finding> findings, List<Holding> holdings, int end) {
    List<Holding> wrong =
        holdings.stream().filter(holding -> holding.state() != State.LATE).toList();
    boolean unbalanced = findings.stream().anyMatch(each -> each.type() == Finding.Type.BALANCE);
    if (!unbalanced || wrong.isEmpty()) {
      return findings;
    }
    Set<String> explained = new HashSet<>();
    for (Holding holding : wrong) {
      explained.addAll(names(holding.subject()));
      holding.consequences().forEach(each -> explained.addAll(names(each)));
    }
    List<Finding> told = new ArrayList<>();
    findings.stream()
        .filter(each -> each.type() != Finding.Type.BALANCE || !explained.contains(each.object()))
        .forEach(told::add);
    wrong.stream()
        .filter(each -> told.stream().noneMatch(finding(each, end)::equals))
        .forEach(each -> told.add(finding(each, end)));
    told.sort(Comparator.comparing((Finding each) -> each.type() != Finding.Type.BALANCE));
    return told;
  }

  private static List<String> names(Subject subject) {
    String what = subject.kind() == Kind.NODE ? "node " : "device ";
    return List.of(subject.name(), subject.path(), what + subject.name());
  }

  private static Finding finding(Holding holding, int end) {
    Reference event = holding.event();
    boolean many = holding.state() == State.TOO_MANY || holding.state() == State.EARLY;
    String who = event == null ? "one that it had before" : event.describe(holding.function());
    return new Finding(
        Finding.Type.BALANCE,
        many && event != null ? event.at().index() : end,
        holding.what(),
        many
            ? who + (holding.state() == State.EARLY ? ", too early" : ", one too many")
            : who
                + (event == null ? "" : " (event %d)".formatted(event.at().index()))
                + " was never given back",
        many ? "a put by who holds a reference" : "a put by who took it");
  }
}
