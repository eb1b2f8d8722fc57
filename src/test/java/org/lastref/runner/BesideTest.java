package org.lastref.runner;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Channel;
import org.lastref.fault.Fault;
import org.lastref.fault.LabFault;
import org.lastref.image.Images;
import org.lastref.report.CaseOutcome;
import org.lastref.report.CaseResult;
import org.lastref.report.CaseWord;
import org.lastref.report.Status;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/**
 * Cases that are judged while the next ones run. No board boots here: what a case says of that is
 * all that it does, and whoever is told of a result is on the judge's thread.
 */
public class BesideTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  private Path folder = Path.of("");
  private final List<String> happened = Collections.synchronizedList(new ArrayList<>());

  @BeforeMethod
  void makeFolder() throws Exception {
    folder = Files.createTempDirectory("lastref-beside");
    happened.clear();
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** One that says at once that its kernel does not boot. */
  private final class Numbered implements TestCase {
    private final int number;

    Numbered(int number) {
      this.number = number;
    }

    @Override
    public String suite() {
      return "beside";
    }

    @Override
    public String kernel() {
      return "none";
    }

    @Override
    public String id() {
      return "" + number;
    }

    @Override
    public String title() {
      return "case " + number;
    }

    @Override
    public SortedMap<String, String> properties() {
      return new TreeMap<>();
    }

    @Override
    public String options() {
      return "--case " + id();
    }

    @Override
    public Supplier<CaseOutcome> tried(Attempt attempt) {
      throw new AssertionError("no board boots here");
    }

    @Override
    public Optional<CaseOutcome> unbootable(LabFault fault) {
      happened.add("runs " + number);
      return Optional.of(
          new CaseOutcome(Status.PASSED, CaseWord.Kind.CLEAN, fault.getMessage(), ""));
    }
  }

  private Run run(int cases, Consumer<CaseResult> listener) {
    RunPlan plan =
        new RunPlan(
            Path.of("").toAbsolutePath(),
            folder,
            BoardDefinition.load(Path.of("boards/qemu-virt.yaml")),
            Channel.SSH,
            IntStream.rangeClosed(1, cases).mapToObj(n -> (TestCase) new Numbered(n)).toList(),
            1,
            List.of());
    return new Run(plan, kernel -> noImages(), listener);
  }

  private static Images noImages() {
    throw new LabFault("no kernel");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(LONG.toSeconds(), TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void slowly() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void told(CaseResult result) {
    happened.add("tells " + result.id());
  }

  private static List<Status> statuses(Run run) {
    return run.report().cases().stream().map(CaseResult::status).toList();
  }

  private List<String> tells() {
    return happened.stream().filter(each -> each.startsWith("tells")).toList();
  }

  @Test
  public void resultsOfASlowJudgeComeInTheOrderOfCasesAndAllOfThem() {
    Run run =
        run(
            10,
            result -> {
              assertEquals(Thread.currentThread().getName(), "judge-qemu-virt");
              slowly();
              told(result);
            });
    try (CaseRunner runner = new CaseRunner(run)) {
      run.plan().cases().forEach(each -> assertTrue(runner.run(each)));
    }
    assertEquals(tells(), IntStream.rangeClosed(1, 10).mapToObj(n -> "tells " + n).toList());
    assertEquals(statuses(run), Collections.nCopies(10, Status.PASSED));
    assertEquals(run.report().endReason(), "all cases ran");
    assertEquals(run.exitCode(), 0);
  }

  @Test
  public void theNextCaseRunsBeforeTheLastIsJudged() {
    CountDownLatch second = new CountDownLatch(1);
    Run run =
        run(
            2,
            result -> {
              await(second);
              told(result);
            });
    try (CaseRunner runner = new CaseRunner(run)) {
      assertTrue(runner.run(run.plan().cases().get(0)));
      happened.add("goes on");
      second.countDown();
      assertTrue(runner.run(run.plan().cases().get(1)));
    }
    assertEquals(happened.subList(0, 2), List.of("runs 1", "goes on"));
    assertEquals(tells(), List.of("tells 1", "tells 2"));
  }

  @Test
  public void theJudgeIsNeverFurtherBehindThanOneCase() {
    Run run =
        run(
            10,
            result -> {
              slowly();
              told(result);
            });
    try (CaseRunner runner = new CaseRunner(run)) {
      run.plan().cases().forEach(each -> assertTrue(runner.run(each)));
    }
    for (int n = 3; n <= 10; n++) {
      assertTrue(
          happened.indexOf("tells " + (n - 2)) < happened.indexOf("runs " + n), "" + happened);
    }
  }

  @Test
  public void aDefectOnTheJudgesThreadEndsTheRun() {
    Run run =
        run(
            5,
            result -> {
              told(result);
              throw new IllegalStateException("of the test");
            });
    try (CaseRunner runner = new CaseRunner(run)) {
      assertTrue(runner.run(run.plan().cases().get(0)));
      assertTrue(runner.result(run.plan().cases().get(0)).isPresent());
      assertTrue(("" + run.givenUp()).startsWith("a defect in Lastref"), run.givenUp());
      assertThrows(LabFault.class, () -> runner.result(run.plan().cases().get(4)));
    }
    List<String> faults = run.faults().stream().map(Fault::getMessage).toList();
    assertEquals(faults.size(), 1, "" + faults);
    assertTrue(
        faults
            .get(0)
            .startsWith(
                "a defect in Lastref, please report it with what led to it:"
                    + " java.lang.IllegalStateException: of the test at "),
        faults.get(0));
    assertEquals(
        run.report().cases().get(4).headline(),
        "not run: the board was given up: " + faults.get(0));
    assertEquals(run.exitCode(), 3);
  }

  @Test
  public void theEndOfARunWaitsForTheLastVerdict() {
    CountDownLatch done = new CountDownLatch(1);
    Run run =
        run(
            1,
            result -> {
              slowly();
              told(result);
              done.countDown();
            });
    CaseRunner runner = new CaseRunner(run);
    assertTrue(runner.run(run.plan().cases().get(0)));
    runner.close();
    assertEquals(done.getCount(), 0);
    assertEquals(statuses(run), List.of(Status.PASSED));
  }

  @Test
  public void butNotForever() {
    CountDownLatch never = new CountDownLatch(1);
    List<String> failed = new ArrayList<>();
    Judge judge =
        new Judge("judge", Duration.ofMillis(50), fault -> failed.add(fault.getMessage()));
    judge.handCase(() -> BesideTest.await(never));
    judge.close();
    assertEquals(failed.size(), 1);
    assertTrue(failed.get(0).contains("the last case was not judged in "), failed.get(0));
    never.countDown();
  }

  @Test
  public void anInterruptedRunKeepsWhatWasJudgedOrWaitsToBe() {
    CountDownLatch interrupted = new CountDownLatch(1);
    Run run =
        run(
            4,
            result -> {
              await(interrupted);
              told(result);
            });
    try (CaseRunner runner = new CaseRunner(run)) {
      assertTrue(runner.run(run.plan().cases().get(0)));
      run.interrupt();
      interrupted.countDown();
      assertFalse(runner.run(run.plan().cases().get(1)));
      assertFalse(runner.run(run.plan().cases().get(2)));
    }
    assertEquals(
        statuses(run), List.of(Status.PASSED, Status.SKIPPED, Status.SKIPPED, Status.SKIPPED));
    assertEquals(run.report().endReason(), "interrupted");
  }

  @Test
  public void noMoreThanSoManyCyclesWait() {
    CountDownLatch go = new CountDownLatch(1);
    List<Integer> judged = Collections.synchronizedList(new ArrayList<>());
    List<Integer> handed = Collections.synchronizedList(new ArrayList<>());
    Judge judge = new Judge("judge", LONG, fault -> happened.add(fault.getMessage()));
    Thread board =
        new Thread(
            () -> {
              for (int cycle = 1; cycle <= 100; cycle++) {
                int number = cycle;
                judge.hand(
                    () -> {
                      BesideTest.await(go);
                      judged.add(number);
                    });
                handed.add(number);
              }
              judge.await();
              judge.close();
            },
            "board");
    board.start();
    Awaitility.await().atMost(LONG).until(() -> board.getState() == Thread.State.WAITING);
    assertTrue(handed.size() < 20, "" + handed);
    go.countDown();
    Awaitility.await().atMost(LONG).until(() -> !board.isAlive());
    assertEquals(judged, IntStream.rangeClosed(1, 100).boxed().toList());
    assertEquals(happened, List.of());
  }
}
