package org.lastref.verify;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import org.lastref.klog.Sign;
import org.lastref.model.Label;
import org.lastref.model.Population;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Trace;
import org.lastref.verify.Conformance.Divergence;

/** One trace, held against the model from every side. */
final class Judgement {

  private static final int NOWHERE = -1;

  private final Verifier verifier;
  private final Scenario scenario;
  private final Trace trace;
  private final List<Finding> findings = new ArrayList<>();
  private final boolean all;
  private final List<Divergence> divergences = new ArrayList<>();
  private final SortedSet<String> reported = new TreeSet<>();
  private final SortedSet<String> reportedLate = new TreeSet<>();
  private final SortedSet<String> broken = new TreeSet<>();

  /** The events that are steps of the model. */
  private final BitSet explained = new BitSet();

  private final List<Seen> seen = new ArrayList<>();
  private final Names names = new Names();
  private final Windows windows;
  private final Ledger ledger;

  /** For each reference to a node, the node's path; filled as the ledger goes. */
  private final Map<Integer, String> paths = new HashMap<>();

  private Judgement(Verifier verifier, Trace trace, boolean all) {
    this.verifier = verifier;
    this.trace = trace;
    this.all = all;
    scenario = verifier.scenario();
    windows = new Windows(trace);
    ledger = new Ledger(scenario, trace, windows, this::found);
  }

  /** Finds everything. */
  static Judgement of(Verifier verifier, Trace trace) {
    Judgement judgement = new Judgement(verifier, trace, true);
    judgement.judge();
    judgement.findings.sort(Comparator.comparingInt(Finding::event));
    return judgement;
  }

  /** Whether there is nothing to find; stops at the first difference. */
  static boolean conforms(Verifier verifier, Trace trace) {
    try {
      new Judgement(verifier, trace, false).judge();
      return true;
    } catch (Differs e) {
      return false;
    }
  }

  /** There is a difference, and that was the question. */
  private static final class Differs extends RuntimeException {
    private static final long serialVersionUID = 1;

    Differs() {
      super("differs", null, false, false);
    }
  }

  private void judge() {
    StepResults.check(scenario.steps(), trace, this::found);
    account();
    removals();
    log();
  }

  private void found(Finding finding) {
    if (!all) {
      throw new Differs();
    }
    findings.add(finding);
  }

  Verdict verdict() {
    return new Verdict(findings, reported, broken, seen, trace.events().size());
  }

  /** Where the model ceases to explain a removal, for each that it does not explain. */
  List<Divergence> divergences() {
    return divergences;
  }

  /** Every reference is accounted for. */
  private void account() {
    for (Event event : trace.events()) {
      if (event instanceof Event.Step step && !step.end()) {
        if (step.step().startsWith("apply=")) {
          Population population = scenario.populations().get(argument(step));
          if (population != null) {
            names.applying(population);
          }
        } else if (step.step().startsWith("remove=") || step.step().startsWith(Scenario.UNBIND)) {
          ledger.applied(step.at().index());
        }
      } else if (event instanceof Reference reference) {
        String name = reference.name();
        if (reference.kind() == Kind.NODE) {
          name = names.path(reference);
          paths.put(reference.at().index(), name);
        }
        ledger.book(reference, name);
      }
    }
    ledger.end();
  }

  /**
   * Each removal that was not refused goes one of the model's ways, from the first unbinding on.
   */
  private void removals() {
    List<Event> events = trace.events();
    int unbinding = NOWHERE;
    for (int i = 0; i < events.size(); i++) {
      if (unbinding == NOWHERE
          && events.get(i) instanceof Event.Step step
          && step.step().startsWith(Scenario.UNBIND)) {
        unbinding = i;
      }
      if (events.get(i) instanceof Event.Step step
          && !step.end()
          && step.step().startsWith("remove=")) {
        int end = i + 1;
        boolean done = false;
        while (end < events.size() && !beginsChange(events.get(end))) {
          done |=
              events.get(end) instanceof Event.Step last
                  && last.end()
                  && last.step().equals(step.step())
                  && last.result().equals("removed");
          end++;
        }
        Population population = scenario.populations().get(argument(step));
        if (done && population != null) {
          int from = unbinding == NOWHERE ? i : unbinding;
          removal(argument(step), population, events.subList(from, end), end);
        }
        unbinding = NOWHERE;
      }
    }
  }

  private static boolean beginsChange(Event event) {
    return event instanceof Event.Step step
        && !step.end()
        && (step.step().startsWith("apply=")
            || step.step().startsWith("remove=")
            || step.step().startsWith(Scenario.UNBIND));
  }

  private void removal(String overlay, Population population, List<Event> events, int end) {
    List<Observed> observed =
        Labelling.of(events, population, put -> paths.getOrDefault(put.at().index(), put.name()));
    Map<String, Long> due =
        scenario.policy().delayed() ? DelayedReleases.due(events, population) : Map.of();
    Beliefs beliefs = verifier.beliefs(population, due, Haste.made(events));
    Conformance.Result result = Conformance.follow(beliefs, windows, observed);
    SortedSet<String> here = new TreeSet<>();
    if (result.divergence().isEmpty()) {
      observed.forEach(each -> explained.set(each.at().index()));
      here.addAll(result.last().broken());
    }
    broken.addAll(here);
    seen.add(seen(overlay, observed, here, events));
    result
        .divergence()
        .ifPresent(
            divergence -> {
              divergences.add(divergence);
              found(divergence.finding("the removal", end));
            });
  }

  private static Seen seen(
      String overlay, List<Observed> observed, Set<String> broken, List<Event> events) {
    SortedSet<String> reports = new TreeSet<>(broken);
    Set<Label> steps = new LinkedHashSet<>();
    for (Observed each : observed) {
      steps.add(each.label());
      if (each.label().act() == Label.Act.REPORT_NODE) {
        reports.add(each.label().object());
      }
    }
    return new Seen(overlay, reports, steps, Unbinding.micros(events));
  }

  /** The log says what the model says, and nothing worse. */
  private void log() {
    for (Event event : trace.events()) {
      if (event instanceof Event.Logged logged) {
        Matcher report = Sign.NODE_LEAK.matcher(logged.text());
        Matcher late = Sign.LATE_NODE_LEAK.matcher(logged.text());
        if (report.find()) {
          reported.add(report.group(1));
        } else if (late.find()) {
          reportedLate.add(late.group(1));
        } else if (!explained.get(logged.at().index()) && Sign.ofKernel(logged.text())) {
          found(
              new Finding(
                  Finding.Type.LOG,
                  logged.at().index(),
                  "the kernel's log",
                  logged.text(),
                  "no such line"));
        }
      }
    }
    if (!reported.equals(reportedLate)) {
      found(
          new Finding(
              Finding.Type.LOG,
              trace.events().size(),
              "the kernel's log",
              "late report of " + reportedLate,
              "late report of what was reported before, " + reported));
    }
  }

  private static String argument(Event.Step step) {
    return step.step().substring(step.step().indexOf('=') + 1);
  }
}
