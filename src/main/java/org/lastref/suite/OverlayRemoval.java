package org.lastref.suite;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;
import org.lastref.link.Console;
import org.lastref.report.CaseResult;
import org.lastref.report.Status;
import org.lastref.target.Observation;
import org.lastref.trace.TraceReader;
import org.lastref.verify.Finding;
import org.lastref.verify.Scenario;
import org.lastref.verify.Verdict;
import org.lastref.verify.Verifier;
import org.testng.ITestContext;
import org.testng.SkipException;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Applies and removes overlays and holds what was seen against the model. A case passes if it
 * conforms to the model of its policy: a policy that is known to leak passes by leaking as
 * modelled.
 */
public final class OverlayRemoval {

  private static final int MAX_RESTARTS = 3;
  private static final int MAX_FINDINGS = 10;
  private static final int MAX_CONSOLE_LINES = 200;

  /** The suite's attribute that holds the {@link Run} for an instance that TestNG itself makes. */
  static final String RUN = "lastref.run";

  private @Nullable Run opened;
  private @Nullable Lab lab;
  private final Set<String> taken = new HashSet<>();
  private int restarts;

  /** For TestNG: takes its run from the suite's attribute. */
  public OverlayRemoval() {}

  /**
   * A suite for one run.
   *
   * @param run an opened run, closed here with the last case
   */
  public OverlayRemoval(Run run) {
    opened = run;
  }

  private Run run() {
    return requireNonNull(opened, "no run was given");
  }

  /** Boots the board, once for all cases. */
  @BeforeClass
  public void boot(ITestContext context) {
    if (opened == null) {
      opened = (Run) context.getSuite().getAttribute(RUN);
    }
    lab = run().boot();
  }

  /** Every case of the plan. */
  @DataProvider
  public Object[][] cases() {
    return run().plan().cases().stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  /** The references of one overlay under one policy. */
  @Test(dataProvider = "cases")
  public void removal(RemovalCase removal) {
    String given = run().givenUp();
    if (given != null || lab == null) {
      throw new SkipException("the board was given up: " + given);
    }
    CaseResult result = tried(lab, removal);
    run().ended(result);
    if (result.status() != Status.PASSED) {
      throw new AssertionError(result.headline() + "\n" + result.detail());
    }
  }

  /** Switches the board off and completes the run's folder. */
  @AfterClass(alwaysRun = true)
  public void close() {
    try {
      if (lab != null) {
        lab.close();
      }
    } finally {
      run().close();
    }
  }

  private CaseResult tried(Lab board, RemovalCase removal) {
    Instant started = Instant.now();
    Console.Mark before = board.console().mark();
    List<String> attachments = new ArrayList<>();
    List<Verdict> verdicts = new ArrayList<>();
    SortedMap<String, String> properties = removal.properties();
    Tale tale;
    try {
      Scenario scenario = removal.scenario(board.base());
      Verifier verifier = new Verifier(scenario);
      for (int cycle = 1; cycle <= run().plan().cycles(); cycle++) {
        Observation observation = observed(board, removal, scenario);
        String name = removal.id().replace('/', '-') + "-" + cycle;
        attachments.add(run().keep(name, observation.trace()));
        Refusal.check(observation.steps(), board.console().lines(before), taken);
        Verdict verdict = verifier.judge(TraceReader.read(observation.trace(), name));
        verdicts.add(verdict);
        if (!verdict.conforms()) {
          break;
        }
      }
      CaseCoverage coverage = CaseCoverage.of(scenario, verdicts);
      properties.putAll(coverage.properties());
      tale = tale(coverage, verdicts);
      if (verdicts.stream().anyMatch(OverlayRemoval::leftBehind)) {
        restart(board);
      }
    } catch (InputFault e) {
      run().blame(e);
      tale = new Tale(Status.ERROR, "refused", e.getMessage(), "");
    } catch (LabFault e) {
      tale = new Tale(Status.ERROR, "no verdict", e.getMessage(), "");
    } catch (RuntimeException | StackOverflowError e) {
      LabFault defect = Defect.of(e);
      run().blame(defect);
      tale = new Tale(Status.ERROR, "no verdict", defect.getMessage(), "");
    }
    properties.put("verdict", tale.word());
    properties.put("cycles", "" + verdicts.size());
    properties.put("leaked", String.join(" ", leaked(verdicts)));
    properties.put("events", "" + verdicts.stream().mapToInt(Verdict::events).sum());
    List<String> console = board.console().lines(before);
    return new CaseResult(
        removal.id(),
        run().className(),
        removal.title(),
        tale.status(),
        started,
        Duration.between(started, Instant.now()),
        tale.headline(),
        tale.detail(),
        properties,
        removal.command(run().plan().channelName()),
        console.subList(Math.max(0, console.size() - MAX_CONSOLE_LINES), console.size()),
        attachments);
  }

  /** A fault on the way to the board leaves it in an unknown state; the run gives it up. */
  private Observation observed(Lab board, RemovalCase removal, Scenario scenario) {
    try {
      return board.run(removal.shape(), scenario);
    } catch (LabFault e) {
      run().giveUp(e.getMessage());
      throw e;
    }
  }

  private void restart(Lab board) {
    if (++restarts > MAX_RESTARTS) {
      run().giveUp("its devicetree was left in an unknown state more than 3 times");
      return;
    }
    try {
      board.restart();
    } catch (LabFault e) {
      run().giveUp(e.getMessage());
    }
  }

  private static boolean leftBehind(Verdict verdict) {
    return verdict.findings().stream().anyMatch(f -> f.type() == Finding.Type.RESULT);
  }

  /** What is told of a case. */
  private record Tale(Status status, String word, String headline, String detail) {}

  private Tale tale(CaseCoverage coverage, List<Verdict> verdicts) {
    Verdict last = verdicts.get(verdicts.size() - 1);
    long leaking = verdicts.stream().filter(verdict -> !verdict.keepsPromise()).count();
    if (!last.conforms()) {
      List<Finding> findings = last.findings();
      StringBuilder detail = new StringBuilder();
      for (Finding finding : findings.subList(1, Math.min(MAX_FINDINGS, findings.size()))) {
        detail.append(finding.sentence()).append('\n');
      }
      if (findings.size() > MAX_FINDINGS) {
        detail.append("and %d more\n".formatted(findings.size() - MAX_FINDINGS));
      }
      String headline =
          "cycle %d differs from the model: %s"
              .formatted(verdicts.size(), findings.get(0).sentence());
      return new Tale(Status.FAILED, "differs", headline, detail.toString());
    }
    if (leaking == 0) {
      return new Tale(Status.PASSED, "clean", "clean, as modelled", coverage.describe());
    }
    String headline =
        "leaks as modelled in %d of %d cycles: %s"
            .formatted(leaking, verdicts.size(), String.join(" ", leaked(verdicts)));
    return new Tale(
        Status.PASSED,
        "leaks %d/%d".formatted(leaking, verdicts.size()),
        headline,
        coverage.describe());
  }

  private static SortedSet<String> leaked(List<Verdict> verdicts) {
    SortedSet<String> leaked = new TreeSet<>();
    verdicts.forEach(verdict -> leaked.addAll(verdict.leaked()));
    return leaked;
  }
}
