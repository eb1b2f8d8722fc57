package org.lastref.verify;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.lastref.offline.TraceHeaders;
import org.lastref.trace.Event;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.testng.annotations.Test;

/** What is left on a board though every reference came back, as a kernel showed it. */
public class LeftoversTest {

  private static final Path FOLDER = Path.of("src/test/resources/traces/field");
  private static final String REGMAP = "debugfs regmap/dummy-lr-syscon@0x000000000b000000";

  private final StoredTrace stored = StoredTrace.read(FOLDER.resolve("syscon-leftovers.trace.gz"));

  private static List<Finding> judged(StoredTrace stored) {
    OverlayRemoval removal = TraceHeaders.removal(Objects.requireNonNull(stored.header()), FOLDER);
    return Verifier.judge(removal.promise(), stored.trace()).findings();
  }

  /** The same trace with something else left. */
  private List<Finding> findings(String left) {
    List<Event> events =
        stored.trace().events().stream().map(event -> replaced(event, left)).toList();
    return judged(
        new StoredTrace(stored.header(), new Trace("changed", stored.trace().watching(), events)));
  }

  private static Event replaced(Event event, String left) {
    return event instanceof Event.Called called && called.event().equals("left")
        ? new Event.Called(called.at(), "left", new TreeMap<>(Map.of("what", left)))
        : event;
  }

  @Test
  public void whatHasTheNameOfANodeOfTheOverlayIsFound() {
    List<Finding> findings = findings(REGMAP);
    assertEquals(findings.stream().map(Finding::type).toList(), List.of(Finding.Type.LEFT));
    assertEquals(findings.get(0).object(), REGMAP);
  }

  @Test
  public void whatHasTheNameOfADeviceIsFound() {
    assertEquals(findings("device platform b000000.lr-syscon").size(), 1);
    assertEquals(findings("line gpio-496 (lr-line|lr-reboot )").size(), 1);
  }

  /** Of a kernel that looks for leaks; what its log counts of them says no more. */
  @Test
  public void memoryThatNothingPointsToIsFoundOnce() {
    List<Finding> findings = judged(StoredTrace.read(FOLDER.resolve("kmemleak.trace.gz")));
    assertEquals(findings.stream().map(Finding::type).toList(), List.of(Finding.Type.LEFT));
    assertTrue(
        findings.get(0).object().startsWith("leak of 256 bytes by platform_probe,really_probe"),
        findings.get(0).object());
  }

  /** A device of the base tree may be probed at any time. */
  @Test
  public void whatElseCameIsNoFinding() {
    assertEquals(findings("class leds/lr-b"), List.of());
    assertEquals(findings("device usb xlr-syscon@1"), List.of());
    assertEquals(findings("class leds/lr-rebooting"), List.of());
  }
}
