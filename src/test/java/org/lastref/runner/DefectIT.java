package org.lastref.runner;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.NullUnmarked;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Channel;
import org.lastref.fdt.OverlaySource;
import org.lastref.image.Images;
import org.lastref.model.Policy;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.lastref.offline.RemovalCase;
import org.lastref.target.Observation;
import org.lastref.verify.Exercise;
import org.lastref.verify.OverlayRemoval;
import org.lastref.verify.Verdict;
import org.lastref.verify.Verifier;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The defect itself, cycle after cycle, as the threads describe it: independent of any model. */
@NullUnmarked
public class DefectIT {

  private static final int CYCLES = 20;
  private static final Set<String> CHAIN = Set.of("/lr-osc", "/lr-div", "/lr-reg");

  private OverlaySource chain;
  private ArmedBoard lab;

  @BeforeClass
  void boot() throws IOException {
    Path project = Path.of("").toAbsolutePath();
    chain = OverlaySource.of(project.resolve("overlays/chain.dtso"));
    lab =
        ArmedBoard.open(
            BoardDefinition.load(project.resolve("boards/qemu-virt.yaml")),
            Images.ensure(project),
            Channel.SSH,
            project,
            Files.createDirectories(project.resolve("target/defect")));
  }

  @AfterClass(alwaysRun = true)
  void close() {
    if (lab != null) {
      lab.close();
    }
  }

  @DataProvider
  static Object[][] unfixed() {
    return new Object[][] {
      {Release.CALL_SRCU, Fix.NONE},
      {Release.SYSTEM_WQ, Fix.NONE},
      {Release.DEDICATED_WQ, Fix.NONE},
      {Release.CALL_SRCU, Fix.WAIT_REMOVAL},
      {Release.SYSTEM_WQ, Fix.WAIT_REMOVAL},
    };
  }

  @DataProvider
  static Object[][] fixed() {
    return new Object[][] {
      {Release.CALL_SRCU, Fix.SRCU_BARRIER},
      {Release.CALL_SRCU, Fix.SYNC_OVERLAY},
      {Release.SYSTEM_WQ, Fix.SYNC_OVERLAY},
      {Release.DEDICATED_WQ, Fix.SYNC_OVERLAY},
      {Release.DEDICATED_WQ, Fix.WAIT_REMOVAL},
    };
  }

  @Test(dataProvider = "unfixed")
  public void unfixedKernelReportsEveryNodeInEveryCycle(Release release, Fix fix) {
    for (int cycle = 0; cycle < CYCLES; cycle++) {
      Verdict verdict = cycle(new Policy(release, fix, Grace.SLOW));
      assertEquals(verdict.leaked(), CHAIN, "cycle " + cycle);
      assertTrue(verdict.conforms(), verdict.findings().toString());
    }
  }

  @Test(dataProvider = "fixed")
  public void fixedKernelReportsNothingInAnyCycle(Release release, Fix fix) {
    for (int cycle = 0; cycle < CYCLES; cycle++) {
      Verdict verdict = cycle(new Policy(release, fix, Grace.SLOW));
      assertTrue(verdict.keepsPromise(), "cycle " + cycle + ": " + verdict.leaked());
      assertTrue(verdict.conforms(), verdict.findings().toString());
    }
  }

  @Test
  public void wrongModelIsFoundOut() {
    Policy real = new Policy(Release.SYSTEM_WQ, Fix.NONE, Grace.SLOW);
    Policy claimed = new Policy(Release.DEDICATED_WQ, Fix.WAIT_REMOVAL, Grace.SLOW);
    Observation observation = once(removal(real));
    Exercise wrong = removal(claimed).exercise();
    Verdict verdict = Verifier.judge(wrong, observation.records().read("wrong model"));
    assertTrue(!verdict.conforms() && !verdict.keepsPromise(), "the leak was taken as modelled");
  }

  private OverlayRemoval removal(Policy policy) {
    return new RemovalCase(chain, policy).removal(lab.base(), lab.kernel());
  }

  private Verdict cycle(Policy policy) {
    OverlayRemoval removal = removal(policy);
    Observation observation = once(removal);
    return Verifier.judge(removal.exercise(), observation.records().read("chain"));
  }

  private Observation once(OverlayRemoval removal) {
    List<Observation> seen = new ArrayList<>();
    lab.run(chain, removal, 1, seen::add);
    return seen.get(0);
  }
}
