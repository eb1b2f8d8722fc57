package org.lastref.verify;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.lastref.offline.TraceHeaders;
import org.lastref.trace.StoredTrace;
import org.testng.annotations.Test;

/** A removal that a kernel did not come back from, as it was recorded. */
public class StandingTest {

  private static final Path TRACES = Path.of("src/test/resources/traces");

  private final Verdict verdict = verdict("field/mux-first");

  private static Verdict verdict(String trace) {
    Path file = TRACES.resolve(trace + ".trace.gz");
    StoredTrace stored = StoredTrace.read(file);
    OverlayRemoval removal = TraceHeaders.removal(Objects.requireNonNull(stored.header()), file);
    return Verifier.judge(removal.promise(), stored.trace());
  }

  private static void assertSaid(String trace, String... parts) {
    String seen = verdict(trace).findings().get(0).seen();
    for (String part : parts) {
      assertTrue(seen.contains(part), seen);
    }
  }

  /** Its references are all out, which says nothing. */
  @Test
  public void isTheOnlyFindingOfItsCycle() {
    assertEquals(
        verdict.findings().stream().map(Finding::type).toList(), List.of(Finding.Type.STANDS));
  }

  @Test
  public void isToldWithItsPlaceAndWithWhatItWaitsFor() {
    String seen = verdict.findings().get(0).seen();
    assertTrue(
        seen.startsWith("it waits without end in i2c_del_adapter \u2190 i2c_gpio_remove"), seen);
    assertTrue(
        seen.contains(
            ", most likely for i2c-0 to be released; it holds the lock of the device it unbinds"),
        seen);
  }

  /** Of a kernel that lists its locks: a driver's remove waits for a work that wants its lock. */
  @Test
  public void isToldWithWhoWaitsForItsLock() {
    assertSaid(
        "stands/locks-lockdep",
        "; it holds &dev->mutex (device_lock), ",
        "; meanwhile kworker/0:1+events (process 19) waits for &dev->mutex, which this holds, in"
            + " faulty_work");
  }

  /** The same where a kernel keeps no such list. */
  @Test
  public void isToldWithWhoElseWaitsAndWithTheLocksOfItsFunctions() {
    assertSaid(
        "stands/locks",
        "; it holds the lock of the device it unbinds, that of the notifiers, for reading, ",
        "; meanwhile kworker/0:1+events (process 19) waits in faulty_work");
  }

  /** They are let go of while drivers are told. */
  @Test
  public void doesNotHoldTheTreeWhileNotifiersRun() {
    assertFalse(
        Locks.held(List.of("a", "__of_changeset_revert_notify", "of_overlay_remove"))
            .contains("of_mutex"));
    assertEquals(Locks.held(List.of("a", "of_overlay_remove")), List.of("of_mutex"));
  }

  /** A function waits for its own lock, or for nothing. */
  @Test
  public void doesNotHoldWhatItsInnermostFunctionTakes() {
    assertEquals(Locks.held(List.of("device_release_driver_internal", "device_del")), List.of());
  }

  @Test
  public void isToldWithWhoHoldsThat() {
    assertTrue(
        verdict.holdings().stream().allMatch(holding -> holding.subject().name().equals("i2c-0")));
    assertTrue(
        verdict.holdings().stream()
            .anyMatch(
                holding ->
                    holding.function().equals("i2c_get_adapter")
                        && holding.device().equals("lr-mux")
                        && holding.driver().equals("i2c-mux-gpio")));
  }
}
