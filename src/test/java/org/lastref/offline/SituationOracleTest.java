package org.lastref.offline;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.lastref.Recorded;
import org.lastref.fdt.OverlaySource;
import org.lastref.model.Kernel;
import org.lastref.model.Policy;
import org.lastref.model.Situation;
import org.lastref.report.CaseOutcome;
import org.lastref.report.Status;
import org.lastref.trace.Event;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.lastref.verify.OverlayRemoval;
import org.lastref.verify.Verdict;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Removals in situations that no model has, as recorded on the kernel that has the drivers. */
public class SituationOracleTest {

  private static final Path FOLDER = Path.of("src/test/resources/traces/situations");

  private static StoredTrace stored(String name) {
    return StoredTrace.read(FOLDER.resolve(name + ".trace.gz"));
  }

  private static CaseOutcome outcome(StoredTrace stored, Trace trace) {
    OverlayRemoval removal =
        TraceHeaders.removal(Objects.requireNonNull(stored.header()), FOLDER.resolve("a.trace"));
    Oracle oracle = RemovalOracle.of(removal);
    return oracle.outcome(List.of(oracle.judge(trace)), trace, "explain");
  }

  @DataProvider
  static Object[][] recorded() {
    return new Object[][] {
      {"rebind", Situation.REBIND, Status.PASSED, "clean: all that was taken came back in time"},
      {"again", Situation.AGAIN, Status.PASSED, "clean: all that was taken came back in time"},
      {"beside", Situation.BESIDE, Status.PASSED, "clean: all that was taken came back in time"},
      {
        "supplier",
        Situation.UNBIND_FIRST,
        Status.FAILED,
        "the promise is broken: in cycle 1, line gpiochip1: (dangling chip) is left, and no"
            + " reference holds it"
      },
      {
        "held",
        Situation.HELD,
        Status.FAILED,
        "the promise is broken: in cycle 1, 1 reference to device gpiochip8 of bus gpio is never"
            + " given back: most likely get by gpiod_request, event 470; it waited until"
            + " /dev/i2c-0, /dev/gpiochip8, /dev/gpiochip8,line, /dev/gpiochip7,"
            + " /dev/gpiochip7,line was closed, 1.0 s, in i2c_del_adapter \u2190 i2c_gpio_remove \u2190"
            + " platform_remove"
      },
    };
  }

  @Test(dataProvider = "recorded")
  public void areJudgedByWhatEveryKernelPromises(
      String name, Situation situation, Status status, String headline) {
    StoredTrace stored = stored(name);
    CaseOutcome outcome = outcome(stored, stored.trace());
    assertEquals(outcome.headline(), headline);
    assertEquals(outcome.status(), status);
    assertTrue(outcome.detail().contains("the situation " + situation + ":"), outcome.detail());
  }

  /** The last time that a driver is bound. */
  private static Trace withoutTheLastBinding(Trace trace) {
    int last =
        trace.events().stream()
            .filter(each -> each instanceof Event.Called called && called.event().equals("bound"))
            .mapToInt(each -> each.at().index())
            .max()
            .orElseThrow();
    return without(trace, each -> each.at().index() == last);
  }

  /** The same with events that say nothing in the place of some. */
  private static Trace without(Trace trace, Predicate<Event> some) {
    return new Trace(
        trace.name(),
        trace.watching(),
        trace.events().stream()
            .map(
                each ->
                    some.test(each) ? new Event.Called(each.at(), "seen", new TreeMap<>()) : each)
            .toList());
  }

  @DataProvider
  static Object[][] boundAgain() {
    return new Object[][] {{"rebind", "/lr-leds"}, {"again", "/lr-third"}, {"beside", "/lr-third"}};
  }

  @Test(dataProvider = "boundAgain")
  public void whatDoesNotProbeAgainIsFound(String name, String node) {
    StoredTrace stored = stored(name);
    CaseOutcome outcome = outcome(stored, withoutTheLastBinding(stored.trace()));
    assertEquals(outcome.status(), Status.FAILED);
    assertTrue(outcome.headline().contains(" did not probe again"), outcome.headline());
    assertTrue(outcome.headline().startsWith(node), outcome.headline());
  }

  /** The same where nothing was left. */
  private static Trace tidied(Trace trace) {
    return without(
        trace, each -> each instanceof Event.Called called && called.event().equals("left"));
  }

  private static String headline(Trace... cycles) {
    StoredTrace stored = stored("supplier");
    Oracle oracle =
        RemovalOracle.of(
            TraceHeaders.removal(
                Objects.requireNonNull(stored.header()), FOLDER.resolve("a.trace")));
    List<Verdict> verdicts = Stream.of(cycles).map(oracle::judge).toList();
    return oracle.outcome(verdicts, cycles[cycles.length - 1], "explain").headline();
  }

  @Test
  public void whatIsLeftOnceIsToldFromWhatGrows() {
    Trace leaves = stored("supplier").trace();
    String once =
        "the promise is broken: in cycle 1, line gpiochip1: (dangling chip) is left, and no"
            + " reference holds it; ";
    assertEquals(headline(leaves, leaves, leaves), once + "cycles 2 to 3 leave more of it");
    assertEquals(
        headline(leaves, tidied(leaves), tidied(leaves)),
        once + "once, for cycles 2 to 3 leave no more");
    assertEquals(
        headline(tidied(leaves), leaves),
        "the promise is broken: in cycle 2, line gpiochip1: (dangling chip) is left, and no"
            + " reference holds it");
  }

  @DataProvider
  static Object[][] onBoard() {
    return Situation.onBoard().stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  @Test(dataProvider = "onBoard")
  public void aSituationIsKnownByItsSteps(Situation situation) {
    OverlaySource overlay = Recorded.shape("stacked-upper");
    if (situation == Situation.BESIDE) {
      overlay = Recorded.shape("pair").after(Recorded.shape("one-node"));
    }
    RemovalCase removal =
        new RemovalCase(overlay, Policy.UPSTREAM, situation, false, new TreeSet<>());
    OverlayRemoval removed =
        removal.removal(Recorded.base(), Kernel.LINUX_6_1, List.of("lastref-own"));
    assertEquals(removed.situation(), situation);
    assertEquals(removed.isModelled(), situation.isModelled());
  }
}
