package org.lastref.verify;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.lastref.offline.TraceHeaders;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.lastref.trace.TraceHeader;
import org.lastref.verify.Holding.State;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Whose a reference is, in traces recorded on kernels with a bug in them, and on ours. */
public class HoldersTest {
  private static final Path FOLDER = Path.of("src/test/resources/traces/watched");

  private static final long BUDGET = 3_000_000;

  private static StoredTrace stored(String name) {
    return StoredTrace.read(FOLDER.resolve(name + ".trace.gz"));
  }

  private static Exercise exercise(StoredTrace stored) {
    TraceHeader header = Objects.requireNonNull(stored.header());
    OverlayRemoval removal = TraceHeaders.removal(header, FOLDER);
    return header.policy().areUnknown() ? removal.promise() : removal.exercise();
  }

  private static List<Holding> holdings(String name) {
    StoredTrace stored = stored(name);
    return Verifier.judge(exercise(stored), stored.trace()).holdings();
  }

  /** Without the first put by a function. */
  private static Explanation forgotten(String function) {
    StoredTrace stored = stored("pair-system-wq-none-slow-1");
    List<Event> events = stored.trace().events();
    int put =
        IntStream.range(0, events.size())
            .filter(
                i ->
                    events.get(i) instanceof Reference e
                        && e.direction() == Direction.PUT
                        && e.holder().equals(function))
            .findFirst()
            .orElseThrow();
    Trace trace = stored.trace().with(Edit.replaced(events, put, 1, List.of()));
    return Explainer.explain(exercise(stored), Map.of(), trace, BUDGET);
  }

  /** On a board's own kernel, where kprobes tell one function less of each chain. */
  @Test
  public void chainsThatAreCutAtDifferentDepthsAreOfOneCall() {
    assertEquals(holdings("cycle-of-6.12-by-kprobes"), List.of());
  }

  @DataProvider
  static Object[][] guilty() {
    return new Object[][] {
      {"01-relax-cycles", State.NEVER, "lr-div", "__fw_devlink_relax_cycles", "lr-div"},
      {"04-detached-node", State.TOO_MANY, "/lr-osc", "platform_device_del", "lr-osc"},
      {"05-factor-node", State.EARLY, "/lr-div", "of_fixed_factor_clk_probe", "lr-div"},
      {"09-chip-release", State.TOO_MANY, "/lr-gpio/lr-bank", "gpiodevice_release", "lr-gpio"},
      {"10-last-led", State.NEVER, "/lr-leds/lr-red", "gpio_led_probe", "lr-leds"},
      {"12-unavailable-supplier", State.NEVER, "/lr-off", "of_fwnode_add_links", "lr-waits"},
      {"11-bus-goes", State.NEVER, "lr-bus", "of_platform_notify", ""},
      {"pair-system-wq-none-slow-1", State.LATE, "/lr-osc", "of_device_alloc", ""},
    };
  }

  @Test(dataProvider = "guilty")
  public void areToldWithFunctionAndDevice(
      String trace, State state, String what, String function, String device) {
    assertTrue(
        holdings(trace).stream()
            .anyMatch(
                holding ->
                    holding.state() == state
                        && holding.what().equals(what)
                        && holding.function().equals(function)
                        && holding.device().equals(device)),
        "" + holdings(trace));
  }

  /** The node is held by its device, which is held by somebody else. */
  @Test
  public void anInnocentIsToldApart() {
    List<Holding> holdings = holdings("01-relax-cycles");
    assertEquals(holdings.stream().filter(Holding::isLost).count(), 1, "" + holdings);
    assertEquals(holdings.get(0).consequences().get(0).path(), "/lr-div");
  }

  @DataProvider
  static Object[][] doubts() {
    return new Object[][] {{"01-relax-cycles", true}, {"09-chip-release", false}};
  }

  /** Of two puts of one node, of which neither is known to be another's, it may be either. */
  @Test(dataProvider = "doubts")
  public void areToldAsSureOrNot(String trace, boolean sure) {
    List<Holding> lost = holdings(trace).stream().filter(Holding::isLost).toList();
    assertEquals(lost.stream().map(Holding::sure).toList(), List.of(sure), "" + lost);
  }

  @Test
  public void aRepairNamesTheHolderOfWhatLacksAPut() {
    Repair repair = forgotten("clk_core_get").repairs().get(0);
    assertEquals(repair.sentence(), "`of_node_put(lr-osc)` is missing between events 61 and 74");
    Holding holding = Objects.requireNonNull(repair.holding(), repair.sentence());
    assertEquals(holding.function(), "of_parse_clkspec");
    assertEquals(holding.device(), "lr-div");
    assertEquals(holding.driver(), "of_fixed_factor_clk");
  }

  @Test
  public void ofWhatAllCameBackNobodyIsTold() {
    assertEquals(holdings("leds-dedicated-wq-wait-removal-slow-1"), List.of());
  }

  /** What no kernel may do is not found where only links are late. */
  @Test
  public void theLateAreNotLost() {
    Path file = FOLDER.resolve("chain-call-srcu-none-slow-1.trace.gz");
    StoredTrace stored = StoredTrace.read(file);
    OverlayRemoval removal = TraceHeaders.removal(Objects.requireNonNull(stored.header()), file);
    Verdict verdict = Verifier.judge(removal.promise(), stored.trace());
    assertEquals(verdict.findings(), List.of());
    assertTrue(verdict.holdings().stream().noneMatch(Holding::isLost), "" + verdict.holdings());
  }
}
