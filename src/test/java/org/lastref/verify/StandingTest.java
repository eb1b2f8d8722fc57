package org.lastref.verify;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.lastref.offline.TraceHeaders;
import org.lastref.trace.StoredTrace;
import org.testng.annotations.Test;

/** A removal that a kernel did not come back from, as it was recorded. */
public class StandingTest {

  private static final Path TRACE = Path.of("src/test/resources/traces/field/mux-first.trace.gz");

  private final Verdict verdict = verdict();

  private static Verdict verdict() {
    StoredTrace stored = StoredTrace.read(TRACE);
    OverlayRemoval removal = TraceHeaders.removal(Objects.requireNonNull(stored.header()), TRACE);
    return Verifier.judge(removal.promise(), stored.trace());
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
        seen.endsWith(
            ", most likely for i2c-0 to be released; it holds the lock of the device it unbinds"),
        seen);
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
