package org.lastref.runner;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Channel;
import org.lastref.fault.Fault;
import org.lastref.fault.LabFault;
import org.lastref.fdt.OverlaySource;
import org.lastref.image.Images;
import org.lastref.image.KernelBuild;
import org.lastref.model.Policy;
import org.lastref.offline.ModelOracle;
import org.lastref.offline.Oracle;
import org.lastref.offline.RemovalCase;
import org.lastref.offline.TraceHeaders;
import org.lastref.report.CaseOutcome;
import org.lastref.report.CaseResult;
import org.lastref.report.Status;
import org.lastref.report.Try;
import org.lastref.target.Observation;
import org.lastref.verify.OverlayRemoval;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** One run on one board, whose cases are each a way to end: what is decided where, and when. */
@NullUnmarked
public class BesideIT {

  private static final int CYCLES = 3;

  /** What no removal under {@link #WAITS} ever looks like: the links go by a callback. */
  private static final Policy ELSE =
      new Policy(Policy.Release.CALL_SRCU, Policy.Fix.NONE, Policy.Grace.SLOW);

  private static final Policy WAITS =
      new Policy(Policy.Release.DEDICATED_WQ, Policy.Fix.WAIT_REMOVAL, Policy.Grace.SLOW);

  private final List<String> told = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch second = new CountDownLatch(1);
  private final List<Integer> cuts = new ArrayList<>();
  private Run run;

  /**
   * The removal of a pair.
   *
   * @param claimed the policy whose model it is held against; the board's is always the same
   * @param around what is done instead of the cycles
   * @param judge what judges instead of the model's oracle
   */
  private record Ending(
      String id,
      Policy claimed,
      Function<Attempt.OnBoard, Attempt.OnBoard> around,
      Function<Oracle, Oracle> judge)
      implements TestCase {

    @Override
    public String suite() {
      return "beside";
    }

    @Override
    public String kernel() {
      return KernelBuild.PLAIN;
    }

    @Override
    public String title() {
      return "ends " + id;
    }

    @Override
    public SortedMap<String, String> properties() {
      return new TreeMap<>();
    }

    @Override
    public String options() {
      return "--case " + id;
    }

    @Override
    public Supplier<CaseOutcome> tried(Attempt attempt) {
      OverlaySource pair = OverlaySource.of(Path.of("overlays/pair.dtso").toAbsolutePath());
      ArmedBoard board = attempt.board();
      OverlayRemoval removed = new RemovalCase(pair, WAITS).removal(board.base(), board.kernel());
      return attempt.judged(
          removed.scenario(),
          () -> judge.apply(ModelOracle.of(removed.under(claimed))),
          around.apply((cycles, each) -> board.run(pair, removed, cycles, each)),
          cycle ->
              TraceHeaders.header(
                  attempt.info(),
                  board.kernel(),
                  board.layers(pair.stack()),
                  board.baseBlob(),
                  removed,
                  cycle));
    }
  }

  /** The board is cut off after a cycle, the first time. */
  private Attempt.OnBoard cut(Attempt.OnBoard whole) {
    return (cycles, each) -> {
      int before = cuts.size();
      whole.run(before == 0 ? 1 : cycles, each);
      cuts.add(before);
      if (before == 0) {
        throw new LabFault("the line is cut");
      }
    };
  }

  /** It is cut off each time. */
  private static Attempt.OnBoard alwaysCut(Attempt.OnBoard whole) {
    return (cycles, each) -> {
      whole.run(1, each);
      throw new LabFault("the line is cut");
    };
  }

  /** A step of the first cycle ends otherwise than it should. */
  private static Attempt.OnBoard otherwise(Attempt.OnBoard whole) {
    return (cycles, each) ->
        whole.run(
            cycles,
            observation -> {
              List<String> steps = new ArrayList<>(observation.steps());
              steps.set(steps.size() - 1, "settle= pending");
              return each.test(new Observation(steps, observation.records()));
            });
  }

  private Attempt.OnBoard second(Attempt.OnBoard whole) {
    return (cycles, each) -> {
      told.add("second runs");
      second.countDown();
      whole.run(cycles, each);
    };
  }

  /** Waits until the next case is on the board. */
  private Oracle slow(Oracle judge) {
    assertEquals(Thread.currentThread().getName(), "judge-qemu-virt");
    try {
      assertTrue(second.await(60, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return judge;
  }

  private static Oracle defective(Oracle judge) {
    throw new IllegalStateException("of the test, instead of " + judge.getClass().getSimpleName());
  }

  @BeforeClass
  void run() throws Exception {
    Path project = Path.of("").toAbsolutePath();
    Images images = Images.ensure(project);
    Function<Attempt.OnBoard, Attempt.OnBoard> plainly = whole -> whole;
    Function<Oracle, Oracle> model = judge -> judge;
    RunPlan plan =
        new RunPlan(
            project,
            Files.createDirectories(project.resolve("target/beside")),
            BoardDefinition.load(project.resolve("boards/qemu-virt.yaml")),
            Channel.SSH,
            List.of(
                new Ending("first", WAITS, plainly, this::slow),
                new Ending("second", WAITS, this::second, model),
                new Ending("defect", WAITS, plainly, BesideIT::defective),
                new Ending("differs", ELSE, plainly, model),
                new Ending("cut", WAITS, this::cut, model),
                new Ending("differs, then cut", ELSE, BesideIT::alwaysCut, model),
                new Ending("always cut", WAITS, BesideIT::alwaysCut, model),
                new Ending("otherwise", WAITS, BesideIT::otherwise, model),
                new Ending("last", WAITS, plainly, model)),
            CYCLES,
            List.of());
    run = new Run(plan, kernel -> images, result -> told.add(result.id()));
    Orchestrator.run(run);
  }

  @AfterClass(alwaysRun = true)
  void close() {
    run.close();
  }

  private CaseResult result(String id) {
    return run.folder().result(id).orElseThrow();
  }

  private static int cycles(CaseResult result) {
    return result.facts().cycles().count();
  }

  private String life(String part) throws Exception {
    try (Stream<String> lines = Files.lines(run.folder().path().resolve("board.log"))) {
      return lines.filter(line -> line.contains(part)).findFirst().orElse("");
    }
  }

  @Test
  public void theBoardIsAtTheSecondCaseBeforeTheFirstIsJudged() {
    assertEquals(told.get(0), "second runs");
    assertEquals(result("first").status(), Status.PASSED);
    assertEquals(cycles(result("first")), CYCLES);
  }

  @Test
  public void resultsComeInTheOrderOfTheCases() {
    assertEquals(
        told.subList(1, told.size()), run.plan().cases().stream().map(TestCase::id).toList());
    assertEquals(run.report().endReason(), "all cases ran");
  }

  @Test
  public void aDefectInAJudgeIsNoVerdictAndTold() {
    CaseResult defect = result("defect");
    assertEquals(defect.status(), Status.ERROR);
    assertTrue(
        defect
            .headline()
            .startsWith("a defect in Lastref, please report it with what led to it: java.lang."),
        defect.headline());
    assertEquals(defect.tries(), List.of());
    assertEquals(run.faults().stream().map(Fault::getMessage).toList(), List.of(defect.headline()));
  }

  @Test
  public void theFirstCycleThatDiffersIsTheVerdict() {
    CaseResult differs = result("differs");
    assertEquals(differs.status(), Status.FAILED);
    assertTrue(differs.headline().startsWith("cycle 1 differs"), differs.headline());
    assertEquals(cycles(differs), 1);
    assertTrue(differs.detail().contains("traces/differs-1.trace.gz"), differs.detail());
  }

  @Test
  public void aFaultOfTheLabIsTriedAgain() {
    CaseResult cut = result("cut");
    assertTrue(cut.passedAfterRetry(), cut.headline());
    assertEquals(cut.tries().stream().map(Try::headline).toList(), List.of("the line is cut"));
    assertEquals(cycles(cut), CYCLES);
  }

  @Test
  public void butNotWhereACycleDifferedBefore() {
    CaseResult differs = result("differs, then cut");
    assertEquals(differs.status(), Status.FAILED);
    assertTrue(differs.headline().startsWith("cycle 1 differs"), differs.headline());
    assertEquals(differs.tries(), List.of());
  }

  @Test
  public void cyclesBeforeAFaultAreInItsProperties() {
    CaseResult cut = result("always cut");
    assertEquals(cut.status(), Status.ERROR);
    assertEquals(cut.headline(), "the line is cut");
    assertEquals(cut.tries().size(), 1);
    assertEquals(cycles(cut), 1);
  }

  @Test
  public void aStepThatEndedOtherwiseHasTheBoardBroughtBack() throws Exception {
    assertEquals(cycles(result("otherwise")), 1);
    assertFalse(life("a step ended otherwise: settle= pending instead of ").isEmpty());
    assertFalse(life("recovering: reboot").isEmpty());
    assertEquals(result("last").status(), Status.PASSED);
  }
}
