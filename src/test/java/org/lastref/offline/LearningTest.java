package org.lastref.offline;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.lastref.fault.InputFault;
import org.lastref.model.DriverProfile;
import org.lastref.model.Drivers;
import org.lastref.offline.Learning.Learnt;
import org.lastref.trace.StoredTrace;
import org.lastref.verify.OverlayRemoval;
import org.lastref.verify.Verdict;
import org.testng.annotations.Test;

/** From cycles as the kernel that has the drivers showed them. */
public class LearningTest {

  private static final Path FOLDER = Path.of("src/test/resources/traces/field");

  private static Learning.Result learnt(String overlay) {
    return Learning.from(
        List.of(FOLDER.resolve(overlay + "-1.trace.gz"), FOLDER.resolve(overlay + "-2.trace.gz")));
  }

  @Test
  public void aDriverIsToldByWhatItIsCompatibleWith() {
    DriverProfile bridge = learnt("graph-bridge").profiles().drivers().get(0);
    assertEquals(bridge.compatible(), List.of("dumb-vga-dac"));
    assertEquals(bridge.source(), "learnt of simple-bridge in 2 cycles on 6.1.192");
    assertEquals(bridge.taken(), List.of());
  }

  @Test
  public void whatWasLearntIsWhatTheCyclesShow() {
    Learning.Result result = learnt("graph-bridge");
    assertEquals(result.drivers().size(), 2);
    assertEquals(result.exact(), 2);
  }

  @Test
  public void whatNeverComesBackIsNoHabit() {
    Learning.Result result = learnt("clk-provider-stays");
    Learnt clock = result.drivers().get(result.drivers().size() - 1);
    assertEquals(clock.driver(), "cdce925");
    assertEquals(
        clock.remarks(),
        List.of(
            "the reference to /lr-i2c/clock-generator@65 that of_clk_add_hw_provider takes never"
                + " comes back"));
    assertEquals(result.exact(), 0);
  }

  @Test
  public void aFileOfItIsReadAsItWasWritten() {
    Drivers drivers = learnt("graph-bridge").profiles();
    assertEquals(Drivers.of(Path.of("drivers.yaml"), drivers.text()), drivers);
  }

  @Test
  public void aDriverThatDoesOtherwiseThanWasLearntIsFound() {
    Path file = FOLDER.resolve("graph-bridge-1.trace.gz");
    StoredTrace stored = StoredTrace.read(file);
    Drivers wrong =
        Drivers.of(
            Path.of("wrong.yaml"),
            """
            drivers:
            - compatible: [dumb-vga-dac]
              source: a person
              learnt: true
              holds:
              - {on: own-node, get: bridge_takes, put: bridge_returns}
            """);
    OverlayRemoval removal =
        TraceHeaders.removal(Objects.requireNonNull(stored.header()), file, wrong);
    Verdict verdict = RemovalOracle.of(removal).judge(stored.trace());
    assertTrue(
        verdict.findings().stream()
            .anyMatch(each -> each.sentence().contains("no get by bridge_takes")),
        "" + verdict.findings());
  }

  @Test
  public void fromATraceWithoutCallersNothingCanBeLearnt() {
    Path old = Path.of("src/test/resources/traces/pair-system-wq-none-slow.trace.gz");
    InputFault fault = expectThrows(InputFault.class, () -> Learning.from(List.of(old)));
    assertTrue(String.valueOf(fault.getMessage()).contains("nothing can be learnt"));
  }
}
