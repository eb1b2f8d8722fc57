package org.lastref.runner;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Channel;
import org.lastref.board.Health;
import org.lastref.board.LeaseHolder;
import org.lastref.board.Leases;
import org.lastref.fault.LabFault;
import org.lastref.image.Images;
import org.lastref.report.CaseOutcome;
import org.lastref.report.CaseResult;
import org.lastref.report.CaseWord;
import org.lastref.report.Status;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Several runs at once. No board boots here, which is what each of these tests is about. */
public class BoardLanesTest {

  private static final int CASES = 50;

  private Path folder = Path.of("");
  private final Set<String> threads = new ConcurrentSkipListSet<>();

  @BeforeMethod
  void makeFolder() throws Exception {
    folder = Files.createTempDirectory("lastref-lanes");
    System.setProperty("lastref.leases", folder.resolve("leases").toString());
    threads.clear();
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws Exception {
    System.clearProperty("lastref.leases");
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private final class Unbootable implements TestCase {
    private final int number;
    private final CyclicBarrier meeting;

    Unbootable(int number, CyclicBarrier meeting) {
      this.number = number;
      this.meeting = meeting;
    }

    @Override
    public String suite() {
      return "lanes";
    }

    @Override
    public String kernel() {
      return "none";
    }

    @Override
    public String id() {
      return "lanes/" + number;
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
      threads.add(Thread.currentThread().getName());
      if (number == 0) {
        meet(meeting);
      }
      return Optional.of(
          new CaseOutcome(Status.PASSED, CaseWord.Kind.CLEAN, fault.getMessage(), ""));
    }
  }

  /** No lane goes on alone. */
  private static void meet(CyclicBarrier meeting) {
    try {
      meeting.await(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new LabFault("the lanes did not run at once", e);
    }
  }

  private static BoardDefinition board(Path folder, String name, boolean shared) throws Exception {
    String qemu = Files.readString(Path.of("boards/qemu-virt.yaml"));
    String text = qemu.replace("name: qemu-virt", "name: " + name);
    if (shared) {
      text =
          text.replaceFirst(
                  "(?s)hardware:.*?# Words",
                  """
                  hardware:
                    kind: physical
                    devicetree: bcm2711-rpi-4-b
                    power: {on: ["true"], off: ["true"], pause: 1s}
                    deploy: {kind: folder, path: .}
                  # Words""")
              .replace("device: pty", "device: /dev/serial/by-id/none")
              .replace("user: root", "user: root\n  host: 127.0.0.1");
    }
    return BoardDefinition.load(Files.writeString(folder.resolve(name + ".yaml"), text));
  }

  private Run run(String name, boolean shared, CyclicBarrier meeting) throws Exception {
    RunPlan plan =
        new RunPlan(
            Path.of("").toAbsolutePath(),
            folder.resolve("results"),
            board(folder, name, shared),
            Channel.SSH,
            IntStream.range(0, CASES)
                .mapToObj(number -> (TestCase) new Unbootable(number, meeting))
                .toList(),
            1,
            List.of());
    return new Run(plan, kernel -> noImages(name), result -> {});
  }

  private static Images noImages(String board) {
    throw new LabFault("no kernel for " + board);
  }

  private static Admission admission(Duration patience, List<String> told) {
    return new Admission(List.of("test"), patience, (board, what) -> told.add(what));
  }

  private static void assertAll(Run run, Status status, String headline) {
    List<CaseResult> cases = run.report().cases();
    assertEquals(cases.size(), CASES);
    assertTrue(cases.stream().allMatch(each -> each.status() == status), "" + run.report());
    assertTrue(
        cases.stream().allMatch(each -> each.headline().contains(headline)), "" + run.report());
  }

  @Test
  public void eachBoardHasAThreadARunAndResultsOfItsOwn() throws Exception {
    CyclicBarrier meeting = new CyclicBarrier(3);
    List<Run> runs = new ArrayList<>();
    for (String name : List.of("one", "two", "three")) {
      runs.add(run(name, false, meeting));
    }
    new BoardLanes(admission(Duration.ZERO, new ArrayList<>()), runs).run();

    assertEquals(threads, new TreeSet<>(List.of("lane-one", "lane-two", "lane-three")));
    for (Run run : runs) {
      assertAll(run, Status.PASSED, "no kernel for " + run.report().run().board());
      assertEquals(run.exitCode(), 0);
      assertEquals(run.report().endReason(), "all cases ran");
    }
    Leases leases = Leases.ofHost();
    assertEquals(
        Health.of(leases, "one").last(Health.Kind.GOOD).orElseThrow().what(), "all cases ran");
  }

  @Test
  public void aBoardThatIsTakenIsSkippedAndDisturbsNoOther() throws Exception {
    Run free = run("free", false, new CyclicBarrier(1));
    Run taken = run("taken", true, new CyclicBarrier(1));
    try (LeaseHolder holder = LeaseHolder.start(folder.resolve("leases"), "taken", Duration.ZERO)) {
      assertEquals(holder.next(), "taken");
      new BoardLanes(admission(Duration.ZERO, new ArrayList<>()), List.of(free, taken)).run();
    }
    assertAll(free, Status.PASSED, "no kernel for free");
    assertAll(taken, Status.SKIPPED, "board taken is not free: held by ");
    assertEquals(taken.exitCode(), 3);
    assertEquals(threads, Set.of("lane-free"));
  }

  @Test
  public void waitsForABoardAndHoldsItNoLongerThanTheRun() throws Exception {
    Run run = run("pi", true, new CyclicBarrier(1));
    List<String> told = new ArrayList<>();
    Leases leases = Leases.ofHost();
    try (LeaseHolder holder = LeaseHolder.start(leases.folder(), "pi", Duration.ZERO)) {
      assertEquals(holder.next(), "taken");
      Admission admission =
          new Admission(
              List.of("test"),
              Duration.ofSeconds(60),
              (board, what) -> {
                told.add(what);
                holder.kill();
              });
      new BoardLanes(admission, List.of(run)).run();
    }
    assertTrue(told.get(0).startsWith("waiting for board pi, held by "), "" + told);
    assertAll(run, Status.PASSED, "no kernel for pi");
    assertTrue(leases.state("pi").holder().isEmpty());
  }

  @Test
  public void aQuarantinedBoardIsNotUsed() throws Exception {
    Run run = run("pi", true, new CyclicBarrier(1));
    Health.record(Leases.ofHost(), "pi", Health.Kind.QUARANTINED, "it smokes");
    new BoardLanes(admission(Duration.ZERO, new ArrayList<>()), List.of(run)).run();
    assertAll(run, Status.SKIPPED, ": it smokes. Once ./lastref boards check pi finds nothing");
  }
}
