package org.lastref.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.lastref.report.Prediction.Move;
import org.lastref.verify.Explanation;
import org.lastref.verify.Explanation.AgentView;
import org.lastref.verify.Explanation.Consistency;
import org.lastref.verify.Explanation.Divergence;
import org.lastref.verify.Explanation.Done;
import org.lastref.verify.Finding;
import org.lastref.verify.Holding;
import org.lastref.verify.KeptModule;
import org.lastref.verify.Repair;

/** An {@link Explanation} for a terminal, or as JSON. */
public final class ExplanationText {

  private static final int COLUMNS = 160;
  private static final int MAX_FINDINGS = 10;

  /** How many steps before the first unexplained event are shown. */
  private static final int BEFORE = 16;

  /** How many steps of an exercise are shown, the last ones. */
  private static final int MAX_SEEN = 60;

  private final StringBuilder out = new StringBuilder();

  private ExplanationText() {}

  /** All of it as JSON. */
  public static String json(Explanation explanation) {
    return Json.text(explanation);
  }

  /** All of it as text, ending in a newline. */
  public static String of(Explanation explanation) {
    var text = new ExplanationText();
    text.findings(explanation);
    text.holdings(explanation.holdings());
    text.kept(explanation.kept());
    if (explanation.divergence() != null) {
      text.divergence(explanation.divergence());
    } else if (!explanation.seen().isEmpty()) {
      text.seen(explanation.seen());
    }
    text.repairs(explanation);
    text.policies(explanation.policies());
    return text.out.toString();
  }

  private void line(String words) {
    TextTable.line(out, Text.line(words));
  }

  private void findings(Explanation of) {
    if (of.findings().isEmpty()) {
      boolean kept = of.broken().isEmpty();
      line(
          "%s conforms to the model of %s%s"
              .formatted(of.name(), of.policy(), kept ? "" : ", which breaks a promise:"));
      of.broken().forEach(each -> line("  " + each));
      line("");
      return;
    }
    line("%s differs from the model of %s:".formatted(of.name(), of.policy()));
    List<Finding> findings = of.findings();
    findings.stream().limit(MAX_FINDINGS).forEach(finding -> line("  " + finding.sentence()));
    if (findings.size() > MAX_FINDINGS) {
      line("  and %d more".formatted(findings.size() - MAX_FINDINGS));
    }
    line("");
  }

  private void holdings(List<Holding> holdings) {
    if (!holdings.isEmpty()) {
      HolderText.lines(holdings).forEach(this::line);
      line("");
    }
  }

  private void kept(List<KeptModule> kept) {
    if (!kept.isEmpty()) {
      kept.forEach(each -> line(KeptText.sentence(each)));
      line("");
    }
  }

  private void divergence(Divergence divergence) {
    line(
        "Event %d is the first that nothing explains: %s"
            .formatted(divergence.event(), divergence.seen()));
    line("  because " + divergence.because());
    line("");
    line(
        "What each agent could do instead%s:"
            .formatted(
                divergence.states() == 1
                    ? ""
                    : ", in one of the %d states that explain all before"
                        .formatted(divergence.states())));
    for (AgentView view : divergence.agents()) {
      line("  %s  %s".formatted(Text.padded(view.agent(), 24), view.step()));
      for (String condition : view.isFalse()) {
        line("  %s    but it is false that %s".formatted(" ".repeat(24), condition));
      }
    }
    line("");
    var values = new ArrayList<String>();
    divergence.state().forEach(value -> values.add(value.name() + " " + value.value()));
    line("The state: " + String.join(", ", values));
    line("");
    var before = divergence.before();
    var last = before.subList(Math.max(0, before.size() - BEFORE), before.size());
    line(
        "The last of %d steps before, with the number of the event that shows each:"
            .formatted(before.size()));
    lanes(last);
    line("");
  }

  private void seen(List<Done> seen) {
    int from = Math.max(0, seen.size() - MAX_SEEN);
    line("What was seen, with the number of the event that shows each step:");
    if (from > 0) {
      line("  the first %d steps are left out".formatted(from));
    }
    lanes(seen.subList(from, seen.size()));
    line("");
  }

  private void lanes(List<Done> steps) {
    var moves = new ArrayList<Move>();
    Set<String> agents = new LinkedHashSet<>();
    for (Done done : steps) {
      boolean visible = done.event() >= 0;
      String number = visible ? done.event() + " " : "";
      moves.add(new Move(done.agent(), number + done.step(), visible, ""));
      agents.add(done.agent());
    }
    Lanes.render(out, moves, List.copyOf(agents), -1, COLUMNS);
  }

  private void repairs(Explanation of) {
    if (of.findings().isEmpty()) {
      return;
    }
    if (of.repairs().isEmpty()) {
      line(
          of.repairsSearched()
              ? "No single change makes it conform."
              : "No single change was found that makes it conform; to try all takes too long.");
      lost(of.holdings());
    } else {
      line("It would conform if this one thing were otherwise:");
      for (Repair repair : of.repairs()) {
        line("  " + HolderText.sentence(repair));
      }
    }
    line("");
  }

  /** One lost reference has effects that are more than one change. */
  private void lost(List<Holding> holdings) {
    List<Holding> lost = holdings.stream().filter(Holding::isLost).toList();
    if (!lost.isEmpty()) {
      line("What would have to be otherwise before its effects:");
      lost.stream().limit(MAX_FINDINGS).forEach(each -> line("  " + HolderText.otherwise(each)));
    }
  }

  private void policies(List<Consistency> policies) {
    var could = policies.stream().filter(each -> each.ruledOutBy().isEmpty()).toList();
    if (could.isEmpty()) {
      line("It is of none of the policies that are known.");
    } else {
      line("It could be of a kernel with:");
      could.forEach(each -> line("  " + each.policy()));
    }
    var reasons = new LinkedHashMap<String, List<String>>();
    for (Consistency each : policies) {
      if (!each.ruledOutBy().isEmpty()) {
        reasons.computeIfAbsent(each.ruledOutBy(), key -> new ArrayList<>()).add(each.policy());
      }
    }
    reasons.forEach(
        (reason, ruledOut) -> {
          line("");
          line("Not this, because of " + reason);
          ruledOut.forEach(policy -> line("  " + policy));
        });
  }
}
