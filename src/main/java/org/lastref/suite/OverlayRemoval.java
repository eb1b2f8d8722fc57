package org.lastref.suite;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;
import org.lastref.link.Console;
import org.lastref.report.CaseResult;
import org.lastref.report.Status;
import org.lastref.target.Observation;
import org.lastref.trace.Trace;
import org.lastref.trace.TraceHeader;
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
    Tale tale = Tale.tried(() -> tale(board, removal, before, verdicts, attachments), run()::blame);
    CaseName name = removal.name();
    List<String> console = board.console().lines(before);
    return tale.result(
        name.id(),
        run().className(),
        name.title(),
        started,
        name.properties(),
        verdicts,
        run().plan().command(removal),
        console.subList(Math.max(0, console.size() - MAX_CONSOLE_LINES), console.size()),
        attachments);
  }

  private Tale tale(
      Lab board,
      RemovalCase removal,
      Console.Mark before,
      List<Verdict> verdicts,
      List<String> attachments) {
    Scenario scenario = removal.scenario(board.base());
    Verifier verifier = new Verifier(scenario);
    Trace trace = new Trace("none", List.of());
    Path file = run().folder().path();
    for (int cycle = 1; cycle <= run().plan().cycles(); cycle++) {
      Observation observation = observed(board, removal, scenario);
      String name = removal.name().id().replace('/', '-') + "-" + cycle;
      TraceHeader header =
          Recording.header(
              run().folder().info(),
              board.layers(removal.shape()),
              board.baseBlob(),
              scenario,
              cycle);
      attachments.add(run().keep(name, header, observation.trace()));
      file = run().folder().path().resolve(attachments.get(attachments.size() - 1));
      Refusal.check(observation.steps(), board.console().lines(before), taken);
      trace = TraceReader.read(observation.trace(), name);
      Verdict verdict = verifier.judge(trace);
      verdicts.add(verdict);
      if (!verdict.conforms()) {
        break;
      }
    }
    Tale tale =
        Tale.of(
            scenario, verdicts, trace, "./lastref explain " + RemovalCase.quoted(file.toString()));
    if (verdicts.stream().anyMatch(OverlayRemoval::leftBehind)) {
      restart(board);
    }
    return tale;
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
}
