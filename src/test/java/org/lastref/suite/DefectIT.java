package org.lastref.suite;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.NullUnmarked;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Channel;
import org.lastref.image.Images;
import org.lastref.model.Policy;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.lastref.target.Observation;
import org.lastref.trace.TraceReader;
import org.lastref.verify.Scenario;
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

  private Shape chain;
  private Lab lab;

  @BeforeClass
  void boot() throws IOException {
    Path project = Path.of("").toAbsolutePath();
    chain = Shape.of(project.resolve("overlays/chain.dtso"));
    lab =
        Lab.open(
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
    Observation observation = lab.run(chain, new RemovalCase(chain, real).scenario(lab.base()));
    Scenario wrong = new RemovalCase(chain, claimed).scenario(lab.base());
    Verdict verdict = Verifier.judge(wrong, TraceReader.read(observation.trace(), "wrong model"));
    assertTrue(!verdict.conforms() && !verdict.keepsPromise(), "the leak was taken as modelled");
  }

  private Verdict cycle(Policy policy) {
    Scenario scenario = new RemovalCase(chain, policy).scenario(lab.base());
    Observation observation = lab.run(chain, scenario);
    return Verifier.judge(scenario, TraceReader.read(observation.trace(), "chain"));
  }
}
