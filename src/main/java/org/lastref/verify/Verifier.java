package org.lastref.verify;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lastref.model.Policy;
import org.lastref.model.Population;
import org.lastref.model.Refcounts;
import org.lastref.model.Removal;
import org.lastref.model.Removal.Act;
import org.lastref.model.Removal.Label;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Point;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Trace;
import org.lastref.verify.Scenario.ExpectedStep;

/** Judges a trace. */
public final class Verifier {

  /** {@code __of_changeset_entry_destroy()}, drivers/of/dynamic.c. */
  private static final Pattern REPORT =
      Pattern.compile("OF: ERROR: memory leak, expected refcount 1 instead of \\d+, .* (/\\S*)");

  /** {@code of_node_release()}, drivers/of/dynamic.c; two blanks. */
  private static final Pattern LATE_REPORT =
      Pattern.compile("OF: ERROR: memory leak before free overlay changeset,  (/\\S*)");

  /** What no scenario expects in the log. */
  private static final Pattern BROKEN =
      Pattern.compile(
          "OF: ERROR|refcount_t:|WARNING: CPU|BUG:|Oops|Internal error|Unable to handle"
              + "|Kernel panic|Error (applying|reverting) changeset|changeset notifier error"
              + "|suspect devicetree|devicetree state suspect");

  private final Scenario scenario;
  private final Trace trace;
  private final List<Finding> findings = new ArrayList<>();
  private final SortedSet<String> reported = new TreeSet<>();
  private final SortedSet<String> reportedLate = new TreeSet<>();
  private final Names names = new Names();
  private final Windows windows;
  private final Ledger ledger;

  /** For each reference to a node, the node's path; filled as the ledger goes. */
  private final Map<Integer, String> paths = new HashMap<>();

  private Verifier(Scenario scenario, Trace trace) {
    this.scenario = scenario;
    this.trace = trace;
    windows = new Windows(trace);
    ledger = new Ledger(scenario, trace, windows, names, findings::add);
  }

  /**
   * Judges one cycle.
   *
   * @param trace all of it, from before the first step until all links let go
   */
  public static Verdict judge(Scenario scenario, Trace trace) {
    Verifier verifier = new Verifier(scenario, trace);
    verifier.results();
    verifier.account();
    verifier.removals();
    verifier.log();
    verifier.findings.sort(Comparator.comparingInt(Finding::event));
    return new Verdict(verifier.findings, verifier.reported, trace.events().size());
  }

  /** Each step of the scenario ended as it should, and nothing else was done. */
  private void results() {
    List<Event.Step> ends = new ArrayList<>();
    for (Event event : trace.events()) {
      if (event instanceof Event.Step step && step.end()) {
        ends.add(step);
      }
    }
    for (int i = 0; i < Math.max(ends.size(), scenario.steps().size()); i++) {
      String seen = i < ends.size() ? ends.get(i).step() + " " + ends.get(i).result() : "no step";
      int index = i < ends.size() ? ends.get(i).at().index() : trace.events().size();
      ExpectedStep expected =
          i < scenario.steps().size() ? scenario.steps().get(i) : new ExpectedStep("no step", "");
      if (!seen.startsWith((expected.step() + " " + expected.result()).strip())) {
        findings.add(
            new Finding(
                Finding.Type.RESULT,
                index,
                expected.step(),
                seen,
                expected.step() + " " + expected.result()));
      }
    }
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
        } else if (step.step().startsWith("remove=")) {
          ledger.applied(step.at().index());
        }
      } else if (event instanceof Reference reference) {
        if (reference.kind() == Kind.NODE) {
          paths.put(reference.at().index(), names.path(reference));
        }
        ledger.book(reference);
      }
    }
    ledger.end();
  }

  /** Each removal that was not refused goes one of the model's ways. */
  private void removals() {
    List<Event> events = trace.events();
    for (int i = 0; i < events.size(); i++) {
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
          removal(population, events.subList(i, end), end);
        }
      }
    }
  }

  private static boolean beginsChange(Event event) {
    return event instanceof Event.Step step
        && !step.end()
        && (step.step().startsWith("apply=") || step.step().startsWith("remove="));
  }

  /** How each link let go is what the policy says: by whom, that is. */
  private void releases(List<Event> events) {
    Policy policy = scenario.policy();
    String allowed =
        policy.fix() == Policy.Fix.SYNC_OVERLAY
            ? "the remover itself"
            : policy.release() == Policy.Release.CALL_SRCU ? "an SRCU callback" : "a work item";
    String remover = "";
    for (Event event : events) {
      if (event instanceof Event.Reached reached) {
        boolean callback = reached.point() == Point.CALLBACK;
        if (reached.point() == Point.REMOVE) {
          remover = reached.at().task();
        } else if (callback || reached.point() == Point.WORK) {
          boolean itself = reached.at().task().equals(remover);
          String seen =
              callback ? "an SRCU callback" : itself ? "the remover itself" : "a work item";
          if (!seen.equals(allowed)) {
            findings.add(
                new Finding(
                    Finding.Type.ORDER,
                    reached.at().index(),
                    "a device link",
                    "let go by " + seen,
                    "let go by " + allowed));
          }
        }
      }
    }
  }

  private void removal(Population population, List<Event> events, int end) {
    releases(events);
    Set<String> devices = new HashSet<>();
    population.devices().forEach(device -> devices.add(device.name()));
    Set<String> unregistered = new HashSet<>();
    List<Follower.Observed> observed = new ArrayList<>();
    for (Event event : events) {
      if (event instanceof Reference put && put.direction() == Direction.PUT) {
        String object =
            put.kind() == Kind.NODE ? paths.getOrDefault(put.at().index(), put.name()) : put.name();
        for (Map.Entry<Act, Set<String>> act : Refcounts.ACTS.entrySet()) {
          if (!act.getValue().contains(put.holder())) {
            continue;
          }
          // The remover puts a device twice: for having made it and for having looked it up.
          boolean early =
              act.getKey() == Act.REMOVER_PUTS_DEVICE
                  && (!devices.contains(object) || unregistered.add(object));
          if (!early) {
            observed.add(new Follower.Observed(new Label(act.getKey(), object), put.at()));
          }
        }
      } else if (event instanceof Event.Reached reached && reached.point() == Point.LINK_RELEASE) {
        observed.add(
            new Follower.Observed(new Label(Act.RELEASE_LINK, reached.argument()), reached.at()));
      } else if (event instanceof Event.Logged logged) {
        Matcher report = REPORT.matcher(logged.text());
        if (report.find()) {
          observed.add(
              new Follower.Observed(new Label(Act.REPORT_NODE, report.group(1)), logged.at()));
        }
      }
    }
    new Follower(new Removal(population, scenario.policy()), windows, findings::add)
        .follow(observed, end);
  }

  /** The log says what the model says, and nothing worse. */
  private void log() {
    for (Event event : trace.events()) {
      if (event instanceof Event.Logged logged) {
        Matcher report = REPORT.matcher(logged.text());
        Matcher late = LATE_REPORT.matcher(logged.text());
        if (report.find()) {
          reported.add(report.group(1));
        } else if (late.find()) {
          reportedLate.add(late.group(1));
        } else if (BROKEN.matcher(logged.text()).find()) {
          findings.add(
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
      findings.add(
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
